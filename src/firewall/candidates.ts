import { firstOf, formatIp, type IpValue, lastOf, parsePrefix } from './address.ts';
import type { RulesetInput } from './types.ts';

/** Addresses that stand for everyone whom no rule names: the internet, the usual private ranges, neighbours. */
const EVERYONE: Readonly<Record<4 | 6, readonly string[]>> = {
  4: [
    '198.51.100.7',
    '8.8.8.8',
    '192.168.1.50',
    '10.0.0.50',
    '172.16.0.50',
    '172.31.255.250',
    '100.64.0.50',
    '169.254.7.7',
  ],
  6: ['2001:4860:4860::8888', '2001:db8::50', 'fd12:3456:789a::50', 'fe80::50'],
};

/** Words of a listing that look like an address or a prefix; a cheap sieve, parsing decides. */
const WORDS = /[0-9a-fA-F:.]*[.:][0-9a-fA-F:.]+(?:\/[0-9.]+)?/g;
const JSON_PREFIX = /"addr":\s*"([^"]+)",\s*"len":\s*(\d+)/g;

/** At most this many edges are kept, so that a blocklist does not make a question of each of its entries. */
const MOST = 400;

function addEdges(edges: Set<IpValue>, family: 4 | 6, value: IpValue, length: number): void {
  const all = family === 4 ? 0xffffffff : (1n << 128n) - 1n;
  const first = firstOf(family, value, length);
  const last = lastOf(family, value, length);
  edges.add(first);
  edges.add(last);
  // Just inside and just outside: where a verdict can change. A network's own first address is no one's source.
  const one = family === 4 ? 1 : 1n;
  const plus = (v: IpValue): IpValue => (typeof v === 'bigint' ? v + BigInt(one) : v + Number(one));
  const minus = (v: IpValue): IpValue => (typeof v === 'bigint' ? v - BigInt(one) : v - Number(one));
  if (first < last) edges.add(plus(first));
  if (first > 0) edges.add(minus(first));
  if (last < all) edges.add(plus(last));
}

/**
 * Source addresses worth asking about: on both sides of every edge of a prefix or range that the rulesets name,
 * so that each region between edges is asked at least once, and addresses of the internet and of local networks.
 * @returns addresses of both families as text, each once; named ones first, at most a few hundred
 */
export function candidateSources(rulesets: readonly RulesetInput[]): string[] {
  const edges: Record<4 | 6, Set<IpValue>> = { 4: new Set(), 6: new Set() };
  const full = () => edges[4].size + edges[6].size > MOST;
  const add = (text: string) => {
    const prefix = parsePrefix(text);
    if (prefix) addEdges(edges[prefix.family], prefix.family, prefix.value, prefix.length);
  };
  for (const { text } of rulesets) {
    if (typeof text !== 'string') continue;
    for (const found of text.matchAll(JSON_PREFIX)) {
      if (full()) break;
      add(`${found[1]}/${found[2]}`);
    }
    for (const found of text.matchAll(WORDS)) {
      if (full()) break;
      add(found[0]);
    }
  }
  const named: string[] = [];
  for (const family of [4, 6] as const) {
    for (const value of edges[family]) if (isSource(family, value)) named.push(formatIp(family, value));
  }
  return [...new Set([...named, ...EVERYONE[4], ...EVERYONE[6]])];
}

/** Not every address can be a source: not 0/8, loopback, multicast and above, nor ::, ::1, multicast. */
function isSource(family: 4 | 6, value: IpValue): boolean {
  if (family === 4) {
    const top = Math.floor(Number(value) / 16777216);
    return top > 0 && top !== 127 && top < 224;
  }
  return BigInt(value) > 1n && BigInt(value) >> 120n !== 0xffn;
}
