import { parseIp } from './address.ts';
import { readSources } from './sources.ts';
import type { DecideInput, Decision, Packet, Seen, Verdict } from './types.ts';
import { stepsOf, TooMuch, type Walk } from './walk/chains.ts';
import type { Findings, Table } from './walk/effect.ts';
import { ANY_PORT, type Assumption, type Flight, NO_ZONE, SYN } from './walk/flight.ts';
import type { Outcome } from './walk/hooks.ts';
import { type Host, readHost } from './walk/host.ts';
import { Journey } from './walk/journey.ts';

const STEPS = 2_000_000;
const BRIDGE_NAMES = /^(br-|br\d|docker\d|virbr|cni|cbr|podman|lxcbr|lxdbr|incusbr|docker_gwbridge$)/;

function undecided(findings: Findings, verdict: Verdict = 'unknown'): Decision {
  return {
    verdict,
    seen: 'unknown',
    decidedBy: null,
    dependsOnRate: [...findings.dependsOnRate],
    notes: [...findings.notes],
    unknown: [...findings.unknown],
    trace: [],
  };
}

/** The bridge port a packet came in by: '' for none, '?' when it must be one but which is not known. */
function portOf(packet: Packet, host: Host): { bridge: string | null; port: string } {
  if (packet.bridgePort) return { bridge: packet.inInterface, port: packet.bridgePort };
  const ports = Object.hasOwn(host.bridgePorts, packet.inInterface)
    ? host.bridgePorts[packet.inInterface]
    : undefined;
  if (Array.isArray(ports))
    return { bridge: packet.inInterface, port: ports.length === 1 ? String(ports[0]) : '?' };
  if (!host.knowsBridges && BRIDGE_NAMES.test(packet.inInterface))
    return { bridge: packet.inInterface, port: '?' };
  return { bridge: null, port: '' };
}

function synOf(packet: Packet, port: string): Flight | string {
  const src = typeof packet.source === 'string' ? parseIp(packet.source) : null;
  const dst = typeof packet.destination === 'string' ? parseIp(packet.destination) : null;
  if (!src) return `the packet's source is not an address: ${JSON.stringify(packet.source)}`;
  if (!dst) return `the packet's destination is not an address: ${JSON.stringify(packet.destination)}`;
  if (src.family !== dst.family) return "the packet's source and destination are of different families";
  const dport = packet.destinationPort;
  if (!Number.isInteger(dport) || dport < 0 || dport > 65535)
    return "the packet's destination port is not a port";
  if (typeof packet.inInterface !== 'string' || packet.inInterface === '')
    return 'the packet has no interface';
  const sport = Number.isInteger(packet.sourcePort) ? Number(packet.sourcePort) : ANY_PORT;
  const original = { src: src.value, dst: dst.value, sport, dport };
  const reply = { src: dst.value, dst: src.value, sport: dport, dport: sport };
  return {
    family: src.family,
    protocol: 6,
    src: src.value,
    dst: dst.value,
    sport,
    dport,
    tcpFlags: SYN,
    icmpType: -1,
    icmpCode: -1,
    ttl: packet.ttl ?? 64,
    tos: 0,
    length: packet.length ?? (src.family === 4 ? 60 : 80),
    iif: packet.inInterface,
    oif: '',
    physIn: port,
    physOut: '',
    mac: packet.sourceMac?.toLowerCase() ?? null,
    destinationMac: null,
    etherType: src.family === 4 ? 0x0800 : 0x86dd,
    mark: 0,
    ct: 'none',
    zone: NO_ZONE,
    replyDirection: false,
    connection: {
      mark: 0,
      dnat: false,
      snat: false,
      seenReply: false,
      confirmed: false,
      original,
      reply,
      zone: NO_ZONE,
    },
    boundDst: false,
    boundSrc: false,
    memory: new Map(),
    assumed: null,
    path: null,
    acceptedBy: null,
  };
}

function assumptionsOf(outcomes: readonly Outcome[]): Set<string> {
  const named = new Set<string>();
  for (const outcome of outcomes) {
    for (let a: Assumption | null = outcome.flight.assumed; a; a = a.prev) named.add(a.rule);
  }
  return named;
}

/** Undecided matches taken as not holding, first: the way the packet goes if nothing unusual is true of it. */
function primary(outcomes: readonly Outcome[]): Outcome | undefined {
  const taken = (o: Outcome) => {
    let n = 0;
    for (let a = o.flight.assumed; a; a = a.prev) if (a.matched) n++;
    return n;
  };
  let best: Outcome | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const outcome of outcomes) {
    const n = taken(outcome);
    if (n < least) {
      best = outcome;
      least = n;
    }
  }
  return best;
}

/** What each way comes to, where every one of them keeps the packet out; none otherwise. */
function keptOut(outcomes: readonly Outcome[]): NonNullable<Decision['either']> {
  if (!outcomes.every(({ verdict }) => verdict === 'drop' || verdict === 'reject')) return [];
  const ways = outcomes.map((one) => ({
    verdict: one.verdict,
    seen: one.seen,
    decidedBy: one.decidedBy(),
  }));
  return [...new Map(ways.map((way) => [JSON.stringify(way), way])).values()];
}

