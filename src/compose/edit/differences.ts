import type { Tree } from '../yaml/tree.ts';

/** A node that is not as it was: added where `before` is absent, gone where `after` is. */
export interface Difference {
  path: readonly string[];
  before?: Tree;
  after?: Tree;
}

/** Differences found, at the most; an edit makes one or two. */
const most = 200;

/**
 * What differs between two trees, by value. Shared nodes are compared once for each pair of them, so that aliases cost
 * nothing; a changed node that many aliases lead to is one difference.
 */
export function differences(before: readonly Tree[], after: readonly Tree[]): Difference[] {
  const seen = new Map<Tree, Set<Tree>>();
  const found: Difference[] = [];
  const add = (difference: Difference): void => void (found.length < most && found.push(difference));

  function compare(path: readonly string[], one: Tree | undefined, other: Tree | undefined): void {
    if (!one || !other) {
      if (one || other) add({ path, ...(one && { before: one }), ...(other && { after: other }) });
      return;
    }
    const known = seen.get(one) ?? new Set<Tree>();
    if (known.has(other)) return;
    seen.set(one, known.add(other));
    if (one.kind === 'map' && other.kind === 'map' && one.tag === other.tag) {
      for (const key of new Set([...one.entries.keys(), ...other.entries.keys()]))
        compare([...path, key], one.entries.get(key)?.value, other.entries.get(key)?.value);
    } else if (one.kind === 'list' && other.kind === 'list' && one.tag === other.tag) {
      for (let index = 0; index < Math.max(one.items.length, other.items.length); index += 1)
        compare([...path, String(index)], one.items[index], other.items[index]);
    } else if (!isSameScalar(one, other)) add({ path, before: one, after: other });
  }

  for (let index = 0; index < Math.max(before.length, after.length); index += 1)
    compare([String(index)], before[index], after[index]);
  return found;
}

function isSameScalar(one: Tree, other: Tree): boolean {
  return (
    one.kind === 'scalar' &&
    other.kind === 'scalar' &&
    one.text === other.text &&
    one.isNull === other.isNull &&
    one.tag === other.tag
  );
}
