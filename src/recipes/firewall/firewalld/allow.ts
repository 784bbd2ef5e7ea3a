import type { Change } from '../../../changes/change.ts';
import type { HostNetwork } from '../../../facts/network.ts';
import { decide, type Decision, type Packet, type RuleReference } from '../../../firewall/index.ts';
import { hostFacts } from '../../../path/packet.ts';
import { settled } from '../../../path/settled.ts';
import type { Planning } from '../../recipe.ts';
import { isPast } from '../is-past.ts';
import { optionOf, prioritiesAhead, richRuleChanges } from './command.ts';
import { type RichRule, richWords, withRichRule } from './draft-rule.ts';
import { type Place, placeOf, tablesOf } from './zone.ts';

/**
 * Lets a subnet in by a rich rule in the zone (or policy) that decides about its packets, behind what that denies where
 * this is enough, else ahead of all that it says. Adds to the draft.
 * @param decision what firewalld's rules make of the packet now
 * @param zones names of all zones, where they are known
 * @returns undefined where this firewalld's rules are not understood
 */
export async function allowInFirewalld(
  { draft, machine }: Planning,
  network: HostNetwork,
  by: RuleReference,
  decision: Decision,
  packet: Packet,
  subnet: string,
  zones?: readonly string[],
): Promise<Change[] | { reason: string; instructions: string[] } | undefined> {
  const port = packet.destinationPort;
  const listings = draft.listings ?? [];
  const place = placeOf(decision, listings, zones);
  const tables = tablesOf(listings);
  if (place === undefined || tables === undefined) return undefined;
  const helps = (rule: RichRule): boolean => {
    const then = withRichRule(listings, tables, place, rule);
    if (!then || !isPast(by, settled(decide({ rulesets: then, packet, host: hostFacts(network) }))))
      return false;
    draft.listings = then;
    return true;
  };
  const make = (rule: RichRule): Promise<Change[]> =>
    richRuleChanges(machine, place, richWords(rule), `let ${subnet} reach port ${port}, in ${named(place)}`);
  const plain: RichRule = { verdict: 'accept', port, source: subnet };
  if (helps(plain)) return make(plain);
  const ahead = await prioritiesAhead(machine, place, 1);
  if (ahead && 'unbeaten' in ahead)
    return {
      reason: `a rich rule of ${named(place)} has the lowest priority that there is, so that none can come ahead of it: ${ahead.unbeaten}`,
      instructions: beatByHand(place, ahead.unbeaten, richWords({ ...plain, priority: -32_768 })),
    };
  const first: RichRule = { ...plain, priority: ahead?.priorities[0] ?? -100 };
  if (helps(first)) return make(first);
  return {
    reason: `a rich rule in ${named(place)} would come too late: ${by.text}`,
    instructions: [`let ${subnet} reach port ${port} ahead of it, where that rule is kept`],
  };
}

/** The other rule one step later, and ours in its place, in force and kept. */
function beatByHand(place: Place, other: string, ours: string): string[] {
  const later = other.replace('priority="-32768"', 'priority="-32767"');
  return ['', '--permanent '].flatMap((kept) => [
    `sudo firewall-cmd ${kept}${optionOf(place)} --remove-rich-rule='${other}'`,
    `sudo firewall-cmd ${kept}${optionOf(place)} --add-rich-rule='${later}'`,
    `sudo firewall-cmd ${kept}${optionOf(place)} --add-rich-rule='${ours}'`,
  ]);
}

function named({ kind, name }: Place): string {
  return `${kind} ${name}`;
}
