import type { Hook, RoutingReason } from '../types.ts';
import type { Walk } from './chains.ts';
import type { Table } from './effect.ts';
import { ACK, type Flight, merge, RST, SYN } from './flight.ts';
import { accepted, answerOf } from './answer.ts';
import { chainsOf, type Outcome, type Refused, runHook } from './hooks.ts';
import { isLoopback, isMulticast } from './host.ts';
import { failsReversePath, isMartian4, maySendFrom } from './source-check.ts';

/** What is settled about the way before the packet sets out. */
export interface Way {
  /** The bridge it arrives by. */
  readonly bridge: string | null;
  /** Its port: '' without a bridge, '?' when it is not known. */
  readonly port: string;
  /** True when bridged packets cross the IP hooks inside the bridge (br_netfilter). */
  readonly bridged: boolean;
  /** Whether legacy chains come ahead of nft's of the same priority; no listing tells. */
  readonly legacyFirst: boolean;
}

/** A packet's journey through one host: the SYN in, and its answer out. */
export class Journey {
  readonly walk: Walk;
  readonly tables: readonly Table[];
  readonly outcomes: Outcome[] = [];
  private readonly families: readonly string[];
  private readonly way: Way;

  constructor(walk: Walk, tables: readonly Table[], family: 4 | 6, way: Way) {
    this.walk = walk;
    this.tables = tables;
    this.families = family === 4 ? ['ip', 'inet'] : ['ip6', 'inet'];
    this.way = way;
  }

  /** Walks one hook of the IP layer and answers what was refused there. */
  private ip(hook: Hook, flights: readonly Flight[], answering = false): Flight[] {
    if (flights.length === 0) return [];
    const result = runHook(
      this.walk,
      chainsOf(this.tables, this.families, hook, this.way.legacyFirst),
      hook,
      flights,
      this.outcomes,
    );
    for (const refused of result.refused) this.refuse(refused, answering);
    return result.flights;
  }

  /** Walks one hook of the bridge layer, where interfaces are the bridge's ports. */
  private link(hook: Hook, flights: readonly Flight[], bridge: string | null = this.way.bridge): Flight[] {
    const chains = bridge === null ? [] : chainsOf(this.tables, ['bridge'], hook, false);
    if (bridge === null || flights.length === 0 || chains.length === 0) return [...flights];
    const leaving = hook === 'output' || hook === 'postrouting';
    const known = this.walk.host.bridgePorts[bridge] ?? [];
    const port = bridge === this.way.bridge ? this.way.port : known.length === 1 ? (known[0] ?? '?') : '?';
    const here = flights.map((f) => (leaving ? { ...f, oif: port } : { ...f, iif: f.physIn }));
    const result = runHook(this.walk, chains, hook, here, this.outcomes, 'bridge');
    for (const refused of result.refused) this.refuse(refused, false);
    return result.flights.map((f) => (leaving ? { ...f, oif: bridge } : { ...f, iif: bridge }));
  }

  private device(hook: Hook, name: string, flights: readonly Flight[]): Flight[] {
    const chains = ['netdev', 'inet'].flatMap((family) => chainsOf(this.tables, [family], hook, false, name));
    let passing = [...flights];
    for (const chain of passing.length === 0 ? [] : chains) {
      // nft 1.0.6 lists such chains without their interface: they are followed both ways.
      const told = (chain.base?.devices.length ?? 0) > 0;
      const rule = `${chain.table.family} ${chain.table.name} ${chain.name}: the listing does not say on which interface it is`;
      const aside = told
        ? []
        : passing.map((f) => ({ ...f, assumed: { rule, matched: false, prev: f.assumed } }));
      const here = passing.map((f) => ({
        ...f,
        iif: hook === 'ingress' ? name : f.iif,
        assumed: told ? f.assumed : { rule, matched: true, prev: f.assumed },
      }));
      const iif = passing[0]?.iif ?? '';
      const result = runHook(this.walk, [chain], hook, here, this.outcomes, 'netdev');
      for (const refused of result.refused) this.refuse(refused, false);
      passing = [...aside, ...result.flights.map((f) => ({ ...f, iif }))];
    }
    return merge(passing);
  }

  private end(flights: readonly Flight[], reason: RoutingReason['reason'], note?: string): void {
    for (const flight of flights) {
      const outcome: Outcome = { verdict: 'drop', seen: 'timeout', decidedBy: () => ({ reason }), flight };
      this.outcomes.push(note === undefined ? outcome : { ...outcome, note });
    }
  }

