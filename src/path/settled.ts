import type { Decision, Seen } from '../firewall/types.ts';

/**
 * A verdict that cannot be told apart from another, both of which keep the packet out (two back ends of iptables with
 * rules at the same priority, and no listing tells which comes first), as the one that fits what was seen; the first
 * where nothing was. Any other verdict as it is.
 */
export function settled(decision: Decision, seen?: 'timeout' | 'refused' | 'unreachable'): Decision {
  const ways = decision.verdict === 'unknown' ? (decision.either ?? []) : [];
  const [first] = ways;
  if (!first) return decision;
  const way = ways.find((one) => isSeenAs(one.seen, seen)) ?? first;
  const others = ways.length - 1;
  const more = `${others === 1 ? 'another rule' : `${others} other rules`} would keep it out as well`;
  return {
    ...decision,
    ...way,
    unknown: [],
    notes: [...decision.notes, `${more}: ${decision.unknown.join('; ')}`],
  };
}

function isSeenAs(is: Seen, seen: 'timeout' | 'refused' | 'unreachable' | undefined): boolean {
  return seen === 'unreachable' ? is.endsWith('-unreachable') : is === seen;
}
