import type { Container } from '../facts/containers.ts';
import { candidateSources, decide } from '../firewall/index.ts';
import type { Decision, HostFacts, Packet, RulesetInput } from '../firewall/types.ts';
import { isIn } from './subnet.ts';

/** Longer listings, of blocklists mostly, are asked about fewer of the addresses they name: each costs more there. */
const MOST_WORK = 8_000_000;
const MOST_SOURCES = 400;

/** A source that some rule names and lets in. */
interface Named {
  packet: Packet;
  decision: Decision;
  /** The prefix by which the rule names it, where it names one; else the address. */
  source: string;
}

/**
 * Sources from outside that some rule names and lets in, although everyone else is kept out: one for each rule.
 * What comes from a network that lies behind another interface of this host is no outsider there.
 * @param shut packets of outsiders that are kept out, of which only the source is changed
 * @returns with `left`, how many sources on the edges of what the rules name were not asked about
 */
export function letInByName(
  shut: readonly Packet[],
  rulesets: readonly RulesetInput[],
  host: HostFacts,
  containers: readonly Container[],
): { named: Named[]; left: number } {
  const inner = containers.flatMap(({ networks }) => networks.flatMap((own) => own.address ?? []));
  const elsewhere = (source: string, { inInterface }: Packet): boolean =>
    inner.includes(source) ||
    host.addresses.some(
      (own) =>
        own.address === source ||
        (own.interface !== inInterface && isIn(source, `${own.address}/${own.prefixLength}`)),
    );
  const places = [
    ...new Map(shut.map((packet) => [`${packet.inInterface} ${packet.destination}`, packet])).values(),
  ];
  const unnamed = new Set(candidateSources([]));
  const sources = candidateSources(rulesets).filter(
    (source) => !unnamed.has(source) && places.some((place) => !elsewhere(source, place)),
  );
  const length = rulesets.reduce((sum, { text }) => sum + text.length, 0);
  const most = Math.min(MOST_SOURCES, Math.floor(MOST_WORK / Math.max(1, length)));
  const byRule = new Map<string, Named>();
  for (const place of places)
    for (const source of sources.slice(0, most)) {
      if (source.includes(':') !== place.destination.includes(':') || elsewhere(source, place)) continue;
      const packet = { ...place, source };
      const decision = decide({ rulesets, packet, host });
      const rule = JSON.stringify(decision.decidedBy);
      if (decision.verdict === 'accept' && !byRule.has(rule))
        byRule.set(rule, { packet, decision, source: prefixIn(decision, source) });
    }
  return { named: [...byRule.values()], left: Math.max(0, sources.length - most) };
}

/** The narrowest prefix in a rule's words that the address is in; the address where there is none. */
function prefixIn({ decidedBy: by }: Decision, address: string): string {
  const words = by !== null && 'chain' in by ? by.text : '';
  const lengthOf = (prefix: string): number => Number(prefix.split('/')[1]);
  const fits = (words.match(/[0-9a-f:.]+\/\d+/giu) ?? []).filter((prefix) => isIn(address, prefix));
  const narrowest = fits.toSorted((one, other) => lengthOf(other) - lengthOf(one))[0];
  return narrowest === undefined || /\/(?:32|128)$/u.test(narrowest) ? address : narrowest;
}
