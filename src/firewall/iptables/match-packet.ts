import { type IpValue, parseIp } from '../address.ts';
import { type Answer, either, type Place } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import type { OptionUse } from './rule.ts';
import { icmpMatches } from './icmp.ts';
import { inPortRange, matchesInterface, readNumber } from './values.ts';

/** One rule being tried on one flight; a match that leaves state behind puts the changed flight here. */
export interface Trial {
  flight: Flight;
  readonly place: Place;
  /** Some rate match was decided for a fresh state. */
  rate: boolean;
}

export type Match = (options: readonly OptionUse[], trial: Trial) => Answer;

/** All options must hold; the first that does not ends it, one that cannot be decided leaves it open. */
export function every(options: readonly OptionUse[], test: (o: OptionUse) => Answer | null): Answer {
  let result: Answer = true;
  for (const option of options) {
    const answer = test(option);
    const held = answer === null ? 'unknown' : either(option.negated, answer);
    if (held === false) return false;
    if (held === 'unknown') result = 'unknown';
  }
  return result;
}

const FLAGS: Readonly<Record<string, number>> = {
  FIN: 1,
  SYN: 2,
  RST: 4,
  PSH: 8,
  ACK: 16,
  URG: 32,
  ECE: 64,
  CWR: 128,
  ALL: 63,
  NONE: 0,
}; // prettier-ignore

function flagsOf(list: string): number {
  let bits = 0;
  for (const name of list.split(',')) bits |= FLAGS[name] ?? Number.NaN;
  return bits;
}

const word = (o: OptionUse) => o.words[0] ?? '';

export const tcp: Match = (options, { flight }) =>
  every(options, (o) => {
    switch (o.name) {
      case '--dport':
      case '--destination-port':
        return inPortRange(flight.dport, word(o));
      case '--sport':
      case '--source-port':
        return inPortRange(flight.sport, word(o));
      case '--syn':
        return (flight.tcpFlags & 23) === 2;
      case '--tcp-flags':
        return (flight.tcpFlags & flagsOf(word(o))) === flagsOf(o.words[1] ?? '');
      default:
        return null;
    }
  });

export const multiport: Match = (options, { flight }) =>
  every(options, (o) => {
    let unsure = false;
    for (const part of word(o).split(',')) {
      const source = o.name !== '--dports' && o.name !== '--destination-ports';
      const destination = o.name !== '--sports' && o.name !== '--source-ports';
      const s = source ? inPortRange(flight.sport, part) : false;
      const d = destination ? inPortRange(flight.dport, part) : false;
      if (s || d) return true;
      if (s === null || d === null) unsure = true;
    }
    return unsure ? null : false;
  });

export const icmp: Match = (options, { flight }) =>
  every(options, (o) => icmpMatches(flight.family, word(o), flight.icmpType, flight.icmpCode));

function inRange(value: IpValue, family: 4 | 6, spec: string): Answer | null {
  const [a, b] = spec.split('-');
  const low = parseIp(a ?? '');
  const high = parseIp(b ?? a ?? '');
  if (!low || !high || low.family !== family || high.family !== family) return null;
  return value >= low.value && value <= high.value;
}

export const iprange: Match = (options, { flight }) =>
  every(options, (o) => inRange(o.name === '--src-range' ? flight.src : flight.dst, flight.family, word(o)));

export const mac: Match = (options, { flight, place }) =>
  every(options, (o) => {
    if (flight.iif === '' || flight.iif === 'lo' || place.hook === 'output' || place.hook === 'postrouting') {
      return o.negated;
    }
    return flight.mac === null ? null : flight.mac === word(o).toLowerCase();
  });

function compare(name: string, value: number, given: string): Answer | null {
  const wanted = readNumber(given);
  if (Number.isNaN(wanted)) return null;
  if (name.endsWith('-gt')) return value > wanted;
  return name.endsWith('-lt') ? value < wanted : value === wanted;
}

export const ttl: Match = (options, { flight }) =>
  every(options, (o) => compare(o.name, flight.ttl, word(o).replace(/^==?/, '')));

export const length: Match = (options, { flight }) =>
  every(options, (o) => inPortRange(flight.length, word(o)));

export const pkttype: Match = (options) => every(options, (o) => word(o) === 'unicast' || word(o) === 'host');

export const dscp: Match = (options, { flight }) =>
  every(options, (o) => (o.name === '--dscp' ? flight.tos >> 2 === readNumber(word(o)) : null));

export const tos: Match = (options, { flight }) =>
  every(options, (o) => {
    const [value, mask] = word(o).split('/').map(readNumber);
    if (value === undefined || Number.isNaN(value)) return null;
    return (flight.tos & (mask ?? 0xff)) === value;
  });

export const ecn: Match = (options, { flight }) =>
  every(options, (o) => {
    if (o.name === '--ecn-ip-ect') return (flight.tos & 3) === readNumber(word(o));
    if (flight.protocol !== 6) return o.negated;
    return o.name === '--ecn-tcp-cwr' ? (flight.tcpFlags & 128) !== 0 : (flight.tcpFlags & 64) !== 0;
  });

/** xt_addrtype.c: one type for an IPv4 address; for IPv6 every property asked for must hold. */
export const addrtype: Match = (options, { flight, place }) => {
  const onIn = options.some((o) => o.name === '--limit-iface-in');
  const onOut = options.some((o) => o.name === '--limit-iface-out');
  const iface = onIn ? flight.iif : onOut ? flight.oif : undefined;
  return every(options, (o) => {
    if (o.name === '--limit-iface-in' || o.name === '--limit-iface-out') return true;
    const types = word(o).toLowerCase().split(',');
    const value = o.name === '--src-type' ? flight.src : flight.dst;
    const type = place.host.typeOf(flight.family, value, iface);
    if (flight.family === 4) return types.includes(type);
    if (types.includes('multicast') && type !== 'multicast') return false;
    if (types.includes('unicast') && type === 'multicast') return false;
    if (types.includes('unspec') && BigInt(value) !== 0n) return false;
    if (!types.some((t) => t === 'local' || t === 'anycast' || t === 'unreachable')) return true;
    if (types.includes('local') && type === 'local') return true;
    return types.includes('unreachable') && place.host.route(6, value, flight.iif) === null;
  });
};

/** xt_physdev.c. Without a bridge in the way only negated options hold. */
export const physdev: Match = (options, { flight }) => {
  if (flight.physIn === '?') return 'unknown';
  const inside = flight.physIn;
  const outside = flight.physOut;
  if (inside === '' && outside === '') return options.every((o) => o.negated);
  return every(options, (o) => {
    switch (o.name) {
      case '--physdev-is-in':
        return inside !== '';
      case '--physdev-is-out':
      case '--physdev-is-bridged':
        return outside !== '';
      case '--physdev-in':
        return inside === '' ? !o.negated : matchesInterface(word(o), inside);
      case '--physdev-out':
        return matchesInterface(word(o), outside);
      default:
        return null;
    }
  });
};

/** xt_rpfilter / ip6t_rpfilter: would an answer to the source leave by the interface it came in? */
export const rpfilter: Match = (options, { flight, place }) => {
  const has = (name: string) => options.some((o) => o.name === name);
  const inverted = has('--invert');
  if (flight.iif === 'lo') return !inverted;
  const route = place.host.route(flight.family, flight.src, flight.iif);
  let fine = route !== null;
  if (route?.oif === 'lo') fine = has('--accept-local');
  else if (route) fine = route.oif === flight.iif || has('--loose');
  return fine !== inverted;
};
