import { formatIp, type IpValue } from '../address.ts';
import type { Place } from './effect.ts';
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
