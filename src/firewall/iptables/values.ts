import { type IpValue, parseIpv4, parseIpv6, samePrefix } from '../address.ts';
import { ANY_PORT, EPHEMERAL } from '../walk/flight.ts';

/** Reads a decimal, hexadecimal (0x) or octal (leading 0) number of 32 bits; NaN when it is none. */
export function readNumber(text: string): number {
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^(0x[0-9a-fA-F]+|\d+)$/.test(text) ? Number(text) : Number.NaN;
}

/** Reads `VALUE` or `VALUE/MASK`. */
export function readMasked(text: string): { value: number; mask: number } | null {
  const slash = text.indexOf('/');
  const value = readNumber(slash < 0 ? text : text.slice(0, slash));
  const mask = slash < 0 ? 0xffffffff : readNumber(text.slice(slash + 1));
  return Number.isNaN(value) || Number.isNaN(mask) ? null : { value: value >>> 0, mask: mask >>> 0 };
}

/**
 * Does an address lie in `ADDRESS`, `ADDRESS/LENGTH` or `ADDRESS/MASK` (a mask need not be contiguous)?
 * @returns null when the text is not an address of that family (a host name, say).
 */
export function inSpec(family: 4 | 6, value: IpValue, spec: string): boolean | null {
  if (spec.includes(',')) {
    let any: boolean | null = false;
    for (const part of spec.split(',')) {
      const hit = inSpec(family, value, part);
      if (hit) return true;
      if (hit === null) any = null;
    }
    return any;
  }
  const slash = spec.indexOf('/');
  if (family === 4) {
    const address = parseIpv4(spec, 0, slash < 0 ? spec.length : slash);
    if (address < 0) return null;
    if (slash < 0) return address === value;
    if (spec.indexOf('.', slash) > 0) {
      const mask = parseIpv4(spec, slash + 1);
      return mask < 0 ? null : ((Number(value) ^ address) & mask) === 0;
    }
    const length = Number(spec.slice(slash + 1));
    return Number.isInteger(length) && length >= 0 && length <= 32
      ? samePrefix(4, value, address, length)
      : null;
  }
  const address = parseIpv6(slash < 0 ? spec : spec.slice(0, slash));
  if (address === null) return null;
  if (slash < 0) return address === value;
  const rest = spec.slice(slash + 1);
  if (rest.includes(':')) {
    const mask = parseIpv6(rest);
    return mask === null ? null : ((BigInt(value) ^ address) & mask) === 0n;
  }
  const length = Number(rest);
  return Number.isInteger(length) && length >= 0 && length <= 128
    ? samePrefix(6, value, address, length)
    : null;
}

/** An interface name against a pattern with an optional trailing `+`. */
export function matchesInterface(pattern: string, name: string): boolean {
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

const PORTS: Readonly<Record<string, number>> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  http: 80,
  www: 80,
  pop3: 110,
  sunrpc: 111,
  ntp: 123,
  imap: 143,
  imap2: 143,
  snmp: 161,
  ldap: 389,
  https: 443,
  submission: 587,
  imaps: 993,
  pop3s: 995,
  mysql: 3306,
  postgresql: 5432,
  'http-alt': 8080,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  'netbios-ns': 137,
  'netbios-dgm': 138,
  'netbios-ssn': 139,
  'microsoft-ds': 445,
  syslog: 514,
  rsync: 873,
  openvpn: 1194,
  nfs: 2049,
  mdns: 5353,
}; // prettier-ignore

/** Reads a port number or one of the common service names; NaN for others, and for what is more than a port can be. */
function readPort(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) > 65_535 ? Number.NaN : Number(text);
  return Object.hasOwn(PORTS, text) ? (PORTS[text] as number) : Number.NaN;
}

/** `A`, `A:B`, `:B`, `A:`; null when not understood, or when it depends on a port that was not given. */
export function inPortRange(port: number, spec: string): boolean | null {
  if (port === ANY_PORT) {
    const [low, high = low] = spec.split(':').map((end, i) => (end === '' ? i * 65535 : readPort(end)));
    return low === undefined || high === undefined ? null : anyPortWithin(low, high);
  }
  const colon = spec.indexOf(':');
  if (colon < 0) {
    const only = readPort(spec);
    return Number.isNaN(only) ? null : only === port;
  }
  const low = colon === 0 ? 0 : readPort(spec.slice(0, colon));
  const high = colon === spec.length - 1 ? 65535 : readPort(spec.slice(colon + 1));
  return Number.isNaN(low) || Number.isNaN(high) ? null : port >= low && port <= high;
}

/** Does some ephemeral port lie within? null when it depends on which. */
export function anyPortWithin(low: number, high: number): boolean | null {
  if (low <= EPHEMERAL.first && high >= EPHEMERAL.last) return true;
  return high < EPHEMERAL.first || low > EPHEMERAL.last ? false : null;
}

const PROTOCOLS: Readonly<Record<string, number>> = {
  all: 0,
  ip: 0,
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  ipip: 4,
  tcp: 6,
  egp: 8,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  'ipv6-route': 43,
  'ipv6-frag': 44,
  rsvp: 46,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  'ipv6-icmp': 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  eigrp: 88,
  ospf: 89,
  pim: 103,
  ipcomp: 108,
  vrrp: 112,
  l2tp: 115,
  sctp: 132,
  mh: 135,
  'mobility-header': 135,
  udplite: 136,
  'mpls-in-ip': 137,
  hopopt: 0,
}; // prettier-ignore

/** A protocol's number from its name or number; NaN for names not known here. */
export function readProtocol(text: string): number {
  const name = text.toLowerCase();
  if (/^\d+$/.test(name)) return Number(name);
  return Object.hasOwn(PROTOCOLS, name) ? (PROTOCOLS[name] as number) : Number.NaN;
}
