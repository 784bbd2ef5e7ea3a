import type { Flight } from '../walk/flight.ts';
import { ACK, ANY_PORT } from '../walk/flight.ts';
import type { Place } from '../walk/effect.ts';
import { type Json, member, text } from './json.ts';
import type { Kind } from './constants.ts';

export interface Scalar {
  readonly kind: Kind;
  readonly v: number | bigint | string;
}
/** `break`: the packet has no such field and the rule ends. `unknown`: it has one, and its value is not given. */
export type Field = Scalar | 'break' | 'unknown';

const num = (kind: Kind, v: number | bigint): Scalar => ({ kind, v });

function macNumber(mac: string | null): number | null {
  return mac === null ? null : Number.parseInt(mac.replaceAll(':', ''), 16);
}

function ether(field: string, f: Flight, place: Place): Field {
  if (f.iif === 'lo' || (f.iif === '' && place.layer === 'ip')) return 'break';
  if (field === 'type') return num('ethertype', f.etherType);
  const mac = macNumber(field === 'saddr' ? f.mac : field === 'daddr' ? f.destinationMac : null);
  return mac === null ? 'unknown' : num('ether', mac);
}

function ip4(field: string, f: Flight): Field {
  switch (field) {
    case 'saddr':
      return num('ip4', f.src);
    case 'daddr':
      return num('ip4', f.dst);
    case 'protocol':
      return num('proto', f.protocol);
    case 'ttl':
      return num('number', f.ttl);
    case 'length':
      return num('number', f.length);
    case 'version':
      return num('number', 4);
    case 'hdrlength':
      return num('number', 5);
    case 'dscp':
      return num('dscp', f.tos >> 2);
    case 'ecn':
      return num('ecn', f.tos & 3);
    default:
      return 'unknown';
  }
}

function ip6(field: string, f: Flight): Field {
  switch (field) {
    case 'saddr':
      return num('ip6', f.src);
    case 'daddr':
      return num('ip6', f.dst);
    case 'nexthdr':
      return num('proto', f.protocol);
    case 'hoplimit':
      return num('number', f.ttl);
    case 'length':
      return num('number', f.length - 40);
    case 'version':
      return num('number', 6);
    case 'dscp':
      return num('dscp', f.tos >> 2);
    case 'ecn':
      return num('ecn', f.tos & 3);
    default:
      return 'unknown';
  }
}

function tcp(field: string, f: Flight): Field {
  switch (field) {
    case 'sport':
      return num('port', f.sport);
    case 'dport':
      return num('port', f.dport);
    case 'flags':
      return num('tcpflags', f.tcpFlags);
    case 'ackseq':
      return (f.tcpFlags & ACK) === 0 ? num('number', 0) : 'unknown';
    case 'urgptr':
    case 'reserved':
      return num('number', 0);
    default:
      return 'unknown';
  }
}

/** A named header field: `{"payload": {"protocol": "tcp", "field": "dport"}}`, with the protocol it implies. */
function named(protocol: string, field: string, f: Flight, place: Place): Field {
  switch (protocol) {
    case 'ether':
      return ether(field, f, place);
    case 'ip':
      return f.family === 4 ? ip4(field, f) : 'break';
    case 'ip6':
      return f.family === 6 ? ip6(field, f) : 'break';
    case 'tcp':
      return f.protocol === 6 ? tcp(field, f) : 'break';
    case 'th':
      if (f.protocol === 6) return field === 'sport' || field === 'dport' ? tcp(field, f) : 'unknown';
      // No protocol is implied: of an ICMP message these are its type and code, and its checksum.
      return field === 'sport' ? num('port', f.icmpType * 256 + f.icmpCode) : 'unknown';
    case 'icmp':
      if (f.family !== 4 || f.protocol !== 1) return 'break';
      if (field === 'type') return num('icmp', f.icmpType);
      return field === 'code' ? num('icmpcode', f.icmpCode) : 'unknown';
    case 'icmpv6':
      if (f.family !== 6 || f.protocol !== 58) return 'break';
      if (field === 'type') return num('icmp6', f.icmpType);
      return field === 'code' ? num('icmp6code', f.icmpCode) : 'unknown';
    case 'udp':
    case 'udplite':
    case 'sctp':
    case 'dccp':
    case 'esp':
    case 'ah':
    case 'comp':
    case 'igmp':
    case 'vlan':
    case 'arp':
    case 'gre':
    case 'gretap':
    case 'geneve':
    case 'vxlan':
      return 'break';
    default:
      return 'unknown';
  } // prettier-ignore
}

type Bytes = (number | null)[];

function put(bytes: Bytes, at: number, size: number, value: number | bigint): void {
  for (let i = 0; i < size; i++) bytes[at + i] = Number((BigInt(value) >> BigInt(8 * (size - 1 - i))) & 255n);
}

/** The bytes of a header, null where they are not given. */
function headerBytes(base: string, f: Flight): Bytes | null {
  const bytes: Bytes = Array.from({ length: 60 }, () => null);
  if (base === 'th') {
    if (f.protocol === 6) {
      if (f.sport !== ANY_PORT) put(bytes, 0, 2, f.sport);
      if (f.dport !== ANY_PORT) put(bytes, 2, 2, f.dport);
      if ((f.tcpFlags & ACK) === 0) put(bytes, 8, 4, 0);
      put(bytes, 13, 1, f.tcpFlags);
      put(bytes, 18, 2, 0);
    } else if (f.protocol === 1 || f.protocol === 58) {
      put(bytes, 0, 1, f.icmpType);
      put(bytes, 1, 1, f.icmpCode);
    }
    return bytes;
  }
  if (base !== 'nh') return null;
  if (f.family === 4) {
    put(bytes, 0, 1, 0x45);
    put(bytes, 1, 1, f.tos);
    put(bytes, 2, 2, f.length);
    put(bytes, 8, 1, f.ttl);
    put(bytes, 9, 1, f.protocol);
    put(bytes, 12, 4, f.src);
    put(bytes, 16, 4, f.dst);
  } else {
    put(bytes, 4, 2, f.length - 40);
    put(bytes, 6, 1, f.protocol);
    put(bytes, 7, 1, f.ttl);
    put(bytes, 8, 16, f.src);
    put(bytes, 24, 16, f.dst);
  }
  return bytes;
}

function raw(base: string, offset: number, bits: number, f: Flight): Field {
  const bytes = headerBytes(base, f);
  if (!bytes || bits <= 0 || bits > 128) return 'unknown';
  let value = 0n;
  for (let bit = offset; bit < offset + bits; bit++) {
    const byte = bytes[bit >> 3];
    if (byte === null || byte === undefined) return 'unknown';
    value = (value << 1n) | BigInt((byte >> (7 - (bit & 7))) & 1);
  }
  return num('number', bits > 48 ? value : Number(value));
}

/** Reads `{"payload": …}` of either form. */
export function readPayload(body: Json, flight: Flight, place: Place): Field {
  const protocol = text(member(body, 'protocol'));
  const field = text(member(body, 'field'));
  if (protocol !== undefined && field !== undefined) return named(protocol, field, flight, place);
  const base = text(member(body, 'base'));
  const offset = member(body, 'offset');
  const bits = member(body, 'len');
  if (base === undefined || typeof offset !== 'number' || typeof bits !== 'number') return 'unknown';
  return raw(base, offset, bits, flight);
}
