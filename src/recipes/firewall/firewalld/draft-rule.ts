import type { RulesetListing } from '../../../facts/network.ts';
import { portRule, rulesIn, withNftRule } from '../nft-listing.ts';
import { chainLines, withRule } from '../place.ts';
import { iptablesChainOf, nftChainOf, type Place, type Tables } from './zone.ts';

/** What a rich rule says. */
export interface RichRule {
  verdict: 'accept' | 'drop';
  port: number;
  source?: string;
  destination?: string;
  /** Below 0: ahead of all that the place says without one. */
  priority?: number;
}

/** The words of firewalld.richlanguage(5), in the order in which firewalld lists them. */
export function richWords({ verdict, port, source, destination, priority }: RichRule): string {
  const address = source ?? destination;
  return [
    'rule',
    ...(priority === undefined ? [] : [`priority="${priority}"`]),
    ...(address === undefined ? [] : [`family="${address.includes(':') ? 'ipv6' : 'ipv4'}"`]),
    ...(source === undefined ? [] : [`source address="${source}"`]),
    ...(destination === undefined ? [] : [`destination address="${destination}"`]),
    `port port="${port}" protocol="tcp" ${verdict}`,
  ].join(' ');
}

/**
 * The listings as they will be with one rich rule more: at the head of the place's rules with a priority, which is lower
 * than any other's then, or behind all that it accepts without one. Undefined where the place has no such chain.
 */
export function withRichRule(
  listings: readonly RulesetListing[],
  tables: Tables,
  place: Place,
  rule: RichRule,
): RulesetListing[] | undefined {
  const kind = rule.priority === undefined ? 'allow' : 'pre';
  const { source, destination, port, verdict } = rule;
  const only = { ...(source && { source }), ...(destination && { destination }) };
  if (tables.kind === 'nft') {
    const chain = nftChainOf(place, kind);
    const count = rulesIn(listings, chain);
    if (count === undefined) return undefined;
    const position = kind === 'pre' ? 1 : count + 1;
    return withNftRule(listings, chain, position, portRule(port, verdict, only));
  }
  const { backend } = tables;
  const chain = iptablesChainOf(place, kind);
  const address = source ?? destination;
  let then: RulesetListing[] | undefined;
  for (const family of [4, 6] as const) {
    if (address !== undefined && address.includes(':') !== (family === 6)) continue;
    const lines = chainLines(then ?? listings, { family, backend, table: 'filter', chain });
    if (lines === undefined) continue;
    const match = [
      ...(source === undefined ? [] : [`-s ${source}`]),
      ...(destination === undefined ? [] : [`-d ${destination}/${family === 4 ? 32 : 128}`]),
    ];
    const line = [`-A ${chain}`, ...match, `-p tcp -m tcp --dport ${port} -j ${verdict.toUpperCase()}`].join(
      ' ',
    );
    const position = kind === 'pre' ? 1 : lines.length + 1;
    then = withRule(then ?? listings, { family, backend, table: 'filter', chain, position }, line);
  }
  return then;
}
