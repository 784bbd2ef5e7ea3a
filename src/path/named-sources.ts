import type { Container } from '../facts/containers.ts';
import { candidateSources, decide } from '../firewall/index.ts';
import type { Decision, HostFacts, Packet, RulesetInput } from '../firewall/types.ts';
import { isIn } from './subnet.ts';

/** Longer listings, of blocklists mostly, are not asked about each address they name: that would take seconds. */
const MOST_TEXT = 200_000;
const MOST_SOURCES = 40;

/**
 * Sources from outside that some rule names and lets in, although everyone else is kept out: one for each rule.
 * What comes from a network that lies behind another interface of this host is no outsider there.
 * @param shut packets of outsiders that are kept out, of which only the source is changed
 */
export function letInByName(
  shut: readonly Packet[],
  rulesets: readonly RulesetInput[],
  host: HostFacts,
  containers: readonly Container[],
): { packet: Packet; decision: Decision }[] {
  if (rulesets.reduce((sum, { text }) => sum + text.length, 0) > MOST_TEXT) return [];
  const inner = containers.flatMap(({ networks }) => networks.flatMap((own) => own.address ?? []));
  const elsewhere = (source: string, { inInterface }: Packet): boolean =>
    inner.includes(source) ||
    host.addresses.some(
      (own) =>
        own.address === source ||
        (own.interface !== inInterface && isIn(source, `${own.address}/${own.prefixLength}`)),
    );
  const places = new Map(shut.map((packet) => [`${packet.inInterface} ${packet.destination}`, packet]));
  const unnamed = new Set(candidateSources([]));
  const sources = candidateSources(rulesets)
    .filter((source) => !unnamed.has(source))
    .slice(0, MOST_SOURCES);
  const byRule = new Map<string, { packet: Packet; decision: Decision }>();
  for (const place of places.values())
    for (const source of sources) {
      if (source.includes(':') !== place.destination.includes(':') || elsewhere(source, place)) continue;
      const packet = { ...place, source };
      const decision = decide({ rulesets, packet, host });
      const rule = JSON.stringify(decision.decidedBy);
      if (decision.verdict === 'accept' && !byRule.has(rule)) byRule.set(rule, { packet, decision });
    }
  return [...byRule.values()];
}
