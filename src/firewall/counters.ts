import { parseIptablesSave } from './iptables/listing.ts';
import type { RuleReference, RulesetInput } from './types.ts';

/** A rule's packet counter in two listings. */
export interface Growth {
  readonly before: number;
  readonly after: number;
}

/** Which rule to look at; a rule found by its text still counts when others were put ahead of it in between. */
export type RulePlace = Pick<RuleReference, 'family' | 'table' | 'chain' | 'rule' | 'backend'> &
  Partial<Pick<RuleReference, 'text' | 'handle'>>;

/** Reads one rule's (or policy's) packet counter; undefined where the listings have none. */
function packetsOf(rulesets: readonly RulesetInput[], place: RulePlace): number | undefined {
  const format = place.family === 'ip6' ? 'ip6tables-save' : 'iptables-save';
  for (const ruleset of rulesets) {
    if (ruleset.format === 'nft-json') {
      const found = nftPackets(ruleset.text, place);
      if (found !== undefined) return found;
    } else if (ruleset.format === format && (place.family === 'ip' || place.family === 'ip6')) {
      if (ruleset.backend !== undefined && ruleset.backend !== place.backend) continue;
      const chain = parseIptablesSave(ruleset.text).tables.get(place.table)?.chains.get(place.chain);
      if (!chain) continue;
      if (place.rule === null) {
        if (chain.counters) return chain.counters[0];
        continue;
      }
      const same = chain.rule(place.rule - 1);
      const rule =
        place.text === undefined || same?.line === place.text
          ? same
          : chain.rules.find((r) => r.line === place.text);
      if (rule?.counters) return rule.counters[0];
    }
  }
  return undefined;
}

/** Looks in one `nft -j` listing without reading more of it than the rule's own object. */
function nftPackets(text: string, place: RulePlace): number | undefined {
  if (place.handle === undefined || place.rule === null) return undefined;
  let listing: unknown;
  try {
    listing = JSON.parse(text);
  } catch {
    return undefined;
  }
  const entries = (listing as { nftables?: unknown } | null)?.nftables;
  for (const entry of Array.isArray(entries) ? entries : []) {
    const rule = entry?.rule;
    if (rule?.handle !== place.handle || rule.family !== place.family) continue;
    if (rule.table !== place.table || rule.chain !== place.chain) continue;
    for (const part of Array.isArray(rule.expr) ? rule.expr : []) {
      if (typeof part?.counter?.packets === 'number') return part.counter.packets;
    }
  }
  return undefined;
}

/**
 * The packet counter of one rule or policy in a listing taken before and one taken after something happened.
 * @param where what `decide` returned as `decidedBy`; the rule is found by position, or by its text when
 * it has moved, or by its handle in nft listings
 * @returns both counts, or undefined when either listing has no counter for it or the counter was reset between
 */
export function counterGrowth(
  before: readonly RulesetInput[],
  after: readonly RulesetInput[],
  where: RulePlace,
): Growth | undefined {
  const first = packetsOf(before, where);
  const second = packetsOf(after, where);
  if (first === undefined || second === undefined || second < first) return undefined;
  return { before: first, after: second };
}
