/**
 * Whether an IPv4 address lies in a range.
 *
 * @param range `172.18.0.0/16`, or one address; anything else holds nothing
 */
export function isInRange(range: string, address: string): boolean {
  const [, base, bits] = /^(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?$/u.exec(range) ?? [];
  if (base === undefined || !isIPv4(address) || Number(bits ?? 32) > 32) return false;
  const size = 2 ** (32 - Number(bits ?? 32));
  return Math.floor(toNumber(base) / size) === Math.floor(toNumber(address) / size);
}

function isIPv4(text: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/u.test(text);
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
