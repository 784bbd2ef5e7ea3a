/** An IPv4 address as an unsigned number, an IPv6 address as a bigint. */
export type IpValue = number | bigint;
export interface Ip {
  family: 4 | 6;
  value: IpValue;
}
export interface Prefix extends Ip {
  length: number;
}

/** Reads dotted IPv4 from text[start, end); -1 when it is not one. */
export function parseIpv4(text: string, start = 0, end = text.length): number {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c >= 48 && c <= 57) {
      octet = (octet < 0 ? 0 : octet * 10) + c - 48;
      if (octet > 255) return -1;
    } else if (c === 46 && octet >= 0 && dots < 3) {
      value = value * 256 + octet;
      octet = -1;
      dots++;
    } else return -1;
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : -1;
}

/** Reads IPv6 in any of its spellings, IPv4 tail included; null when it is not one. */
export function parseIpv6(input: string): bigint | null {
  const percent = input.indexOf('%');
  let text = percent < 0 ? input : input.slice(0, percent);
  const lastColon = text.lastIndexOf(':');
  if (lastColon < 0 || text.length > 45) return null;
  if (text.indexOf('.', lastColon) > 0) {
    const v4 = parseIpv4(text, lastColon + 1);
    if (v4 < 0) return null;
    text = `${text.slice(0, lastColon + 1)}${Math.floor(v4 / 65536).toString(16)}:${(v4 % 65536).toString(16)}`;
  }
  const double = text.indexOf('::');
  if (double !== text.lastIndexOf('::')) return null;
  const head = double < 0 ? text.split(':') : double === 0 ? [] : text.slice(0, double).split(':');
  const tail = double < 0 || double + 2 === text.length ? [] : text.slice(double + 2).split(':');
  const missing = 8 - head.length - tail.length;
  if (double < 0 ? missing !== 0 : missing < 1) return null;
  let value = 0n;
  for (const group of [...head, ...Array.from({ length: Math.max(missing, 0) }, () => '0'), ...tail]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
    value = (value << 16n) | BigInt(parseInt(group, 16));
  }
  return value;
}

/** Reads an address of either family; null when it is neither. */
export function parseIp(text: string): Ip | null {
  if (text.includes(':')) {
    const value = parseIpv6(text);
    return value === null ? null : { family: 6, value };
  }
  const value = parseIpv4(text);
  return value < 0 ? null : { family: 4, value };
}

/** Reads `address`, `address/length`; null when it is not one. A dotted mask is not a prefix. */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf('/');
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (!ip) return null;
  const bits = ip.family === 4 ? 32 : 128;
  if (slash < 0) return { ...ip, length: bits };
  const digits = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(digits) || Number(digits) > bits) return null;
  return { ...ip, length: Number(digits) };
}

/** True when both addresses (of that family) agree in the first `length` bits. */
export function samePrefix(family: 4 | 6, a: IpValue, b: IpValue, length: number): boolean {
  if (length === 0) return true;
  if (family === 4) return (Number(a) ^ Number(b)) >>> (32 - length) === 0;
  return (BigInt(a) ^ BigInt(b)) >> BigInt(128 - length) === 0n;
}

/** The last address of a prefix. */
export function lastOf(family: 4 | 6, value: IpValue, length: number): IpValue {
  if (family === 4) {
    const size = 2 ** (32 - length);
    return Math.floor(Number(value) / size) * size + size - 1;
  }
  return BigInt(value) | ((1n << BigInt(128 - length)) - 1n);
}

/** The first address of a prefix. */
export function firstOf(family: 4 | 6, value: IpValue, length: number): IpValue {
  if (family === 4) {
    const size = 2 ** (32 - length);
    return Math.floor(Number(value) / size) * size;
  }
  const host = BigInt(128 - length);
  return (BigInt(value) >> host) << host;
}

/** Writes an address as people write it (IPv6 compressed as in RFC 5952). */
export function formatIp(family: 4 | 6, value: IpValue): string {
  if (family === 4) {
    const v = Number(value);
    return `${Math.floor(v / 16777216) % 256}.${Math.floor(v / 65536) % 256}.${Math.floor(v / 256) % 256}.${v % 256}`;
  }
  const groups: string[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n)
    groups.push(((BigInt(value) >> shift) & 0xffffn).toString(16));
  let best = { at: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && groups[i + n] === '0') n++;
    if (n > best.length) best = { at: i, length: n };
  }
  if (best.at < 0) return groups.join(':');
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`;
}
