import type { ExecResult } from './process.ts';

/** A host's rulesets as text, without comments and counters: two hosts with equal rules give equal values. */
export interface Rules {
  iptables: string;
  ip6tables: string;
  iptablesLegacy: string;
  ip6tablesLegacy: string;
  nft: string;
}

/** @param exec runs a command in the host, as root; a listing that cannot be had (no such kernel part) is empty */
export async function readRules(exec: (argv: readonly string[]) => Promise<ExecResult>): Promise<Rules> {
  const listings = [
    ['iptables-save'],
    ['ip6tables-save'],
    ['iptables-legacy-save'],
    ['ip6tables-legacy-save'],
    ['nft', 'list', 'ruleset'],
  ];
  const texts = await Promise.all(listings.map(async (argv) => withoutCounters((await exec(argv)).stdout)));
  const [iptables = '', ip6tables = '', iptablesLegacy = '', ip6tablesLegacy = '', nft = ''] = texts;
  return { iptables, ip6tables, iptablesLegacy, ip6tablesLegacy, nft };
}

function withoutCounters(listing: string): string {
  return listing
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) =>
      line
        .replace(/^(:\S+ \S+) \[\d+:\d+\]$/, '$1')
        .replace(/^\[\d+:\d+\] /, '')
        .replace(/counter packets \d+ bytes \d+/, 'counter')
        .trimEnd(),
    )
    .join('\n');
}
