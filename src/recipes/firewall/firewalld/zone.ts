import type { RulesetListing } from '../../../facts/network.ts';
import type { Decision, RuleReference } from '../../../firewall/index.ts';
import { rulesIn, targetsIn } from '../nft-listing.ts';
import { chainLines } from '../place.ts';

/** A zone of firewalld's, or a policy: what rich rules are put into (firewalld.policies(5)). */
export interface Place {
  kind: 'zone' | 'policy';
  name: string;
}

/** Where firewalld lays its rules: a table of nft's own, or iptables' filter table (`FirewallBackend=`). */
export type Tables = { kind: 'nft' } | { kind: 'iptables'; backend: 'nft' | 'legacy' };

/** `pre`: rich rules with a priority below 0; `allow`: those that accept and have none. */
type Kind = 'pre' | 'allow';

const nftTable = { family: 'inet', table: 'firewalld' } as const;

/** Undefined where neither is there. */
export function tablesOf(listings: readonly RulesetListing[]): Tables | undefined {
  if (rulesIn(listings, { ...nftTable, chain: 'filter_INPUT' }) !== undefined) return { kind: 'nft' };
  for (const backend of ['nft', 'legacy'] as const)
    for (const chain of ['INPUT_POLICIES', 'INPUT_ZONES'])
      if (chainLines(listings, { family: 4, backend, table: 'filter', chain }) !== undefined)
        return { kind: 'iptables', backend };
  return undefined;
}

/**
 * The zone or policy that decided about a packet, by the chains on its way (`filter_IN_ZONE` with `filter_IN_ZONE_allow`
 * beside it, `filter_IN_policy_NAME`; without `filter_`, and policies by their names alone, in iptables: firewalld's
 * nftables.py and ipXtables.py). Undefined where none was met.
 * @param zones names of all zones, which tell a policy's chain from a zone's in iptables
 */
export function placeOf(
  { trace, decidedBy }: Decision,
  listings: readonly RulesetListing[],
  zones?: readonly string[],
): Place | undefined {
  const by = decidedBy && 'chain' in decidedBy ? decidedBy : undefined;
  const own = by && asPlace(by.chain.replace(/_(?:pre|log|deny|allow|post)$/u, ''), by, listings, zones);
  if (own) return own;
  const met: string[] = [];
  for (const step of trace) met.push(step.chain, ...(step.target === undefined ? [] : [step.target]));
  // The rule behind the jump to the zone is what decides for packets that the zone says nothing about.
  for (const step of [...trace, ...(by ? [by] : [])]) {
    if (step.rule === null || !/^(?:filter_)?INPUT_(?:POLICIES|ZONES)/u.test(step.chain)) continue;
    const leads = leadsOf(step, listings).slice(0, step.rule);
    met.push(...leads.filter((target) => isZone(target, step, listings, zones)).slice(-1));
  }
  const chain = by && met.findLast((name) => isZone(name, by, listings, zones));
  return chain === undefined ? undefined : asPlace(chain, by, listings, zones);
}

type Where = Pick<RuleReference, 'family' | 'backend' | 'table'>;

function isZone(
  chain: string,
  where: Where,
  listings: readonly RulesetListing[],
  zones: readonly string[] | undefined,
): boolean {
  return asPlace(chain, where, listings, zones)?.kind === 'zone';
}

function asPlace(
  chain: string,
  where: Where | undefined,
  listings: readonly RulesetListing[],
  zones: readonly string[] | undefined,
): Place | undefined {
  const [, prefix = '', policy, name = ''] = /^(filter_)?IN_(policy_)?(.+)$/u.exec(chain) ?? [];
  if (!where || name === '' || (prefix === '') !== (where.table === 'filter')) return undefined;
  const beside = `${chain}_allow`;
  const isThere =
    where.table === 'filter'
      ? linesOf(listings, where, beside) !== undefined
      : where.table === nftTable.table && rulesIn(listings, { ...nftTable, chain: beside }) !== undefined;
  if (!isThere) return undefined;
  const isPolicy =
    prefix === '' ? zones !== undefined && !zones.includes(`${policy ?? ''}${name}`) : policy !== undefined;
  return { kind: isPolicy ? 'policy' : 'zone', name: prefix === '' ? `${policy ?? ''}${name}` : name };
}

function leadsOf(step: Where & { chain: string }, listings: readonly RulesetListing[]): string[] {
  if (step.table === nftTable.table)
    return targetsIn(listings, { ...nftTable, chain: step.chain }).map((target) => target ?? '');
  return (linesOf(listings, step, step.chain) ?? []).map((line) => / -[gj] (\S+)/u.exec(line)?.[1] ?? '');
}

function linesOf(
  listings: readonly RulesetListing[],
  { family, backend, table }: Where,
  chain: string,
): string[] | undefined {
  return chainLines(listings, { family: family === 'ip6' ? 6 : 4, backend, table, chain });
}

/** The chain in nft's table in which a place's rules of one kind are. */
export function nftChainOf(place: Place, kind: Kind): { family: string; table: string; chain: string } {
  return { ...nftTable, chain: `filter_IN_${place.kind === 'policy' ? 'policy_' : ''}${place.name}_${kind}` };
}

/** The same in iptables' filter table. */
export function iptablesChainOf(place: Place, kind: Kind): string {
  return `IN_${place.name}_${kind}`;
}
