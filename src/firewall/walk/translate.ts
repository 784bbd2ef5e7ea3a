import { formatIp, type IpValue } from '../address.ts';
import type { Effect, Place } from './effect.ts';
import type { Flight } from './flight.ts';

/** `ADDRESS[:PORT]` as people write it. */
export function endpoint(family: 4 | 6, address: IpValue, port: number): string {
  const ip = formatIp(family, address);
  return family === 4 ? `${ip}:${port}` : `[${ip}]:${port}`;
}

/** The flight with its destination translated and the connection's entry bound to that. */
export function bindDestination(flight: Flight, address: IpValue | null, port: number | null): Flight {
  const dst = address ?? flight.dst;
  const dport = port ?? flight.dport;
  const c = flight.connection;
  const changed = dst !== flight.dst || dport !== flight.dport;
  return {
    ...flight,
    dst,
    dport,
    boundDst: true,
    connection: { ...c, dnat: c.dnat || changed, reply: { ...c.reply, src: dst, sport: dport } },
  };
}

/** The flight with its source translated. */
export function bindSource(flight: Flight, address: IpValue | null, port: number | null): Flight {
  const src = address ?? flight.src;
  const sport = port ?? flight.sport;
  const c = flight.connection;
  const changed = src !== flight.src || sport !== flight.sport;
  return {
    ...flight,
    src,
    sport,
    boundSrc: true,
    connection: { ...c, snat: c.snat || changed, reply: { ...c.reply, dst: src, dport: sport } },
  };
}

/**
 * Where REDIRECT sends a packet: the first address of the interface it came in by, loopback for one sent from
 * here (nf_nat_redirect.c). null: the interface has none, and the kernel drops the packet.
 */
export function redirectAddress(flight: Flight, place: Place): IpValue | null {
  if (place.hook === 'output') return flight.family === 4 ? 2130706433 : 1n;
  return place.host.primary(flight.family, flight.iif);
}

/** What a translation may choose from: addresses from `low` to `high`, and ports. null: what the packet has stays. */
export interface Choices {
  readonly addresses: { readonly low: IpValue; readonly high: IpValue } | null;
  readonly ports: PortChoice | null;
}

interface PortChoice {
  readonly low: number;
  readonly high: number;
  /** Any of them may be taken, not only the first or the packet's own. */
  readonly random: boolean;
  /** The port that is translated to the first of the range, the next to the second and so on. */
  readonly base: number | null;
  /** The port that the packet has. */
  readonly old: number;
}

/** More ways than these are not followed one by one. */
const MOST_CHOICES = 16;

/** nf_nat_l4proto_unique_tuple in net/netfilter/nf_nat_core.c. */
function portsOf(choice: PortChoice | null, source: boolean): (number | null)[] | null {
  if (!choice) return [null];
  const { low, high, random, base, old } = choice;
  const size = high - low + 1;
  if (base !== null) return [low + (((old - base) & 0xffff) % size)];
  if (!random && old >= low && old <= high) return [old];
  if (!random && !source) return [low];
  return size > MOST_CHOICES ? null : Array.from({ length: size }, (_, i) => low + i);
}

function addressesOf({ addresses }: Choices): (IpValue | null)[] | null {
  if (!addresses) return [null];
  const { low, high } = addresses;
  if (BigInt(high) - BigInt(low) >= BigInt(MOST_CHOICES) || low > high) return null;
  const out: IpValue[] = [];
  for (let at = low; at <= high; typeof at === 'bigint' ? at++ : at++) out.push(at);
  return out;
}

function effectsOf(flight: Flight, place: Place, choices: Choices, source: boolean): readonly Effect[] {
  const addresses = addressesOf(choices);
  const ports = portsOf(choices.ports, source);
  if (!addresses || !ports || addresses.length * ports.length > MOST_CHOICES) return [{ go: 'open', flight }];
  const rule = addresses.length * ports.length > 1 ? place.rule() : null;
  return addresses.flatMap((address) =>
    ports.map((port): Effect => {
      const from =
        rule === null ? flight : { ...flight, assumed: { rule, matched: true, prev: flight.assumed } };
      const bound = source ? bindSource(from, address, port) : bindDestination(from, address, port);
      const target = source
        ? endpoint(bound.family, bound.src, bound.sport)
        : endpoint(bound.family, bound.dst, bound.dport);
      return { go: 'nat', target, flight: bound };
    }),
  );
}

/** The ways a packet may go whose destination is translated to one of these: one by one, as far as they are few. */
export function destinationEffects(flight: Flight, place: Place, choices: Choices): readonly Effect[] {
  return effectsOf(flight, place, choices, false);
}

/** The same for its source. */
export function sourceEffects(flight: Flight, place: Place, choices: Choices): readonly Effect[] {
  return effectsOf(flight, place, choices, true);
}
