import { type Flight, NO_ZONE } from './flight.ts';
import type { Outcome } from './hooks.ts';

/** The rule that let the flight in, as the verdict names it. */
export function accepted(flight: Flight): Outcome['decidedBy'] {
  const by = flight.acceptedBy;
  return () => {
    if (!by) return null;
    const { action: _action, target: _target, ...rest } = by();
    return rest;
  };
}

/** A packet of the same connection in the other direction, as it starts from this host. */
export function answerOf(flight: Flight, oif: string, tcpFlags: number): Flight {
  const entry = flight.ct === 'new' || flight.ct === 'established';
  return {
    ...flight,
    src: flight.dst,
    dst: flight.src,
    sport: flight.dport,
    dport: flight.sport,
    tcpFlags,
    ttl: 64,
    tos: 0,
    length: flight.family === 4 ? 60 : 80,
    iif: '',
    oif,
    physIn: '',
    physOut: '',
    mac: null,
    mark: 0,
    ct: 'none',
    zone: NO_ZONE,
    replyDirection: true,
    boundDst: true,
    boundSrc: true,
    connection: { ...flight.connection, seenReply: entry, confirmed: entry },
  };
}
