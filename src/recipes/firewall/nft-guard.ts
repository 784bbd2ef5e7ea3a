import { guardTable } from '../../path/boot.ts';
import type { RulesetListing } from '../../facts/network.ts';
import type { FileChange } from '../../changes/change.ts';
import { parseItems } from './place.ts';

export const guardFile = '/etc/ollama-doctor/guard.nft';

/** What stays open: containers' subnets, and addresses of this host that were open before. */
export interface Exceptions {
  sources: readonly string[];
  destinations: readonly string[];
}

/**
 * A table of our own that drops what comes for the port from anywhere but this host and the exceptions. The file can
 * be loaded again and again: the table is made, removed and made anew in one transaction (nft(8), "nft -f").
 */
export function guardText(port: number, exceptions: Exceptions): string {
  return [
    '# Written by ollama-doctor; "ollama-doctor undo" takes it back.',
    `# Keeps port ${port} (Ollama) shut for everyone but this host and its containers.`,
    `# Loaded by a drop-in of Ollama's unit before Ollama listens.`,
    `table inet ${guardTable}`,
    `delete table inet ${guardTable}`,
    `table inet ${guardTable} {`,
    '\tchain input {',
    '\t\ttype filter hook input priority -10; policy accept;',
    '\t\tiifname "lo" accept',
    ...exceptions.sources.map((subnet) => `\t\t${familyOf(subnet)} saddr ${subnet} accept`),
    ...exceptions.destinations.map((address) => `\t\t${familyOf(address)} daddr ${address} accept`),
    `\t\ttcp dport ${port} counter drop comment "ollama-doctor"`,
    '\t}',
    '}',
    '',
  ].join('\n');
}

/** The text with one more subnet let through, for a guard that is in force; undefined where the text is not ours. */
export function withSource(text: string, subnet: string): string | undefined {
  const drop = /^\t\ttcp dport \d+ counter drop comment "ollama-doctor"$/mu.exec(text);
  if (!drop) return undefined;
  const line = `\t\t${familyOf(subnet)} saddr ${subnet} accept\n`;
  return text.includes(line) ? text : `${text.slice(0, drop.index)}${line}${text.slice(drop.index)}`;
}

/** The text with one subnet less let through; undefined where it does not let it through by a line of its own. */
export function withoutSource(text: string, subnet: string): string | undefined {
  const line = `\t\t${familyOf(subnet)} saddr ${subnet} accept\n`;
  return text.includes(line) ? text.replace(line, () => '') : undefined;
}

/** Writing the file and loading it. Undo loads what was there before, or removes the table. */
export function guardChange(before: string | null, after: string, summary: string): FileChange {
  const remove = `add table inet ${guardTable}; delete table inet ${guardTable}`;
  return {
    kind: 'file',
    summary,
    path: guardFile,
    before,
    after,
    attributes: { mode: 0o644 },
    thenRun: [['nft', '-f', guardFile]],
    thenRunOnUndo: [before === null ? ['nft', remove] : ['nft', '-f', guardFile]],
    visibleAfter: { argv: ['nft', 'list', 'tables'], line: `table inet ${guardTable}` },
    elevated: true,
  };
}

/** nft's listing as it will be with the guard of that text in force in place of any other of ours. */
export function withGuard(listings: readonly RulesetListing[], text: string): RulesetListing[] {
  const own = guardItems(text);
  const known = listings.some((listing) => listing.format === 'nft-json')
    ? listings
    : [
        ...listings,
        {
          format: 'nft-json',
          backend: 'nft',
          text: '{"nftables":[]}',
          source: 'nft -j list ruleset',
        } satisfies RulesetListing,
      ];
  return known.map((listing) => {
    const parsed = listing.format === 'nft-json' ? parseItems(listing.text || '{"nftables":[]}') : undefined;
    if (!parsed) return listing;
    const others = parsed.items.filter(
      ({ table, chain, rule }) =>
        table?.name !== guardTable && chain?.table !== guardTable && rule?.table !== guardTable,
    );
    return { ...listing, text: JSON.stringify({ ...parsed.whole, nftables: [...others, ...own] }) };
  });
}

/** What `nft -j list ruleset` says of a guard (measured with nft 1.0.6), for judging it before it is loaded. */
function guardItems(text: string): object[] {
  const place = { family: 'inet', table: guardTable, chain: 'input' };
  const rules = [...text.matchAll(/^\t\t(.+)$/gmu)].flatMap(([, line = '']) => {
    const expr = expressionOf(line);
    return expr ? [{ rule: { ...place, handle: 0, expr } }] : [];
  });
  return [
    { table: { family: 'inet', name: guardTable, handle: 0 } },
    {
      chain: {
        family: 'inet',
        table: guardTable,
        name: 'input',
        handle: 0,
        type: 'filter',
        hook: 'input',
        prio: -10,
        policy: 'accept',
      },
    },
    ...rules,
  ];
}

function expressionOf(line: string): object[] | undefined {
  if (line === 'iifname "lo" accept') return [equals({ meta: { key: 'iifname' } }, 'lo'), { accept: null }];
  const address = /^(ip6?) ([sd]addr) (\S+) accept$/u.exec(line);
  if (address) {
    const [, protocol, field, value = ''] = address;
    const [addr, length] = value.split('/');
    const right = length === undefined ? addr : { prefix: { addr, len: Number(length) } };
    return [equals({ payload: { protocol, field } }, right), { accept: null }];
  }
  const port = /^tcp dport (\d+) counter drop/u.exec(line);
  if (!port) return undefined;
  const left = { payload: { protocol: 'tcp', field: 'dport' } };
  return [equals(left, Number(port[1])), { counter: { packets: 0, bytes: 0 } }, { drop: null }];
}

function equals(left: unknown, right: unknown): object {
  return { match: { op: '==', left, right } };
}

function familyOf(address: string): 'ip' | 'ip6' {
  return address.includes(':') ? 'ip6' : 'ip';
}
