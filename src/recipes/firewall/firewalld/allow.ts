import type { Change } from '../../../changes/change.ts';
import type { HostNetwork } from '../../../facts/network.ts';
import { decide, type Decision, type Packet, type RuleReference } from '../../../firewall/index.ts';
import { hostFacts } from '../../../path/packet.ts';
import type { Planning } from '../../recipe.ts';
import { isPast } from '../is-past.ts';
import { portRule, rulesIn, withNftRule } from '../nft-listing.ts';
import { richRuleChanges } from './command.ts';
import { chainOf, zoneOf } from './zone.ts';

/**
 * Lets a subnet in by a rich rule in the zone that its packets fall into, behind what the zone denies where that is
 * enough. Adds to the draft.
 * @param decision what firewalld's rules make of the packet now
 * @returns undefined where this firewalld's rules are not in a table of nft's that is understood
 */
export async function allowInFirewalld(
  { draft, machine }: Planning,
  network: HostNetwork,
  by: RuleReference,
  decision: Decision,
  packet: Packet,
  subnet: string,
): Promise<Change[] | undefined> {
  const port = packet.destinationPort;
  const listings = draft.listings ?? [];
  const zone = zoneOf(decision, listings);
  if (zone === undefined) return undefined;
  for (const kind of ['allow', 'pre'] as const) {
    const chain = chainOf(zone, kind);
    const rules = rulesIn(listings, chain);
    if (rules === undefined) continue;
    const position = kind === 'pre' ? 1 : rules + 1;
    const then = withNftRule(listings, chain, position, portRule(port, 'accept', { source: subnet }));
    if (!isPast(by, decide({ rulesets: then, packet, host: hostFacts(network) }))) continue;
    const words = richRule(subnet, port, kind === 'pre' ? -100 : undefined);
    const changes = await richRuleChanges(
      machine,
      zone,
      words,
      `let ${subnet} reach port ${port}, in zone ${zone}`,
    );
    draft.listings = then;
    return changes;
  }
  return undefined;
}

/** The words of firewalld.richlanguage(5), in the order in which firewalld lists them. */
export function richRule(subnet: string, port: number, priority?: number): string {
  const family = subnet.includes(':') ? 'ipv6' : 'ipv4';
  const first = priority === undefined ? '' : `priority="${priority}" `;
  return `rule ${first}family="${family}" source address="${subnet}" port port="${port}" protocol="tcp" accept`;
}
