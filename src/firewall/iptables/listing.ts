export type Counters = readonly [packets: number, bytes: number];

/** A rule line of a listing: where it stands in the text, and its counters where `-c` was given. */
export interface SavedRule {
  /** From `-A` to the end of the line. A slice of the listing: nothing is copied. */
  readonly line: string;
  readonly counters: Counters | null;
  /** Offset in the listing of the first character of the line, counters included. */
  readonly start: number;
}

export interface SavedChain {
  readonly name: string;
  /** ACCEPT, DROP, …; null for a user chain (printed as `-`). */
  readonly policy: string | null;
  readonly counters: Counters | null;
  readonly rules: SavedRule[];
}

export interface SavedTable {
  readonly name: string;
  readonly chains: Map<string, SavedChain>;
  /** False when the listing ended before this table's COMMIT. */
  committed: boolean;
}

export interface SavedListing {
  readonly tables: Map<string, SavedTable>;
  /** What could not be read, line by line; empty for a sound listing. */
  readonly problems: string[];
  /** Remarks of the tool itself about tables that it cannot print. */
  readonly remarks: string[];
  /** The header says `(nf_tables)`, or says a version without it; null without a header. */
  readonly backend: 'nft' | 'legacy' | null;
}

/** Reads `[packets:bytes]` at `at`; the counters and the offset past them and a blank, or null. */
function readCounters(text: string, at: number, end: number): { counters: Counters; next: number } | null {
  if (text.charCodeAt(at) !== 91) return null;
  const colon = text.indexOf(':', at);
  const close = text.indexOf(']', at);
  if (colon < 0 || close < colon || close >= end) return null;
  const packets = Number(text.slice(at + 1, colon));
  const bytes = Number(text.slice(colon + 1, close));
  if (!Number.isFinite(packets) || !Number.isFinite(bytes)) return null;
  let next = close + 1;
  while (next < end && text.charCodeAt(next) === 32) next++;
  return { counters: [packets, bytes], next };
}

function chainNameEnd(text: string, at: number, end: number): number {
  let i = at;
  while (i < end && text.charCodeAt(i) !== 32) i++;
  return i;
}

/** A saved file may leave out the declaration of a built-in chain: it is there anyway, with its policy ACCEPT. */
function builtinChain(table: SavedTable, name: string): SavedChain | undefined {
  if (!/^(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)$/.test(name)) return undefined;
  const chain: SavedChain = { name, policy: 'ACCEPT', counters: null, rules: [] };
  table.chains.set(name, chain);
  return chain;
}

/** `-N`, `-P` and `-I`, which files written by hand may hold: iptables-restore takes any command of iptables. */
function runCommand(table: SavedTable, line: string, start: number): boolean {
  const words = line.split(/\s+/);
  const [command, name = ''] = words;
  if (name === '') return false;
  if (command === '-N' || command === '--new-chain') {
    if (!table.chains.has(name)) table.chains.set(name, { name, policy: null, counters: null, rules: [] });
    return true;
  }
  const chain = table.chains.get(name) ?? builtinChain(table, name);
  if (!chain) return false;
  if (command === '-P' || command === '--policy') {
    table.chains.set(name, { ...chain, policy: words[2] ?? chain.policy });
    return words[2] !== undefined;
  }
  if (command !== '-I' && command !== '--insert') return false;
  const position = /^\d+$/.test(words[2] ?? '') ? Number(words[2]) : 1;
  const rest = line.replace(/^\S+\s+\S+(\s+\d+(?=\s|$))?/, '');
  chain.rules.splice(position - 1, 0, { line: `-A ${name}${rest}`, counters: null, start });
  return true;
}

/**
 * Reads what `iptables-save`, `ip6tables-save` (with or without `-c`) of either back end print, or a saved
 * rules file. Never throws: lines that are neither comment, table, chain, rule nor COMMIT become `problems`.
 * A table that is listed twice is read as iptables-restore would load it: the later one replaces the earlier.
 */
export function parseIptablesSave(text: string): SavedListing {
  const tables = new Map<string, SavedTable>();
  const problems: string[] = [];
  const remarks: string[] = [];
  let backend: 'nft' | 'legacy' | null = null;
  let table: SavedTable | null = null;
  let lastChain: SavedChain | null = null;
  const complain = (what: string, from: number, to: number) => {
    if (problems.length < 20) problems.push(`${what}: ${text.slice(from, Math.min(to, from + 160))}`);
  };
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const next = end + 1;
    if (end > start && text.charCodeAt(end - 1) === 13) end--;
    let at = start;
    while (at < end && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++;
    const c = at < end ? text.charCodeAt(at) : 35;
    if (c === 91 || c === 45) {
      const counted = c === 91 ? readCounters(text, at, end) : null;
      const ruleAt = counted ? counted.next : at;
      const isAppend = text.startsWith('-A ', ruleAt);
      if (table !== null && !isAppend && runCommand(table, text.slice(ruleAt, end), start)) lastChain = null;
      else if (table === null || !isAppend)
        complain(isAppend ? 'rule outside a table' : 'line not understood', at, end);
      else {
        const nameEnd = chainNameEnd(text, ruleAt + 3, end);
        let chain: SavedChain | null | undefined = lastChain;
        if (
          !chain ||
          !(chain.name.length === nameEnd - ruleAt - 3 && text.startsWith(chain.name, ruleAt + 3))
        ) {
          const name = text.slice(ruleAt + 3, nameEnd);
          chain = table.chains.get(name) ?? builtinChain(table, name);
        }
        if (!chain) complain(`rule of a chain that table ${table.name} does not declare`, at, end);
        else {
          lastChain = chain;
          chain.rules.push({
            line: text.slice(ruleAt, end),
            counters: counted ? counted.counters : null,
            start,
          });
        }
      }
    } else if (c === 58) {
      const parts = text.slice(at + 1, end).split(/\s+/);
      const name = parts[0] ?? '';
      const policy = parts[1] ?? '';
      if (table === null || name === '' || policy === '') complain('line not understood', at, end);
      else {
        const counters = parts[2] ? readCounters(parts[2], 0, parts[2].length) : null;
        table.chains.set(name, {
          name,
          policy: policy === '-' ? null : policy,
          counters: counters ? counters.counters : null,
          rules: [],
        });
        lastChain = null;
      }
    } else if (c === 42) {
      const name = text.slice(at + 1, end).trim();
      if (table && !table.committed) complain(`table ${table.name} has no COMMIT before`, at, end);
      table = { name, chains: new Map(), committed: false };
      lastChain = null;
      tables.set(name, table);
    } else if (c === 35) {
      const comment = text.slice(at, Math.min(end, at + 300));
      if (backend === null && /^# Generated by (?:x|ip6?)tables/.test(comment)) {
        backend =
          comment.includes('nf_tables') || comment.includes('-nft-') || comment.includes(' xtables')
            ? 'nft'
            : 'legacy';
      }
      if (/^# (Table|Warning)\b/.test(comment)) remarks.push(comment.slice(2));
    } else if (text.startsWith('COMMIT', at) && text.slice(at, end).trim() === 'COMMIT') {
      if (table === null) complain('COMMIT outside a table', at, end);
      else table.committed = true;
      table = null;
    } else complain('line not understood', at, end);
    start = next;
  }
  if (table) problems.push(`the listing ends inside table ${table.name} (no COMMIT)`);
  return { tables, problems, remarks, backend };
}
