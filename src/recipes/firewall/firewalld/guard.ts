import type { Change } from '../../../changes/change.ts';
import type { HostNetwork } from '../../../facts/network.ts';
import { decide, type Packet } from '../../../firewall/index.ts';
import { hostFacts } from '../../../path/packet.ts';
import type { Planning } from '../../recipe.ts';
import type { Exceptions } from '../nft-guard.ts';
import { portRule, withNftRule } from '../nft-listing.ts';
import { richRule } from './allow.ts';
import { richRuleChanges } from './command.ts';
import { chainOf, zoneOf } from './zone.ts';

/**
 * Closes the port through firewalld, in each zone that lets others in (Docker's own lets in everything): a rich rule
 * that drops, of a priority ahead of the zone's own rules, and one ahead of that for each exception
 * (firewalld.richlanguage(5), "priority"). Adds to the draft.
 * @param open packets that are to be shut out
 */
export async function guardInFirewalld(
  { draft, machine }: Planning,
  network: HostNetwork,
  port: number,
  { sources, destinations }: Exceptions,
  open: readonly Packet[],
): Promise<Change[] | { reason: string; instructions: string[] }> {
  const listings = draft.listings ?? [];
  const host = hostFacts(network);
  const zones = new Set<string>();
  for (const packet of open) {
    const zone = zoneOf(decide({ rulesets: listings, packet, host }), listings);
    if (zone === undefined)
      return {
        reason: `by which zone of firewalld ${packet.source} comes in at ${packet.inInterface} cannot be told`,
        instructions: [`close port ${port} in the zones that let others in: firewall-cmd --get-active-zones`],
      };
    zones.add(zone);
  }
  const drop = `rule priority="-100" port port="${port}" protocol="tcp" drop`;
  const accepts = [
    ...sources.map((subnet) => richRule(subnet, port, -101)),
    ...destinations.map((address) => toAddress(address, port)),
  ];
  const changes: Change[] = [];
  for (const zone of [...zones].toSorted()) {
    for (const rule of accepts)
      changes.push(...(await richRuleChanges(machine, zone, rule, `what may reach port ${port} still does`)));
    const summary = `close port ${port} in zone ${zone} to everyone but this host and its containers`;
    changes.push(...(await richRuleChanges(machine, zone, drop, summary)));
    const rules = [
      ...sources.map((subnet) => portRule(port, 'accept', { source: subnet })),
      ...destinations.map((address) => portRule(port, 'accept', { destination: address })),
      portRule(port, 'drop'),
    ];
    for (const [index, expr] of rules.entries())
      draft.listings = withNftRule(draft.listings ?? [], chainOf(zone, 'pre'), index + 1, expr);
  }
  return changes;
}

function toAddress(address: string, port: number): string {
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  return `rule priority="-101" family="${family}" destination address="${address}" port port="${port}" protocol="tcp" accept`;
}
