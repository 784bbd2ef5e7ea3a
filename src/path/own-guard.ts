import type { FirewallOwnership } from '../facts/network.ts';
import { ownerOf, type RuleReference } from '../firewall/index.ts';

/**
 * True for a rule by which an earlier fix keeps the port shut: by its table or its comment, and under a front end, whose
 * rules bear none in the kernel, by what it is known to have of us.
 */
export function isOwnGuard(
  by: RuleReference,
  port: number,
  ownership: Pick<FirewallOwnership, 'guarded'> | undefined,
): boolean {
  const owner = ownerOf(by);
  if (owner === 'ollama-doctor') return true;
  if (owner !== 'ufw' && owner !== 'firewalld') return false;
  if (by.rule === null || ownership?.guarded?.includes(port) !== true) return false;
  return new RegExp(String.raw`\b${port}\b`, 'u').test(by.text) && !/\bsaddr\b| -s /u.test(by.text);
}
