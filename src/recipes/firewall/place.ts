import type { RulesetListing } from '../../facts/network.ts';
import { parseIptablesSave } from '../../firewall/index.ts';
import { withoutCounters } from '../../changes/visible.ts';

/** Where a rule of iptables goes. */
export interface RulePlace {
  family: 4 | 6;
  backend: 'nft' | 'legacy';
  table: string;
  chain: string;
  /** Its number once it is there, from 1; one more than the chain has rules appends it. */
  position: number;
}

/**
 * The listings as they will be with one rule more: in the iptables-save listing of that family and backend, and in
 * nft's where that lists the table too. A missing listing, table or chain is added (a built-in one with policy ACCEPT,
 * as iptables makes it).
 * @param line `-A CHAIN …` as iptables-save prints it
 */
export function withRule(
  listings: readonly RulesetListing[],
  place: RulePlace,
  line: string,
): RulesetListing[] {
  const format = place.family === 4 ? 'iptables-save' : 'ip6tables-save';
  const isOwn = (listing: RulesetListing): boolean =>
    listing.format === format && (listing.backend ?? 'nft') === place.backend;
  const known = listings.some(isOwn)
    ? listings
    : [...listings, { format, backend: place.backend, text: '', source: format } satisfies RulesetListing];
  return known.map((listing) => {
    if (isOwn(listing)) return { ...listing, text: withLine(listing.text, place, line) };
    if (listing.format === 'nft-json' && place.backend === 'nft')
      return { ...listing, text: withJsonRule(listing.text, place) };
    return listing;
  });
}

/** The same in the text of one listing or saved file. */
export function withLine(
  text: string,
  place: { table: string; chain: string; position: number },
  line: string,
): string {
  const { table, chain, position } = place;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const saved = parseIptablesSave(text).tables.get(table);
  const isBuiltIn = chain === chain.toUpperCase() && builtIn.has(chain);
  const declaration = `:${chain} ${isBuiltIn ? 'ACCEPT' : '-'} [0:0]`;
  if (!saved) {
    const gap = text === '' || text.endsWith('\n') ? '' : eol;
    return `${text}${gap}${[`*${table}`, declaration, line, 'COMMIT', ''].join(eol)}`;
  }
  const header = new RegExp(String.raw`^\*${escape(table)}[ \t]*\r?\n`, 'mu').exec(text);
  const start = header ? header.index + header[0].length : 0;
  const rules = saved.chains.get(chain)?.rules ?? [];
  const at = rules[position - 1]?.start ?? endOfChain(text, start, rules.at(-1)?.start);
  const inserted = `${text.slice(0, at)}${line}${eol}${text.slice(at)}`;
  if (saved.chains.has(chain)) return inserted;
  return `${inserted.slice(0, start)}${declaration}${eol}${inserted.slice(start)}`;
}

/** The listings as they will be without the rule at a place. */
export function withoutRule(listings: readonly RulesetListing[], place: RulePlace): RulesetListing[] {
  const format = place.family === 4 ? 'iptables-save' : 'ip6tables-save';
  const family = place.family === 4 ? 'ip' : 'ip6';
  return listings.map((listing) => {
    if (listing.format === format && (listing.backend ?? 'nft') === place.backend) {
      const rule = parseIptablesSave(listing.text).tables.get(place.table)?.chains.get(place.chain)?.rules[
        place.position - 1
      ];
      if (!rule) return listing;
      const end = listing.text.indexOf('\n', rule.start);
      const rest = end < 0 ? '' : listing.text.slice(end + 1);
      return { ...listing, text: listing.text.slice(0, rule.start) + rest };
    }
    if (listing.format === 'nft-json' && place.backend === 'nft')
      return { ...listing, text: withoutJsonRule(listing.text, { ...place, family }) };
    return listing;
  });
}

