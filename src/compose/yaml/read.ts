import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseAllDocuments } from 'yaml';
import { ComposeProblem } from '../problem.ts';
import { placeOf, type Source } from '../source.ts';
import type { MapEntry, ScalarTree, Tree } from './tree.ts';

/** Entries that maps get by `<<` in one file, at the most: a bomb of merge keys would make ever more of them. */
const mostMerged = 100_000;

/**
 * Reads a YAML text: one tree a document. Each node is turned into a tree once, however many aliases lead to it, so
 * that a bomb of aliases costs no more than its text. `<<` is taken apart as compose does (YAML 1.1's merge key).
 *
 * @throws ComposeProblem with line and column for what is not YAML, keys that are there twice, aliases that lead
 * nowhere or into themselves
 */
export function readYaml(source: Source): Tree[] {
  try {
    return readDocuments(source);
  } catch (error) {
    // The stack is what ends on a text that is nested a thousand times.
    if (!(error instanceof RangeError)) throw error;
    throw new ComposeProblem('this is nested too deeply', { file: source.path, line: 1, column: 1 });
  }
}

function readDocuments(source: Source): Tree[] {
  const documents = parseAllDocuments(source.text, {
    prettyErrors: false,
    logLevel: 'silent',
    merge: false,
    strict: true,
  });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error) {
      const at = placeOf({ source, start: error.pos[0] });
      throw new ComposeProblem(wordsOf(error.code, error.message), at, hintOf(error.code));
    }
    const root = document.contents;
    return root === null ? [] : [new Reader(source).read(root)];
  });
}

/** Errors of the `yaml` package by their codes, where its own words are for programmers. */
function wordsOf(code: string, message: string): string {
  const words: Record<string, string> = {
    DUPLICATE_KEY: 'this key is there twice in the same map',
    TAB_AS_INDENT: 'a tab where YAML wants blanks',
    BAD_INDENT: 'indented otherwise than what it belongs to',
    MISSING_CHAR: message,
    UNEXPECTED_TOKEN: 'this is not YAML here',
  };
  return `not valid YAML: ${words[code] ?? firstLine(message)}`;
}

function hintOf(code: string): string {
  return code === 'TAB_AS_INDENT' ? 'indent with blanks' : '';
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.charAt(0).toLowerCase() + line.slice(1);
}

class Reader {
  private readonly source: Source;
  private readonly known = new Map<Node, Tree>();
  private readonly anchors = new Map<string, Node>();
  private readonly open = new Set<Node>();
  private merged = 0;

  constructor(source: Source) {
    this.source = source;
  }

  read(node: unknown, near = 0): Tree {
    const { source } = this;
    if (isAlias(node)) {
      const target = this.anchors.get(node.source);
      const start = node.range?.[0] ?? near;
      if (!target) throw this.problem(`there is no anchor &${node.source} before this`, start);
      if (this.open.has(target)) throw this.problem(`*${node.source} is inside of &${node.source}`, start);
      return this.read(target);
    }
    if (!isScalar(node) && !isMap(node) && !isSeq(node))
      return {
        kind: 'scalar',
        text: '',
        isNull: true,
        style: 'plain',
        at: { source, start: near, end: near },
      };
    const known = this.known.get(node);
    if (known) return known;
    if (node.anchor !== undefined) this.anchors.set(node.anchor, node);
    this.open.add(node);
    const tree = this.fresh(node, near);
    this.open.delete(node);
    this.known.set(node, tree);
    return tree;
  }

  private fresh(node: Node, near: number): Tree {
    const [start, end] = node.range ?? [near, near];
    const at = { source: this.source, start, end };
    const tag = isAlias(node) || node.tag === undefined ? {} : { tag: node.tag };
    if (isMap(node))
      return { kind: 'map', entries: this.entries(node.items), flow: node.flow === true, at, ...tag };
    if (isSeq(node))
      return {
        kind: 'list',
        items: node.items.map((item) => this.read(item, start)),
        flow: node.flow === true,
        at,
        ...tag,
      };
    if (!isScalar(node)) throw this.problem('this kind of node has no place in a compose file', start);
    return { ...scalar(node.value, node.source, node.type), at, ...tag };
  }

  private entries(pairs: readonly Pair[]): Map<string, MapEntry> {
    const own = new Map<string, MapEntry>();
    const merges: MapEntry[] = [];
    for (const pair of pairs) {
      const key = this.read(pair.key);
      if (key.kind !== 'scalar') throw this.problem('a map or list cannot be a key here', key.at.start);
      const value = this.read(pair.value, key.at.end);
      const written = (pair.value as Node | null)?.range;
      const entry: MapEntry = {
        key: key.at,
        value,
        own: true,
        alias: isAlias(pair.value),
        written: written ? { source: this.source, start: written[0], end: written[1] } : value.at,
      };
      if (key.text === '<<' && key.style === 'plain') merges.push(entry);
      else own.set(key.text, entry);
    }
    for (const merge of merges) this.merge(own, merge);
    return own;
  }

  /** What is there wins over what comes in; of several maps the earlier one wins (yaml.org/type/merge). */
  private merge(into: Map<string, MapEntry>, { value, key }: MapEntry): void {
    const maps = value.kind === 'list' ? value.items : [value];
    for (const map of maps) {
      if (map.kind === 'scalar' && map.isNull) continue;
      if (map.kind !== 'map') throw this.problem('<< takes a map, or a list of maps', key.start);
      for (const [name, entry] of map.entries) {
        this.merged += 1;
        if (this.merged > mostMerged)
          throw this.problem('merge keys blow this file up beyond all measure', key.start);
        if (!into.has(name)) into.set(name, { ...entry, own: false });
      }
    }
  }

  private problem(message: string, start: number): ComposeProblem {
    return new ComposeProblem(message, placeOf({ source: this.source, start }));
  }
}

function scalar(
  value: unknown,
  written: string | undefined,
  type: string | undefined,
): Pick<ScalarTree, 'kind' | 'text' | 'isNull' | 'style'> {
  const styles: Record<string, ScalarTree['style']> = {
    QUOTE_SINGLE: 'single',
    QUOTE_DOUBLE: 'double',
    BLOCK_LITERAL: 'block',
    BLOCK_FOLDED: 'block',
  };
  const isNull = value === null || value === undefined;
  const text = typeof value === 'string' ? value : isNull ? '' : (written ?? '');
  return { kind: 'scalar', text, isNull, style: styles[type ?? ''] ?? 'plain' };
}
