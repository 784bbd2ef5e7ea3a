import { interpolate } from '../interpolate.ts';
import { ComposeProblem } from '../problem.ts';
import { placeOf, type Span } from '../source.ts';
import type { MapTree, ScalarTree, Tree } from '../yaml/tree.ts';
import type { ComposeWarning, Written } from './model.ts';

/** What reading a file needs besides its tree: variables, and a place for warnings. */
export interface Scope {
  lookup: (name: string) => string | undefined;
  warn: (warning: ComposeWarning) => void;
}

/** A scalar with its variables put in. What is not set is empty, with a warning, as with compose. */
export function written(tree: ScalarTree, scope: Scope): Written {
  return writtenText(tree.text, tree.at, scope);
}

/** The same of a part of a scalar's text. @throws ComposeProblem for a `$` that compose refuses */
export function writtenText(raw: string, at: Span, scope: Scope): Written {
  const { text, variables, unset, refused } = interpolate(raw, scope.lookup);
  if (refused?.kind === 'syntax')
    throw new ComposeProblem(refused.reason, placeOf(at), 'write $$ for a dollar that is no variable');
  if (refused) scope.warn({ message: refused.reason, at, refuses: true });
  for (const name of new Set(unset)) {
    scope.warn({ message: `the variable ${name} is not set: it is empty here`, at, refuses: false });
  }
  return { value: refused ? '' : text, raw, at, variables };
}

/** The map that a key must hold; undefined for nothing. @throws ComposeProblem for anything else */
export function mapAt(tree: Tree | undefined, what: string): MapTree | undefined {
  if (tree === undefined || isNothing(tree)) return undefined;
  if (tree.kind !== 'map') throw wrong(tree, `${what} must be a map`);
  return tree;
}

/** A list, or one scalar in its place. */
export function listAt(tree: Tree | undefined, what: string): Tree[] {
  if (tree === undefined || isNothing(tree)) return [];
  if (tree.kind === 'map') throw wrong(tree, `${what} must be a list`);
  return tree.kind === 'list' ? tree.items : [tree];
}

/** Scalars of a list; undefined entries of other kinds are an error. */
export function scalarsAt(tree: Tree | undefined, what: string): ScalarTree[] {
  return listAt(tree, what).map((item) => {
    if (item.kind !== 'scalar') throw wrong(item, `${what} takes texts`);
    return item;
  });
}

export function scalarAt(tree: Tree | undefined, what: string): ScalarTree | undefined {
  if (tree === undefined || isNothing(tree)) return undefined;
  if (tree.kind !== 'scalar') throw wrong(tree, `${what} must be a text`);
  return tree;
}

export function isNothing(tree: Tree): boolean {
  return tree.kind === 'scalar' && tree.isNull;
}

export function wrong(tree: Tree, message: string): ComposeProblem {
  return new ComposeProblem(message, placeOf(tree.at));
}

/** A YAML boolean, or a text that compose takes for one. */
export function isTrue(tree: Tree | undefined, scope: Scope): boolean {
  return tree?.kind === 'scalar' && /^(?:true|yes|on|y|1)$/iu.test(written(tree, scope).value);
}
