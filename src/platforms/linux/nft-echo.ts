/** An object of nft's listing by its kind: `{"rule": {"family": "inet", …}}` (libnftables-json(5)). */
type Item = Record<string, Record<string, unknown>>;

/**
 * What a script for nft leaves in an empty kernel, in the form of `nft -j list ruleset`, from what
 * `nft -j --echo -f SCRIPT` prints as it loads it: one `{"add": {…}}` an object (measured with nft 1.0.6 and 1.1.3; the
 * deletion of a table is not echoed, and shows by the handle of the one that is made after it).
 * @returns undefined for what is no such output, or where it holds more than additions. Never throws.
 */
export function listingFromEcho(text: string): string | undefined {
  let echoed: unknown;
  try {
    // A script that adds nothing (`flush ruleset` alone) is echoed as nothing at all.
    echoed = text.trim() === '' ? { nftables: [] } : JSON.parse(text);
  } catch {
    return undefined;
  }
  const steps = (echoed as { nftables?: unknown } | null)?.nftables;
  if (!Array.isArray(steps)) return undefined;
  let items: Item[] = [];
  for (const step of steps as unknown[]) {
    if (typeof step !== 'object' || step === null) return undefined;
    const [verb, object] = Object.entries(step)[0] ?? [];
    if (verb === 'metainfo') continue;
    if ((verb !== 'add' && verb !== 'insert') || typeof object !== 'object' || object === null)
      return undefined;
    const added = take(items, object as Item, verb);
    if (!added) return undefined;
    items = added;
  }
  return JSON.stringify({ nftables: items });
}

function take(items: Item[], item: Item, verb: 'add' | 'insert'): Item[] | undefined {
  const [kind = '', value] = Object.entries(item)[0] ?? [];
  if (typeof value !== 'object' || value === null) return undefined;
  if (kind === 'table') {
    // Made again: the one of that name, and all it had, was deleted in between.
    const others = items.filter((one) => !isOfTable(one, value['family'], value['name']));
    return [...others, item];
  }
  if (kind === 'element') return withElements(items, value);
  if (verb === 'add') return [...items, item];
  if (kind !== 'rule' || 'index' in value || 'position' in value) return undefined;
  const first = items.findIndex(
    ({ rule }) =>
      rule?.['family'] === value['family'] &&
      rule?.['table'] === value['table'] &&
      rule?.['chain'] === value['chain'],
  );
  return first < 0 ? [...items, item] : items.toSpliced(first, 0, item);
}

function isOfTable(item: Item, family: unknown, table: unknown): boolean {
  return Object.entries(item).some(
    ([kind, value]) => value['family'] === family && value[kind === 'table' ? 'name' : 'table'] === table,
  );
}

/** Elements are echoed apart from their set, or map. */
function withElements(items: Item[], value: Record<string, unknown>): Item[] | undefined {
  const elements = (value['elem'] as { set?: unknown } | undefined)?.set ?? value['elem'];
  const added: unknown[] = Array.isArray(elements) ? elements : [elements];
  let isFound = false;
  const next = items.map((item): Item => {
    const [kind = '', set] = Object.entries(item)[0] ?? [];
    if ((kind !== 'set' && kind !== 'map') || !set) return item;
    if (['family', 'table', 'name'].some((key) => set[key] !== value[key])) return item;
    isFound = true;
    const known: unknown[] = Array.isArray(set['elem']) ? set['elem'] : [];
    return { [kind]: { ...set, elem: [...known, ...added] } };
  });
  return isFound ? next : undefined;
}
