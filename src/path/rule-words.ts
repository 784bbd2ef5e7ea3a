import type { Rulesets } from '../facts/network.ts';
import { describeRule, isUfwPolicy, ownerOf } from '../firewall/index.ts';
import type { Decision, RoutingReason, RuleReference } from '../firewall/types.ts';
import type { Evidence } from '../report/schema.ts';
import { counterEvidence } from './counters.ts';

/** What routing decides, in words for `is kept out by …`. */
const ROUTING: Readonly<Record<RoutingReason['reason'], string>> = {
  'rp-filter': 'the reverse path filter (rp_filter)',
  martian: 'the kernel, as no packet from outside may have such an address (a martian)',
  'no-route': 'routing: this host has no route for the answer',
};

/** True for a verdict that a rule or a policy gave, and not the routing. */
export function isRule(by: Decision['decidedBy']): by is RuleReference {
  return by !== null && 'chain' in by;
}

/** The deciding rule as whoever keeps the ruleset would call it. */
export function namedRule(decision: Decision, rulesets: Rulesets): string {
  const by = decision.decidedBy;
  if (!isRule(by)) return by === null ? 'no rule' : ROUTING[by.reason];
  if (rulesets.listings.some((listing) => isUfwPolicy(by, listing.text)))
    return "ufw's default policy for incoming packets";
  if (ownerOf(by) !== null) return describeRule(by);
  return by.rule === null
    ? `the policy of ${by.table} ${by.chain}`
    : `rule ${by.rule} of ${by.table} ${by.chain}`;
}

/** Where it stands, in the words of the tool that shows it. */
function placeOf(by: RuleReference): string {
  const position = by.rule === null ? 'policy' : `rule ${by.rule}`;
  if (/^(?:-[AP] |:)/u.test(by.text)) {
    const tool = `${by.family === 'ip6' ? 'ip6tables' : 'iptables'}${by.backend === 'legacy' ? '-legacy' : ''}`;
    return `${tool} -t ${by.table}, chain ${by.chain}, ${position}`;
  }
  const handle = by.handle === undefined ? '' : ` (handle ${by.handle})`;
  return `nft table ${by.family} ${by.table}, chain ${by.chain}, ${position}${handle}`;
}

/**
 * The deciding rule as evidence: where it stands, what it says, what it counted, and the jumps that led there.
 * @param after the rulesets once the probes are through, for the growth of the counter
 */
export function ruleEvidence(decision: Decision, before: Rulesets, after: Rulesets | undefined): Evidence[] {
  const by = decision.decidedBy;
  if (!isRule(by)) return by === null ? [] : [{ source: 'routing', text: by.reason }];
  const evidence: Evidence[] = [{ source: placeOf(by), text: by.text }];
  const counted = counterEvidence(by, before, after);
  if (counted) evidence.push(counted);
  const way = decision.trace.filter((step) => step.action === 'jump' || step.action === 'goto');
  if (way.length > 0)
    evidence.push({
      source: 'by way of',
      text: way.map((step) => `${step.chain} → ${step.target ?? ''}`).join(', '),
    });
  return evidence;
}
