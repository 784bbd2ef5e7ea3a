import type { IpValue } from '../address.ts';
import type { TraceStep } from '../types.ts';

/** What conntrack says about the packet; `none` before it has looked. */
type CtState = 'none' | 'new' | 'established' | 'related' | 'untracked' | 'invalid';

/** The connection's entry as the matches see it. */
interface Connection {
  readonly mark: number;
  readonly dnat: boolean;
  readonly snat: boolean;
  readonly seenReply: boolean;
  readonly confirmed: boolean;
  /** Source and destination as the first packet came in, and as answers are expected. */
  readonly original: Tuple;
  readonly reply: Tuple;
  readonly zone: Zone;
}

/** Conntrack's zone: as it was set, and what of it counts for packets of either direction. */
interface Zone {
  readonly id: number;
  readonly original: number;
  readonly reply: number;
}

export const NO_ZONE: Zone = { id: 0, original: 0, reply: 0 };

/** Ahead of conntrack's look, what rules chose for it hangs on the packet as if it were an entry: a template. */
export function hasTemplate({ ct, zone }: Flight): boolean {
  return ct === 'none' && zone !== NO_ZONE;
}

interface Tuple {
  readonly src: IpValue;
  readonly dst: IpValue;
  readonly sport: number;
  readonly dport: number;
}

/** A match that could not be decided, and which way this flight took it to go. */
export interface Assumption {
  readonly rule: string;
  readonly matched: boolean;
  readonly prev: Assumption | null;
}

/** The way so far, newest first. */
export interface Path {
  readonly step: () => TraceStep;
  readonly prev: Path | null;
}

/**
 * A packet on its way, never changed in place: rules that alter it make a new one. Where a match cannot be
 * decided the flight becomes two, and two that are alike again become one (`keyOf`).
 */
export interface Flight {
  readonly family: 4 | 6;
  readonly protocol: number;
  readonly src: IpValue;
  readonly dst: IpValue;
  readonly sport: number;
  readonly dport: number;
  readonly tcpFlags: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly ttl: number;
  readonly tos: number;
  readonly length: number;
  readonly iif: string;
  readonly oif: string;
  readonly physIn: string;
  readonly physOut: string;
  readonly mac: string | null;
  readonly destinationMac: string | null;
  readonly etherType: number;
  readonly mark: number;
  readonly ct: CtState;
  /** What rules ahead of conntrack chose for this packet. */
  readonly zone: Zone;
  readonly replyDirection: boolean;
  readonly connection: Connection;
  /** An address translation was made, or decided against, for the source or destination side. */
  readonly boundDst: boolean;
  readonly boundSrc: boolean;
  /** State that rules leave behind for later rules of the same packet: recent lists, dynamic sets. */
  readonly memory: ReadonlyMap<string, number>;
  readonly assumed: Assumption | null;
  readonly path: Path | null;
  /** The rule or policy that let it in, for the report. */
  readonly acceptedBy: (() => TraceStep) | null;
}

/** A port that was not given: some ephemeral one (net.ipv4.ip_local_port_range as the kernel ships it). */
export const ANY_PORT = -1;
export const EPHEMERAL = { first: 32768, last: 60999 } as const;

export const SYN = 2;
export const RST = 4;
export const ACK = 16;

/** Two flights with the same key meet the same fate from here on. */
export function keyOf(f: Flight): string {
  const c = f.connection;
  let key = `${f.mark}|${f.ct}|${f.src}|${f.dst}|${f.sport}|${f.dport}|${f.ttl}|${f.tos}|${f.iif}|${f.oif}`;
  key += `|${f.boundDst}|${f.boundSrc}|${c.mark}|${c.dnat}|${c.snat}|${c.original.dst}|${c.reply.src}|${c.reply.sport}`;
  key += `|${f.zone !== NO_ZONE}${f.zone.id}.${f.zone.reply}|${c.zone.id}.${c.zone.reply}`;
  for (const [name, value] of f.memory) key += `|${name}=${value}`;
  return key;
}

/**
 * Joins flights that are alike, keeping their order. Where the two sides of one undecided match are alike
 * again, the match made no difference and is forgotten.
 */
export function merge(flights: readonly Flight[]): Flight[] {
  if (flights.length < 2) return [...flights];
  const byKey = new Map<string, Flight>();
  for (const flight of flights) {
    const key = keyOf(flight);
    const other = byKey.get(key);
    if (!other) byKey.set(key, flight);
    else byKey.set(key, { ...other, assumed: common(other.assumed, flight.assumed) });
  }
  return [...byKey.values()];
}

function common(a: Assumption | null, b: Assumption | null): Assumption | null {
  if (a === b) return a;
  if (a && b && a.prev === b.prev) return a.prev;
  if (a && a.prev === b) return b;
  if (b && b.prev === a) return a;
  return a ?? b;
}
