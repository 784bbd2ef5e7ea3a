import { isWhite, lineStart, SavedChain, skipCounters, wordEnd } from './chain.ts';

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

function pastWhite(text: string, at: number, end: number): number {
  let next = at;
  while (next < end && isWhite(text, next)) next++;
  return next;
}

/** Does the word at `at` read `name`? */
function isNamedAt(text: string, at: number, end: number, name: string): boolean {
  const after = at + name.length;
  return (after === end || text.charCodeAt(after) === 32) && text.startsWith(name, at);
}

/** The chain whose name stands at `at`. */
function chainAt(text: string, at: number, end: number, table: SavedTable): SavedChain | undefined {
  let nameEnd = at;
  while (nameEnd < end && text.charCodeAt(nameEnd) !== 32) nameEnd++;
  const name = text.slice(at, nameEnd);
  return table.chains.get(name) ?? builtinChain(text, table, name);
}

/** A saved file may leave out the declaration of a built-in chain: it is there anyway, with its policy ACCEPT. */
function builtinChain(text: string, table: SavedTable, name: string): SavedChain | undefined {
  if (!/^(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)$/.test(name)) return undefined;
  const chain = new SavedChain(text, name, 'ACCEPT');
  table.chains.set(name, chain);
  return chain;
}

/** `-N`, `-P` and `-I`, which files written by hand may hold: iptables-restore takes any command of iptables. */
function runCommand(text: string, table: SavedTable, line: string, start: number): boolean {
  const words = line.split(/\s+/);
  const [command, name = ''] = words;
  if (name === '') return false;
  if (command === '-N' || command === '--new-chain') {
    if (!table.chains.has(name)) table.chains.set(name, new SavedChain(text, name, null));
    return true;
  }
  const chain = table.chains.get(name) ?? builtinChain(text, table, name);
  if (!chain) return false;
  if (command === '-P' || command === '--policy') {
    chain.policy = words[2] ?? chain.policy;
    return words[2] !== undefined;
  }
  if (command !== '-I' && command !== '--insert') return false;
  const position = /^\d+$/.test(words[2] ?? '') ? Number(words[2]) : 1;
  const rest = line.replace(/^\S+\s+\S+(\s+\d+(?=\s|$))?/, '');
  chain.insert(position, { line: `-A ${name}${rest}`, counters: null, start });
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
    const at = lineStart(text, start, end);
    const c = at < end ? text.charCodeAt(at) : 35;
    if (c === 91 || c === 45) {
      const ruleAt = skipCounters(text, at, end);
      const isAppend = text.startsWith('-A ', ruleAt);
      if (table !== null && !isAppend && runCommand(text, table, text.slice(ruleAt, end), start))
        lastChain = null;
      else if (table === null || !isAppend)
        complain(isAppend ? 'rule outside a table' : 'line not understood', at, end);
      else {
        const chain: SavedChain | undefined =
          lastChain !== null && isNamedAt(text, ruleAt + 3, end, lastChain.name)
            ? lastChain
            : chainAt(text, ruleAt + 3, end, table);
        if (!chain) complain(`rule of a chain that table ${table.name} does not declare`, at, end);
        else {
          lastChain = chain;
          chain.append(ruleAt);
        }
      }
    } else if (c === 58) {
      const nameEnd = wordEnd(text, at + 1, end);
      const policyAt = pastWhite(text, nameEnd, end);
      const policyEnd = wordEnd(text, policyAt, end);
      const countersAt = pastWhite(text, policyEnd, end);
      if (table === null || nameEnd === at + 1 || policyEnd === policyAt)
        complain('line not understood', at, end);
      else {
        const name = text.slice(at + 1, nameEnd);
        const isUser = policyEnd === policyAt + 1 && text.charCodeAt(policyAt) === 45;
        const policy = isUser ? null : text.slice(policyAt, policyEnd);
        table.chains.set(name, new SavedChain(text, name, policy, countersAt < end ? countersAt : -1));
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
