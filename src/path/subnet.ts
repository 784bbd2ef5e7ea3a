import { BlockList, isIP } from 'node:net';

/** True when the address is in the prefix; false for what is neither. */
export function isIn(address: string, prefix: string): boolean {
  const [base = '', length = ''] = prefix.split('/');
  const family = isIP(base);
  if (family === 0 || isIP(address) !== family || !/^\d+$/u.test(length)) return false;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const bits = Number(length);
  if (bits > (family === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(base, bits, type);
  return list.check(address, type);
}

/** True when two prefixes have an address in common. */
export function overlap(one: string, other: string): boolean {
  return isIn(one.split('/')[0] ?? '', other) || isIn(other.split('/')[0] ?? '', one);
}
