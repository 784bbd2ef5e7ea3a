import type { Service } from '../model/model.ts';
import type { ListTree, MapEntry, MapTree, Tree } from '../yaml/tree.ts';
import { inPlaceOf, lineAt, lineEndOf, type Splice } from './splice.ts';

/** An edit, or why there is none. */
export type Proposal = { splice: Splice } | { reason: string };

/**
 * The edit that gives a service one more name in its extra_hosts: one more item of its own list or map, or the whole
 * key after its first short line. What is taken over from elsewhere by an anchor is copied, so that nobody else gets it.
 */
export function addHost({ name, tree }: Service, host: string): Proposal {
  if (tree.kind !== 'map') return { reason: `service ${name} has no lines of its own in the last file` };
  const entry = tree.entries.get('extra_hosts');
  if (!entry) return newKey(tree, [`${host}:host-gateway`]);
  const { value } = entry;
  if (value.kind === 'scalar' && !value.isNull)
    return { reason: 'its extra_hosts is neither a list nor a map' };
  if (!entry.own) return newKey(tree, [...wordsOf(value), `${host}:host-gateway`]);
  if (value.kind === 'scalar') return emptyKey(tree, entry, host);
  if (entry.alias) {
    const words = [...wordsOf(value), `${host}:host-gateway`].map((word) => `"${word}"`);
    return { splice: inPlaceOf(entry.written, `[${words.join(', ')}]`) };
  }
  return value.kind === 'list' ? oneMoreItem(value, host) : oneMoreEntry(value, host);
}

/** `name:address` of a list or map, as they are written. */
function wordsOf(tree: Tree): string[] {
  if (tree.kind === 'list') return tree.items.flatMap((item) => (item.kind === 'scalar' ? [item.text] : []));
  if (tree.kind === 'scalar') return [];
  return [...tree.entries].flatMap(([name, { value }]) =>
    value.kind === 'scalar' ? [`${name}:${value.text}`] : [],
  );
}

function oneMoreItem(list: ListTree, host: string): Proposal {
  const { text } = list.at.source;
  const last = list.items.at(-1);
  const word = quoted(`${host}:host-gateway`, last);
  if (list.flow) return intoFlow(text, list, word);
  if (!last) return { reason: 'its list of extra_hosts has no items to go by' };
  const line = lineAt(text, last.at.start);
  const lead = text.slice(line.start, last.at.start);
  if (!/^\s*-\s+$/u.test(lead)) return { reason: 'an item of extra_hosts is not on a line of its own' };
  return afterLine(list, last.at.end, lead + word);
}

function oneMoreEntry(map: MapTree, host: string): Proposal {
  const { text } = map.at.source;
  const own = [...map.entries.values()].filter((entry) => entry.own);
  const last = own.at(-1);
  if (map.flow) return intoFlow(text, map, `${host}: ${quoted('host-gateway', last?.value)}`);
  if (!last) return { reason: 'its map of extra_hosts has no entries to go by' };
  const lead = indentOf(text, last.key.start);
  if (lead === undefined) return { reason: 'an entry of extra_hosts is not on a line of its own' };
  return afterLine(map, endOf(last), `${lead}${host}: ${quoted('host-gateway', last.value)}`);
}

/** Behind the last thing in the brackets, else as the first. */
function intoFlow(text: string, tree: ListTree | MapTree, word: string): Proposal {
  const { at } = tree;
  const ends =
    tree.kind === 'list'
      ? tree.items.map((item) => item.at.end)
      : [...tree.entries.values()].filter((entry) => entry.own).map(endOf);
  const insert = (place: number, fresh: string): Proposal => ({
    splice: { path: at.source.path, start: place, end: place, text: fresh },
  });
  if (ends.length === 0) {
    const isEmpty = text.slice(at.start + 1, at.end - 1).trim() === '';
    return insert(at.start + 1, isEmpty ? word : `${word}, `);
  }
  const last = Math.max(...ends);
  if (last < at.start || last > at.end) return { reason: 'what is in it stands elsewhere' };
  if (!/^\s*,/u.test(text.slice(last, at.end))) return insert(last, `, ${word}`);
  return insert(text.indexOf(',', last) + 1, ` ${word},`);
}

