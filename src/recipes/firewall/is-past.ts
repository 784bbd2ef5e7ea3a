import type { Decision, RuleReference } from '../../firewall/index.ts';

/** Whether a packet that this rule blocked is let in now, or blocked by something else further on. */
export function isPast(by: RuleReference, then: Decision): boolean {
  const next = then.decidedBy;
  if (then.verdict === 'accept') return true;
  if (next === null || !('chain' in next)) return false;
  return next.table !== by.table || next.chain !== by.chain || next.text !== by.text;
}
