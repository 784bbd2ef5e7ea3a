import type { Rulesets } from '../facts/network.ts';
import { counterGrowth } from '../firewall/index.ts';
import type { RuleReference } from '../firewall/types.ts';
import type { Evidence } from '../report/schema.ts';

/** The deciding rule's packet counter, and by how much it grew while the probe was under way. */
export function counterEvidence(
  rule: RuleReference,
  before: Rulesets,
  after: Rulesets | undefined,
): Evidence | undefined {
  const source = 'packet counter';
  const growth = after ? counterGrowth(before.listings, after.listings, rule) : undefined;
  if (growth)
    return {
      source,
      text: `${growth.after} packets; ${growth.after - growth.before} of them during this probe`,
    };
  return rule.packets === undefined ? undefined : { source, text: `${rule.packets} packets so far` };
}
