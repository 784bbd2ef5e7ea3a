import type { ExecResult } from './process.ts';

/**
 * A host's rulesets as text, such that two hosts whose rules are equal in effect give equal values: without
 * comments, counters, built-in chains that hold no rule and accept, and tables that hold nothing else.
 */
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
  const texts = await Promise.all(
    listings.map(async (argv) => {
      const text = withoutCounters((await exec(argv)).stdout);
      return argv[0] === 'nft' ? withoutIdleNft(text) : withoutIdleTables(text);
    }),
  );
  const [iptables = '', ip6tables = '', iptablesLegacy = '', ip6tablesLegacy = '', nft = ''] = texts;
  return { iptables, ip6tables, iptablesLegacy, ip6tablesLegacy, nft };
}

export function withoutCounters(listing: string): string {
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

/** Drops, from iptables-save's format, accepting built-in chains without rules and tables without anything. */
export function withoutIdleTables(listing: string): string {
  const tables = listing.split(/^(?=\*)/m).map((table) => {
    const kept = table.split('\n').filter((line) => {
      const chain = /^:(\S+) ACCEPT$/.exec(line)?.[1];
      return line !== '' && (chain === undefined || table.includes(`\n-A ${chain} `));
    });
    return kept.length > 2 ? kept.join('\n') : '';
  });
  return tables.filter((table) => table !== '').join('\n');
}

/** The same for the format of `nft list ruleset`. */
export function withoutIdleNft(listing: string): string {
  return listing
    .replace(/^\tchain \S+ \{\n\t\ttype .*policy accept;\n\t\}\n+/gm, '')
    .replace(/^table .*\{\n+\}\n*/gm, '');
}

const dockers = /docker|br-[0-9a-f]{12}|saddr 172\./iu;

/**
 * The same for comparing across a reboot, which lets Docker lay its own rules in another order: those as a set, all
 * others as they stand.
 */
export function apartFromDocker(rules: Rules): [string, string[], string[]][] {
  return Object.entries(rules).map(([name, text]: [string, string]) => {
    const lines = text.split('\n');
    return [name, lines.filter((line) => !dockers.test(line)), lines.sort()];
  });
}