/** nft's listing without one rule of a chain; the same text where there is none. */
export function withoutJsonRule(
  text: string,
  { family, table, chain, position }: { family: string; table: string; chain: string; position: number },
): string {
  const parsed = parseItems(text);
  const indexes = (parsed?.items ?? []).flatMap(({ rule }, index) =>
    rule?.family === family && rule.table === table && rule.chain === chain ? [index] : [],
  );
  const at = indexes[position - 1];
  if (!parsed || at === undefined) return text;
  return JSON.stringify({ ...parsed.whole, nftables: parsed.items.toSpliced(at, 1) });
}

const builtIn = new Set(['INPUT', 'OUTPUT', 'FORWARD', 'PREROUTING', 'POSTROUTING']);

/** The offset behind a chain's last rule, or of the table's COMMIT where it has none. */
function endOfChain(text: string, tableStart: number, lastRule: number | undefined): number {
  if (lastRule !== undefined) {
    const end = text.indexOf('\n', lastRule);
    return end < 0 ? text.length : end + 1;
  }
  const commit = /^[ \t]*COMMIT\b/mu.exec(text.slice(tableStart));
  return commit ? tableStart + commit.index : text.length;
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
}

interface JsonItem {
  chain?: { family: string; table: string; name: string };
  rule?: { family: string; table: string; chain: string };
  table?: { family: string; name: string };
}

/**
 * A rule at the same index in nft's listing. It says no more than "an extension of iptables", so that what it matches
 * is read from the line in iptables-save, as for every such rule.
 */
function withJsonRule(text: string, { family: version, table, chain, position }: RulePlace): string {
  const family = version === 4 ? 'ip' : 'ip6';
  const parsed = parseItems(text);
  if (!parsed) return text;
  const { items } = parsed;
  // A table that only iptables-save shows is read from there.
  if (!items.some((item) => item.table?.family === family && item.table.name === table)) return text;
  if (!items.some(({ chain: own }) => own?.family === family && own.table === table && own.name === chain))
    items.push({ chain: { family, table, name: chain, ...baseChain(table, chain) } });
  const indexes = items.flatMap(({ rule }, index) =>
    rule?.family === family && rule.table === table && rule.chain === chain ? [index] : [],
  );
  const at = indexes[position - 1] ?? (indexes.at(-1) ?? items.length - 1) + 1;
  const expr = [{ xt: { type: 'match', name: 'comment' } }, { counter: { packets: 0, bytes: 0 } }];
  items.splice(at, 0, { rule: { family, table, chain, handle: 0, expr } } as JsonItem);
  return JSON.stringify({ ...parsed.whole, nftables: items });
}

export function parseItems(text: string): { whole: object; items: JsonItem[] } | undefined {
  try {
    const whole: unknown = JSON.parse(text);
    if (typeof whole !== 'object' || whole === null) return undefined;
    const { nftables } = whole as { nftables?: unknown };
    return Array.isArray(nftables) ? { whole, items: [...(nftables as JsonItem[])] } : undefined;
  } catch {
    return undefined;
  }
}

function baseChain(table: string, chain: string): object {
  if (!builtIn.has(chain)) return {};
  const priority = { raw: -300, mangle: -150, nat: -100, filter: 0, security: 50 }[table] ?? 0;
  return {
    type: table === 'nat' ? 'nat' : 'filter',
    hook: chain.toLowerCase(),
    prio: priority,
    policy: 'accept',
  };
}

/** The rules of one chain in a listing, as lines without counters; undefined where there is no such chain. */
export function chainLines(
  listings: readonly RulesetListing[],
  { family, backend, table, chain }: Omit<RulePlace, 'position'>,
): string[] | undefined {
  const format = family === 4 ? 'iptables-save' : 'ip6tables-save';
  const listing = listings.find((one) => one.format === format && (one.backend ?? 'nft') === backend);
  if (!listing) return undefined;
  return parseIptablesSave(listing.text)
    .tables.get(table)
    ?.chains.get(chain)
    ?.rules.map(({ line }) => withoutCounters(line));
}