/** `extra_hosts:` with nothing behind it. */
function emptyKey(tree: MapTree, entry: MapEntry, host: string): Proposal {
  if (tree.flow) return { splice: inPlaceOf(entry.written, ` ["${host}:host-gateway"]`) };
  const { source, end } = entry.key;
  const colon = source.text.indexOf(':', end) + 1;
  if (colon === 0) return { reason: 'extra_hosts is written in a way that is not understood' };
  return {
    splice: {
      path: source.path,
      start: colon,
      end: Math.max(colon, entry.written.end),
      text: ` ["${host}:host-gateway"]`,
    },
  };
}

/** The whole key, behind the first entry of the service that is one short line, else behind its last one. */
function newKey(tree: MapTree, words: readonly string[]): Proposal {
  const { text } = tree.at.source;
  const own = [...tree.entries.values()].filter((entry) => entry.own && entry.key.source === tree.at.source);
  const inside = own.filter((entry) => entry.key.start >= tree.at.start && entry.key.start < tree.at.end);
  if (tree.flow) return intoFlow(text, tree, `extra_hosts: [${words.map((word) => `"${word}"`).join(', ')}]`);
  const short = inside.find(
    (entry) => !entry.alias && entry.value.kind === 'scalar' && isOneLine(text, entry),
  );
  const behind = short ?? inside.at(-1);
  const lead = behind && indentOf(text, behind.key.start);
  if (!behind || lead === undefined) return { reason: 'the service has no line of its own to go by' };
  const end = lineEndOf(text);
  const step = stepOf(text, lead);
  const lines = words.map((word) => `${lead}${step}- "${word}"`);
  return afterLine(tree, endOf(behind), [`${lead}extra_hosts:`, ...lines].join(end));
}

function isOneLine(text: string, entry: MapEntry): boolean {
  return !/[\r\n]/u.test(text.slice(entry.key.start, entry.value.at.end));
}

/** New lines behind the line in which something ends; with its own line end, and none where the file has none at its end. */
function afterLine({ at }: Tree, offset: number, lines: string): Proposal {
  const { text, path } = at.source;
  const { end } = lineAt(text, offset);
  return { splice: { path, start: end, end, text: lineEndOf(text) + lines } };
}

/** The last offset of an entry's own text; a block ends with its deepest last line, not with the comments after it. */
function endOf({ value, alias, written }: MapEntry): number {
  return alias ? written.end : lastOf(value);
}

function lastOf(tree: Tree): number {
  if (tree.kind === 'scalar') {
    if (tree.style !== 'block') return tree.at.end;
    // The line feeds that a block scalar keeps belong to what follows.
    const { text } = tree.at.source;
    return tree.at.start + text.slice(tree.at.start, tree.at.end).trimEnd().length;
  }
  if (tree.flow) return tree.at.end;
  if (tree.kind === 'list') {
    const last = tree.items.at(-1);
    return last && last.at.start >= tree.at.start && last.at.end <= tree.at.end
      ? lastOf(last)
      : trimmed(tree);
  }
  const own = [...tree.entries.values()].filter((entry) => entry.own).at(-1);
  return own ? endOf(own) : trimmed(tree);
}

function trimmed({ at }: Tree): number {
  return at.start + at.source.text.slice(at.start, at.end).trimEnd().length;
}

/** What stands before a key on its line when that is blanks alone. */
function indentOf(text: string, keyStart: number): string | undefined {
  const lead = text.slice(lineAt(text, keyStart).start, keyStart);
  return /^[ ]*$/u.test(lead) ? lead : undefined;
}

/** Lists stand deeper than their key, or as deep: as most lists of the file do. */
function stepOf(text: string, lead: string): string {
  const pairs = [...text.matchAll(/^( *)[\w.-]+:[ \t]*(?:#.*)?\r?\n( *)- /gmu)];
  const level = pairs.filter(([, key, item]) => key === item).length;
  if (pairs.length > 0 && level * 2 > pairs.length) return '';
  const deeper = pairs.find(([, key = '', item = '']) => item.length > key.length);
  const [, key = '', item = ''] = deeper ?? [];
  return ' '.repeat(deeper ? item.length - key.length : Math.max(2, Math.min(lead.length / 2, 4)));
}

/** A word in the quotes that its neighbour has. */
function quoted(word: string, neighbour: Tree | undefined): string {
  if (neighbour?.kind !== 'scalar') return `"${word}"`;
  if (neighbour.style === 'single') return `'${word}'`;
  return neighbour.style === 'double' ? `"${word}"` : word;
}