function summarize(outcomes: readonly Outcome[], findings: Findings): Decision {
  const first = primary(outcomes);
  if (!first) return undecided(findings);
  const verdicts = new Set<Verdict>(outcomes.map((o) => o.verdict));
  const sights = new Set<Seen>(outcomes.map((o) => o.seen));
  if (verdicts.size > 1 || verdicts.has('unknown')) {
    for (const name of assumptionsOf(outcomes)) findings.unknown.add(name);
    if (findings.unknown.size === 0) findings.unknown.add('the ways the packet could go end differently');
    const either = keptOut(outcomes);
    return {
      ...undecided(findings),
      ...(either.length > 0 ? { either } : {}),
      trace: stepsOf(first.flight.path),
    };
  }
  if (first.note !== undefined) findings.notes.add(first.note);
  if (sights.size > 1) {
    for (const name of assumptionsOf(outcomes)) findings.notes.add(`what the client sees depends on ${name}`);
  }
  return {
    ...undecided(findings, first.verdict),
    seen: sights.size > 1 ? 'unknown' : first.seen,
    decidedBy: first.decidedBy(),
    trace: stepsOf(first.flight.path),
  };
}

const ORDER = 'which comes first at the same priority, iptables-legacy or nf_tables: no listing tells';

function hasBoth(tables: readonly Table[]): boolean {
  return tables.some((t) => t.backend === 'legacy') && tables.some((t) => t.backend === 'nft');
}

/** Each way the tables can be, where for some it cannot be told whether they are dormant; all in force first. */
function waysOf(tables: readonly Table[]): { tables: readonly Table[]; assumed: Assumption | null }[] {
  let ways: { tables: readonly Table[]; assumed: Assumption | null }[] = [{ tables, assumed: null }];
  for (const table of tables) {
    const rule = table.mayBeDormant;
    if (rule === undefined) continue;
    if (ways.length >= 8) throw new Error('too many tables whose flags cannot be read');
    ways = [false, true].flatMap((matched) =>
      ways.map((way) => ({
        tables: matched ? way.tables.filter((one) => one !== table) : way.tables,
        assumed: { rule, matched, prev: way.assumed },
      })),
    );
  }
  return ways;
}

function judge({ rulesets, packet, host: facts }: DecideInput, findings: Findings): Decision {
  const given = readHost(facts);
  // It is said to be an address of this host, whether or not it is among those given.
  const host = readHost(facts, typeof packet?.destination === 'string' ? packet.destination : undefined);
  for (const problem of host.problems) findings.notes.add(problem);
  const { bridge, port } = portOf(packet, host);
  const called = (family: 4 | 6) =>
    host.sysctl(`net.bridge.bridge-nf-call-${family === 4 ? 'ip' : 'ip6'}tables`, 1) !== 0;
  const syn = synOf(packet, port);
  if (typeof syn === 'string') {
    findings.unknown.add(syn);
    return undecided(findings);
  }
  const bridged = bridge !== null && called(syn.family);
  if (given.hasAddresses && !given.isLocal(syn.family, syn.dst)) {
    findings.notes.add('the destination is not among the given addresses of this host; it is taken for one');
  }
  const { tables, sound } = readSources(rulesets, syn.family, findings);
  if (!sound) return undecided(findings);
  const walk: Walk = { host, findings, budget: STEPS };
  const outcomes: Outcome[] = [];
  for (const way of waysOf(tables)) {
    const both = hasBoth(way.tables);
    for (const legacyFirst of both ? [false, true] : [false]) {
      const journey = new Journey(walk, way.tables, syn.family, { bridge, port, bridged, legacyFirst });
      const order = { rule: ORDER, matched: legacyFirst, prev: way.assumed };
      journey.arrive({ ...syn, assumed: both ? order : way.assumed });
      outcomes.push(...journey.outcomes);
    }
  }
  return summarize(outcomes, findings);
}

/**
 * Says what becomes of the first SYN of a new TCP connection to an address of this host, by these rules.
 *
 * Pure, and never throws: what cannot be decided or read makes the verdict `unknown`, with the reason in
 * `unknown`. Matches on what is not given are followed both ways; the verdict stands where both agree.
 * @param input rules, packet and host; an absent table means that there are no rules there
 * @returns what the client sees, the rule that decided it (for `accept`: the one that let it in), and the way there
 */
export function decide(input: DecideInput): Decision {
  const findings: Findings = { dependsOnRate: new Set(), notes: new Set(), unknown: new Set() };
  try {
    return judge(input, findings);
  } catch (error) {
    if (error instanceof TooMuch) findings.unknown.add(error.message);
    else if (error instanceof RangeError) findings.unknown.add('the ruleset nests too deep to be followed');
    else findings.unknown.add(`not understood: ${error instanceof Error ? error.message : String(error)}`);
    return undecided(findings);
  }
}