  /** The SYN from the wire to the listener, and the answer back; all ends are in `outcomes` afterwards. */
  arrive(syn: Flight): void {
    let flights: Flight[] = [syn];
    if (syn.iif === 'lo') {
      flights = flights.map((f) => ({ ...f, iif: '', oif: 'lo' }));
      flights = this.ip('postrouting', this.ip('output', flights));
      flights = flights.map((f) => ({ ...f, iif: 'lo', oif: '', boundDst: true, boundSrc: true }));
    }
    if (syn.family === 6 && syn.iif !== 'lo' && (isLoopback(6, syn.src) || isLoopback(6, syn.dst))) {
      this.end(flights, 'martian');
      return;
    }
    if (syn.physIn !== '' && this.way.bridge !== null) flights = this.device('ingress', syn.physIn, flights);
    flights = this.link('prerouting', flights);
    if (this.way.bridged) flights = this.ip('prerouting', flights);
    flights = this.link('input', flights);
    // Without br_netfilter the IP layer does not learn by which port a frame came in.
    if (!this.way.bridged) flights = flights.map((f) => ({ ...f, physIn: '' }));
    flights = this.device('ingress', syn.iif, flights);
    if (!this.way.bridged) flights = this.ip('prerouting', flights);
    for (const flight of flights) this.route(flight);
  }

  /** ip_route_input: martians, the reverse path, and whether it is for this host. */
  private route(flight: Flight): void {
    const { host } = this.walk;
    const { family, iif, src, dst } = flight;
    if (iif !== 'lo') {
      if (isMulticast(family, src)) return this.end([flight], 'martian');
      if (family === 4 && isMartian4(flight, host)) return this.end([flight], 'martian');
      if (family === 4 && failsReversePath(flight, host)) return this.end([flight], 'rp-filter');
      if (family === 6 && isLoopback(6, dst)) {
        return this.undecided(
          flight,
          'IPv6 address translation to ::1: where the packet goes is not modelled',
        );
      }
    }
    // TCP answers no packet to a broadcast or multicast address, and such a one is not sent on.
    if (/^(broadcast|multicast)$/.test(host.typeOf(family, dst)) || BigInt(dst) === 0n)
      return this.end([flight], 'martian');
    const original = dst === flight.connection.original.dst;
    if (original || host.isLocal(family, dst)) return this.deliver(flight);
    return this.forward(flight);
  }

  private undecided(flight: Flight, rule: string): void {
    const assumed = { rule, matched: true, prev: flight.assumed };
    this.outcomes.push({ ...this.lost({ ...flight, assumed }), verdict: 'unknown', seen: 'unknown' });
  }

  private lost(flight: Flight): Outcome {
    return { verdict: 'drop', seen: 'timeout', decidedBy: () => null, flight };
  }

  private deliver(flight: Flight): void {
    for (const f of this.ip('input', [{ ...flight, oif: '' }])) this.answer(f);
  }

  /** The SYN-ACK on its way back. */
  private answer(syn: Flight): void {
    const { host, findings } = this.walk;
    const route = syn.iif === 'lo' ? { oif: 'lo', assumed: false } : host.route(syn.family, syn.src, syn.iif);
    if (route === null) return this.end([syn], 'no-route', 'there is no route back to the client');
    if (!maySendFrom(syn, route.oif, host))
      return this.end([syn], 'martian', `no answer from loopback may leave by ${route.oif}`);
    const { original, snat } = syn.connection;
    if (snat && host.route(syn.family, original.src, syn.iif)?.oif !== route.oif)
      return this.undecided(syn, 'an answer that leaves by another interface than its translated source');
    if (route.assumed)
      findings.notes.add(
        'no routes were given: the answer is taken to leave by the interface the packet came in by',
      );
    if (!route.assumed && route.oif !== syn.iif)
      findings.notes.add(`the answer leaves by ${route.oif}, not by ${syn.iif}, where the packet came in`);
    const reply = answerOf(syn, route.oif, SYN | ACK);
    for (const f of this.leave([reply], route.oif)) this.connect(f);
    return undefined;
  }

  /** The answer reached the client, who takes it only if it comes from the address asked. */
  private connect(flight: Flight): void {
    if ((flight.ct === 'untracked' || flight.ct === 'invalid') && flight.connection.dnat) {
      const note =
        'the answer is not part of the tracked connection, and leaves with an address the client did not ask';
      this.outcomes.push({ ...this.lost(flight), note });
    } else this.outcomes.push({ verdict: 'accept', seen: 'connected', decidedBy: accepted(flight), flight });
  }

  /** A packet of this host's own through OUTPUT, POSTROUTING and out by an interface. */
  private leave(flights: readonly Flight[], oif: string): Flight[] {
    let out = this.ip('postrouting', this.ip('output', flights, true), true);
    if (oif === this.way.bridge || Object.hasOwn(this.walk.host.bridgePorts, oif)) {
      out = this.link('postrouting', this.link('output', out, oif), oif);
    }
    out = this.device('egress', oif, out);
    if (oif !== 'lo') return out;
    const back = out.map((f) => ({ ...f, iif: 'lo', oif: '', boundDst: true, boundSrc: true }));
    return this.ip('input', this.ip('prerouting', back, true), true);
  }

