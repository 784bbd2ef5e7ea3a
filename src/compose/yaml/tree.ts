import type { Span } from '../source.ts';

/** A YAML value with the place where it is written. Aliases lead to the very node they name, so it is no tree in memory. */
export type Tree = ScalarTree | MapTree | ListTree;

export interface ScalarTree {
  kind: 'scalar';
  /** As the program gets it: quotes and escapes undone; a number or boolean as it is written. */
  text: string;
  /** True for nothing at all, `null` and `~`. */
  isNull: boolean;
  style: 'plain' | 'single' | 'double' | 'block';
  tag?: string;
  at: Span;
}

export interface MapTree {
  kind: 'map';
  entries: ReadonlyMap<string, MapEntry>;
  flow: boolean;
  tag?: string;
  at: Span;
}

export interface MapEntry {
  /** Where the key is written. */
  key: Span;
  value: Tree;
  /** False when it came in by `<<`. */
  own: boolean;
  /** True when the value is `*name` here. */
  alias: boolean;
  /** Where the value is written in this map: of an alias the `*name`. */
  written: Span;
}

export interface ListTree {
  kind: 'list';
  items: Tree[];
  flow: boolean;
  tag?: string;
  at: Span;
}
