/** name -> [type, code or -1 for any]. Names as libipt_icmp.c and libip6t_icmp6.c know them. */
const ICMP: Readonly<Record<string, readonly [number, number]>> = {
  any: [-1, -1],
  'echo-reply': [0, -1],
  pong: [0, -1],
  'destination-unreachable': [3, -1],
  'network-unreachable': [3, 0],
  'host-unreachable': [3, 1],
  'protocol-unreachable': [3, 2],
  'port-unreachable': [3, 3],
  'fragmentation-needed': [3, 4],
  'source-route-failed': [3, 5],
  'network-unknown': [3, 6],
  'host-unknown': [3, 7],
  'network-prohibited': [3, 9],
  'host-prohibited': [3, 10],
  'communication-prohibited': [3, 13],
  'source-quench': [4, -1],
  redirect: [5, -1],
  'echo-request': [8, -1],
  ping: [8, -1],
  'router-advertisement': [9, -1],
  'router-solicitation': [10, -1],
  'time-exceeded': [11, -1],
  'ttl-exceeded': [11, -1],
  'parameter-problem': [12, -1],
  'timestamp-request': [13, -1],
  'timestamp-reply': [14, -1],
  'address-mask-request': [17, -1],
  'address-mask-reply': [18, -1],
}; // prettier-ignore
const ICMP6: Readonly<Record<string, readonly [number, number]>> = {
  'destination-unreachable': [1, -1],
  'no-route': [1, 0],
  'communication-prohibited': [1, 1],
  'beyond-scope': [1, 2],
  'address-unreachable': [1, 3],
  'port-unreachable': [1, 4],
  'failed-policy': [1, 5],
  'reject-route': [1, 6],
  'packet-too-big': [2, -1],
  'time-exceeded': [3, -1],
  'ttl-exceeded': [3, -1],
  'parameter-problem': [4, -1],
  'echo-request': [128, -1],
  ping: [128, -1],
  'echo-reply': [129, -1],
  pong: [129, -1],
  'router-solicitation': [133, -1],
  'router-advertisement': [134, -1],
  'neighbour-solicitation': [135, -1],
  'neighbor-solicitation': [135, -1],
  'neighbour-advertisement': [136, -1],
  'neighbor-advertisement': [136, -1],
  redirect: [137, -1],
}; // prettier-ignore

/** Is this `--icmp-type` / `--icmpv6-type` word the packet's type and code? null for a name not known here. */
export function icmpMatches(family: 4 | 6, spec: string, type: number, code: number): boolean | null {
  const numbers = /^(\d+)(?:\/(\d+)(?::(\d+))?)?$/.exec(spec);
  if (numbers) {
    if (numbers[1] === '255' && family === 4) return true;
    if (Number(numbers[1]) !== type) return false;
    if (numbers[2] === undefined) return true;
    return code >= Number(numbers[2]) && code <= Number(numbers[3] ?? numbers[2]);
  }
  const table = family === 4 ? ICMP : ICMP6;
  const known = Object.hasOwn(table, spec) ? table[spec] : undefined;
  if (!known) return null;
  if (known[0] === -1) return true;
  return known[0] === type && (known[1] === -1 || known[1] === code);
}
