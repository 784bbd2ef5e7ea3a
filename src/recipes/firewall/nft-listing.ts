import type { RulesetListing } from '../../facts/network.ts';
import { parseItems } from './place.ts';

/** A chain of nft's. */
export interface NftChain {
  family: string;
  table: string;
  chain: string;
}

/** How many rules nft's listing has in a chain; undefined where it has no such chain. */
export function rulesIn(listings: readonly RulesetListing[], chain: NftChain): number | undefined {
  const items = itemsOf(listings);
  const isThere = items.some(
    ({ chain: own }) => own?.family === chain.family && own.table === chain.table && own.name === chain.chain,
  );
  return isThere ? items.filter(({ rule }) => rule && isIn(rule, chain)).length : undefined;
}

/** The chain of zones that rules of a chain lead to, in their order: null for a rule that leads nowhere. */
export function targetsIn(listings: readonly RulesetListing[], chain: NftChain): (string | null)[] {
  return itemsOf(listings).flatMap(({ rule }) => {
    if (!rule || !isIn(rule, chain)) return [];
    const { expr } = rule as { expr?: unknown };
    const ends = Array.isArray(expr) ? (expr as Record<string, { target?: string } | null>[]) : [];
    const way = ends.find((one) => one['jump'] ?? one['goto']);
    return [(way?.['jump'] ?? way?.['goto'])?.target ?? null];
  });
}

/**
 * The listings with one rule more in a chain of nft's.
 * @param position its number once it is there, from 1
 * @param expr the rule as `nft -j` prints it (libnftables-json(5))
 */
export function withNftRule(
  listings: readonly RulesetListing[],
  chain: NftChain,
  position: number,
  expr: readonly object[],
): RulesetListing[] {
  return listings.map((listing) => {
    const parsed = listing.format === 'nft-json' ? parseItems(listing.text) : undefined;
    if (!parsed) return listing;
    const { items } = parsed;
    const indexes = items.flatMap(({ rule }, index) => (rule && isIn(rule, chain) ? [index] : []));
    const at = indexes[position - 1] ?? (indexes.at(-1) ?? items.length - 1) + 1;
    const rule = { ...chain, handle: 0, comment: 'ollama-doctor', expr };
    items.splice(at, 0, { rule } as (typeof items)[number]);
    return { ...listing, text: JSON.stringify({ ...parsed.whole, nftables: items }) };
  });
}

/** TCP to a port, from a subnet or to an address where one is given, and what becomes of it. */
export function portRule(
  port: number,
  verdict: 'accept' | 'drop',
  only: { source?: string; destination?: string } = {},
): Record<string, unknown>[] {
  const equals = (left: object, right: unknown): Record<string, unknown> => ({
    match: { op: '==', left, right },
  });
  const address = only.source ?? only.destination;
  const [addr, len] = address?.split('/') ?? [];
  const right = len === undefined ? addr : { prefix: { addr, len: Number(len) } };
  const protocol = address?.includes(':') ? 'ip6' : 'ip';
  const field = only.source === undefined ? 'daddr' : 'saddr';
  return [
    ...(address === undefined ? [] : [equals({ payload: { protocol, field } }, right)]),
    equals({ payload: { protocol: 'tcp', field: 'dport' } }, port),
    { [verdict]: null },
  ];
}

function itemsOf(listings: readonly RulesetListing[]): NonNullable<ReturnType<typeof parseItems>>['items'] {
  const json = listings.find((listing) => listing.format === 'nft-json');
  return (json && parseItems(json.text)?.items) ?? [];
}

function isIn(rule: NftChain, { family, table, chain }: NftChain): boolean {
  return rule.family === family && rule.table === table && rule.chain === chain;
}
