import type { Change } from '../../changes/change.ts';
import type { FirewallOwnership } from '../../facts/network.ts';
import type { HostFacts, Packet, RuleReference } from '../../firewall/index.ts';
import type { Planning } from '../recipe.ts';
import type { RuleOwner } from './owner.ts';
import { withRule, type RulePlace } from './place.ts';
import { chainNow, mark, programFor, ruleChange } from './rule-change.ts';
import {
  draftText,
  hasChain,
  openInSaved,
  savedFileChange,
  savedFileFor,
  spliceLikeLive,
} from './saved-file.ts';

/**
 * Lets a subnet in just ahead of the rule that blocks it, in the chain where that rule is, and puts the same rule
 * alone into the file that is loaded at boot. Adds to the draft.
 */
export async function allowInIptables(
  { draft, machine }: Planning,
  ownership: FirewallOwnership | undefined,
  owner: Extract<RuleOwner, { kind: 'iptables' }>,
  blocker: RuleReference,
  subnet: string,
  flow: { packet: Packet; host: HostFacts },
): Promise<Change[] | { reason: string; instructions: string[] }> {
  const { family, backend, lines } = owner;
  const port = flow.packet.destinationPort;
  const { table, chain } = blocker;
  if (blocker.hook === 'output')
    return {
      reason: `it is the answer that is blocked, by ${table} ${chain}`,
      instructions: [`let TCP packets from port ${port} to ${subnet} out, ahead of: ${blocker.text}`],
    };
  const index = blocker.rule === null ? lines.length : blocker.rule - 1;
  const place: RulePlace = { family, backend, table, chain, position: index + 1 };
  const line = `-A ${chain} -s ${subnet} -p tcp -m tcp --dport ${port} ${mark} -j ACCEPT`;
  const program = await programFor(machine, family, backend);
  const now = await chainNow(machine, program, place);
  const summary = `let ${subnet} reach port ${port}, ahead of ${blocker.rule === null ? `the policy of ${chain}` : `rule ${blocker.rule} of ${chain}`}`;
  const append = blocker.rule === null;
  const changes: Change[] = [
    ruleChange(program, { ...place, append }, line, summary, now ? { madeFrom: now } : {}),
  ];
  draft.listings = withRule(draft.listings ?? [], place, line);

  const file = savedFileFor(ownership, family);
  if (!file?.exists || !file.readable) return changes;
  const before = draftText(draft, file);
  const text = before ?? '';
  const alike = hasChain(text, place) ? spliceLikeLive(text, place, line, { lines, index }) : text;
  const after = openInSaved(alike, family, flow, line.replace(`-A ${chain} `, ''));
  if (after === text) return changes;
  draft.files.set(file.path, after);
  return [...changes, savedFileChange(file, before, after, 'the same after a reboot')];
}
