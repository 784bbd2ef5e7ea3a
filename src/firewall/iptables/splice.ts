import { parseIptablesSave } from './listing.ts';

/** Which line to put into a saved rules file, and where. */
export interface Splice {
  readonly table: string;
  readonly chain: string;
  /**
   * Ahead of which rule of the chain: its position from 1, or its line as the file or a listing has it.
   * Absent, or not in the file: at the head of the chain.
   */
  readonly before?: number | string | undefined;
  /** The whole rule, `-A CHAIN …`. */
  readonly line: string;
}

const POLICY_CHAINS: Readonly<Record<string, readonly string[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** The block that `spliceIptablesSave` appends where the file has no such table. */
function minimalTable({ table, chain, line }: Splice, eol: string): string {
  const builtin = POLICY_CHAINS[table] ?? [];
  const declared = builtin.map((name) => `:${name} ACCEPT [0:0]`);
  if (!builtin.includes(chain)) declared.push(`:${chain} - [0:0]`);
  return [`*${table}`, ...declared, line, 'COMMIT', ''].join(eol);
}

/** Offset in the text of the line `wanted` names within the lines of the table; -1 when there is none. */
function lineStart(text: string, table: string, wanted: (line: string) => boolean, last = false): number {
  let inside = false;
  let found = -1;
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const line = text.slice(start, end).trim();
    if (line.startsWith('*')) inside = line.slice(1).trim() === table;
    else if (inside && wanted(line)) {
      if (!last) return start;
      found = start;
    }
    if (inside && line === 'COMMIT') inside = false;
    start = end + 1;
  }
  return found;
}

/**
 * Puts exactly one rule line into the text of a saved rules file (`rules.v4` and the like); every other byte
 * stays as it is. Where the file lacks the table, a minimal one with policies ACCEPT is appended.
 * @returns the new text; the same text when the line is in that chain already
 */
export function spliceIptablesSave(text: string, splice: Splice): string {
  const eol = newlineOf(text);
  const { table, chain, line } = splice;
  const isRuleOf = (l: string) =>
    new RegExp(String.raw`^(\[\d+:\d+\]\s*)?-A\s`).test(l) && bare(l).split(/\s/)[1] === chain;
  if (lineStart(text, table, (l) => bare(l) === line) >= 0) return text;
  const saved = parseIptablesSave(text).tables.get(table);
  const commit = lineStart(text, table, (l) => l === 'COMMIT');
  if (!saved || commit < 0) {
    const gap = text === '' || text.endsWith('\n') ? '' : eol;
    return `${text}${gap}${minimalTable(splice, eol)}`;
  }
  let at = -1;
  if (typeof splice.before === 'number') at = saved.chains.get(chain)?.rule(splice.before - 1)?.start ?? -1;
  else if (splice.before !== undefined) {
    const wanted = bare(splice.before);
    at = lineStart(text, table, (l) => bare(l) === wanted);
  }
  if (at < 0) at = lineStart(text, table, isRuleOf);
  if (at < 0) at = lineStart(text, table, (l) => l.startsWith('-A ') || l.startsWith('['));
  if (at < 0) at = commit;
  const declared = saved.chains.has(chain) || (POLICY_CHAINS[table] ?? []).includes(chain);
  if (declared) return `${text.slice(0, at)}${line}${eol}${text.slice(at)}`;
  const declareAt = lineStart(text, table, (l) => l.startsWith('-A ') || l.startsWith('[') || l === 'COMMIT');
  return `${text.slice(0, declareAt)}:${chain} - [0:0]${eol}${text.slice(declareAt, at)}${line}${eol}${text.slice(at)}`;
}

/** A rule line without its counters and surrounding blanks. */
function bare(line: string): string {
  return line.trim().replace(/^\[\d+:\d+\]\s*/, '');
}

/**
 * Takes a line put in by `spliceIptablesSave` out again: that line alone, or the whole table when it is still
 * exactly the minimal one that was appended for it. Everything that was changed in the file since stays.
 * @returns the new text; the same text when the line is not there
 */
export function unspliceIptablesSave(text: string, splice: Splice): string {
  const eol = newlineOf(text);
  const block = minimalTable(splice, eol);
  if (text.endsWith(block)) return text.slice(0, text.length - block.length);
  const at = lineStart(text, splice.table, (l) => bare(l) === splice.line);
  if (at < 0) return text;
  const end = text.indexOf('\n', at);
  return text.slice(0, at) + (end < 0 ? '' : text.slice(end + 1));
}
