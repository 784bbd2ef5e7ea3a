import type { Change } from '../../../changes/change.ts';
import type { HostNetwork } from '../../../facts/network.ts';
import { decide, type Packet } from '../../../firewall/index.ts';
import { hostFacts } from '../../../path/packet.ts';
import type { Planning } from '../../recipe.ts';
import type { Exceptions } from '../nft-guard.ts';
import { optionOf, prioritiesAhead, richRuleChanges } from './command.ts';
import { type RichRule, richWords, withRichRule } from './draft-rule.ts';
import { type Place, placeOf, tablesOf } from './zone.ts';

type Refused = { reason: string; instructions: string[] };

/**
 * Closes the port through firewalld, in each zone that lets others in (Docker's own lets in everything): a rich rule
 * that drops, of a priority ahead of the zone's own rules, and one ahead of that for each exception
 * (firewalld.richlanguage(5), "priority"). Adds to the draft.
 * @param open packets that are to be shut out
 */
export async function guardInFirewalld(
  planning: Planning,
  network: HostNetwork,
  port: number,
  exceptions: Exceptions,
  open: readonly Packet[],
  zones?: readonly string[],
): Promise<Change[] | Refused> {
  const listings = planning.draft.listings ?? [];
  const host = hostFacts(network);
  const places = new Map<string, Place>();
  for (const packet of open) {
    const place = placeOf(decide({ rulesets: listings, packet, host }), listings, zones);
    if (place === undefined)
      return {
        reason: `by which zone of firewalld ${packet.source} comes in at ${packet.inInterface} cannot be told`,
        instructions: [`close port ${port} in the zones that let others in: firewall-cmd --get-active-zones`],
      };
    places.set(`${place.kind} ${place.name}`, place);
  }
  const changes: Change[] = [];
  for (const [, place] of [...places].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const made = await guardPlace(planning, place, port, exceptions);
    if (!Array.isArray(made)) return made;
    changes.push(...made);
  }
  return changes;
}

async function guardPlace(
  { draft, machine }: Planning,
  place: Place,
  port: number,
  { sources, destinations }: Exceptions,
): Promise<Change[] | Refused> {
  const tables = tablesOf(draft.listings ?? []);
  const ahead = await prioritiesAhead(machine, place, 2);
  if (!tables || (ahead && 'unbeaten' in ahead))
    return {
      reason: `in ${place.kind} ${place.name} no rule can come ahead of: ${ahead && 'unbeaten' in ahead ? ahead.unbeaten : 'its own'}`,
      instructions:
        ahead && 'unbeaten' in ahead
          ? ['', '--permanent '].map(
              (kept) => `sudo firewall-cmd ${kept}${optionOf(place)} --remove-rich-rule='${ahead.unbeaten}'`,
            )
          : [],
    };
  const [first = -101, second = -100] = ahead?.priorities ?? [];
  const accepts = [
    ...sources.map((source): RichRule => ({ verdict: 'accept', port, source, priority: first })),
    ...destinations.map(
      (destination): RichRule => ({ verdict: 'accept', port, destination, priority: first }),
    ),
  ];
  const drop: RichRule = { verdict: 'drop', port, priority: second };
  const changes: Change[] = [];
  for (const rule of accepts)
    changes.push(
      ...(await richRuleChanges(machine, place, richWords(rule), `what may reach port ${port} still does`)),
    );
  const summary = `close port ${port} in ${place.kind} ${place.name} to everyone but this host and its containers`;
  changes.push(...(await richRuleChanges(machine, place, richWords(drop), summary)));
  // Each goes to the head, so the last one first.
  for (const rule of [drop, ...accepts.toReversed()])
    draft.listings = withRichRule(draft.listings ?? [], tables, place, rule) ?? draft.listings;
  return changes;
}