  private forward(flight: Flight): void {
    const { host } = this.walk;
    const { family, iif } = flight;
    const on =
      family === 4
        ? Math.max(host.sysctl('net.ipv4.ip_forward', 0), host.confMax(4, iif, 'forwarding'))
        : host.sysctl('net.ipv6.conf.all.forwarding', 0);
    if (on === 0)
      return this.end([flight], 'no-route', 'the packet is sent on to another host, and forwarding is off');
    const route = host.route(family, flight.dst, '');
    if (route === null || route.oif === '') {
      this.outcomes.push({
        verdict: 'reject',
        seen: 'network-unreachable',
        decidedBy: () => ({ reason: 'no-route' }),
        flight,
      });
      return undefined;
    }
    if (this.way.bridged && route.oif === iif) {
      return this.undecided(
        flight,
        'address translation back into the bridge the packet came from is not modelled',
      );
    }
    const sent = { ...flight, oif: route.oif, ttl: flight.ttl - 1 };
    for (const f of this.ip('postrouting', this.ip('forward', [sent]))) {
      const reply = answerOf(f, '', SYN | ACK);
      const home = { ...reply, iif: route.oif };
      const out = host.route(family, flight.src, iif)?.oif ?? iif;
      const inbound = this.ip('prerouting', [home], true).map((r) => ({ ...r, oif: out, dst: flight.src }));
      for (const r of this.ip('postrouting', this.ip('forward', inbound, true), true)) this.connect(r);
    }
    return undefined;
  }

  /**
   * A refusal of the host's own answer goes to the host itself, by OUTPUT and INPUT, related to the connection. Where
   * one of them refuses it, an ICMP error about it goes to the client; nothing is sent about a reset by a reset
   * (nf_send_reset in net/ipv4/netfilter/nf_reject_ipv4.c).
   */
  private comesBackRefused(flight: Flight, { kind }: Refused['refusal']): boolean {
    if (kind !== 'tcp-reset') return false;
    const reset = { ...answerOf(flight, 'lo', RST | ACK), ct: 'related' as const };
    const refused = (hook: Hook, sent: Flight): Refused[] => {
      const chains = chainsOf(this.tables, this.families, hook, this.way.legacyFirst);
      return runHook(this.walk, chains, hook, [sent], []).refused;
    };
    return (
      refused('output', reset).some((one) => one.refusal.kind !== 'tcp-reset') ||
      refused('input', { ...reset, iif: 'lo', oif: '' }).length > 0
    );
  }

  /** A refusal is a packet too, and rules for packets leaving may swallow it. */
  private refuse({ refusal, flight, rule, hook, layer }: Refused, answering: boolean): void {
    const outcome = (f: Flight): Outcome => {
      const result: Outcome = { verdict: 'reject', seen: refusal.seen, decidedBy: rule, flight: f };
      return refusal.note === undefined ? result : { ...result, note: refusal.note };
    };
    if (answering || flight.replyDirection) {
      if (this.comesBackRefused(flight, refusal)) {
        return this.undecided(
          flight,
          'the answer is refused on its way out, and that refusal refused in turn',
        );
      }
      const note = 'the answer is refused on its way out';
      this.outcomes.push({ verdict: 'drop', seen: 'timeout', decidedBy: rule, flight, note });
      return;
    }
    const reset = refusal.kind === 'tcp-reset';
    if (layer !== 'ip' || (reset && this.way.bridged)) {
      const wrong = layer === 'ip' && flight.connection.dnat;
      const note = 'the reset leaves the bridge with the translated address, which the client did not ask';
      this.outcomes.push(
        wrong ? { verdict: 'drop', seen: 'timeout', decidedBy: rule, flight, note } : outcome(flight),
      );
      return;
    }
    const route = this.walk.host.route(flight.family, flight.src, flight.iif);
    if (route === null) return this.end([flight], 'no-route', 'there is no route back to the client');
    const oif = flight.iif === 'lo' ? 'lo' : route.oif;
    const base = answerOf(flight, oif, reset ? RST | ACK : 0);
    const related = flight.ct === 'new' || flight.ct === 'established';
    // An ICMP error comes from the address asked only when that is known to be local: in INPUT, or for IPv6.
    const chosen = !reset && (hook === 'forward' || (hook === 'prerouting' && flight.family === 4));
    const src = chosen ? (this.walk.host.primary(flight.family, oif) ?? base.src) : base.src;
    const answer: Flight = {
      ...base,
      src,
      ct: related ? 'related' : 'none',
      connection: flight.connection,
      protocol: reset ? 6 : flight.family === 4 ? 1 : 58,
      // icmp_send() marks its errors as internetwork control.
      tos: !reset && flight.family === 4 ? 0xc0 : 0,
      icmpType: refusal.icmpType,
      icmpCode: refusal.icmpCode,
      length: reset ? (flight.family === 4 ? 40 : 60) : flight.length + (flight.family === 4 ? 28 : 48),
    };
    for (const f of this.leave([answer], oif)) this.outcomes.push(outcome(f));
    return undefined;
  }
}
