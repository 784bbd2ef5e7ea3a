import type { RulesetListing } from '../../../facts/network.ts';
import type { Decision } from '../../../firewall/index.ts';
import { rulesIn, targetsIn } from '../nft-listing.ts';

const place = { family: 'inet', table: 'firewalld' } as const;
const zoneChain = /^filter_IN_(?!policy_)(.+)$/u;

/**
 * The zone whose rules a packet went through, by the chains on its way (`filter_IN_ZONE` with `filter_IN_ZONE_allow`
 * beside it: firewalld's nftables.py). Undefined where none of firewalld's zones was met.
 */
export function zoneOf(
  { trace, decidedBy }: Decision,
  listings: readonly RulesetListing[],
): string | undefined {
  const by = decidedBy && 'chain' in decidedBy ? decidedBy : undefined;
  const met = trace.flatMap((step) => [step.chain, ...(step.target === undefined ? [] : [step.target])]);
  // The rule behind the jump to the zone is what decides for packets that the zone says nothing about.
  for (const step of [...trace, ...(by ? [by] : [])]) {
    if (step.table !== place.table || step.rule === null || !step.chain.startsWith('filter_INPUT_')) continue;
    const leads = targetsIn(listings, { ...place, chain: step.chain }).slice(0, step.rule);
    met.push(
      ...leads
        .filter((target) => target !== null && isZone(target, listings))
        .slice(-1)
        .map(String),
    );
  }
  if (by) met.push(by.chain);
  const chain = met.findLast((name) => isZone(name, listings));
  return chain && zoneChain.exec(chain)?.[1];
}

function isZone(chain: string, listings: readonly RulesetListing[]): boolean {
  return zoneChain.test(chain) && rulesIn(listings, { ...place, chain: `${chain}_allow` }) !== undefined;
}

/** The chain in which a zone's rules of one kind are: `pre` those with a priority below 0, `allow` plain accepts. */
export function chainOf(
  zone: string,
  kind: 'pre' | 'allow',
): { family: string; table: string; chain: string } {
  return { ...place, chain: `filter_IN_${zone}_${kind}` };
}
