import type { Seen } from '../types.ts';
import type { Refusal } from './effect.ts';

export const TCP_RESET: Refusal = { kind: 'tcp-reset', seen: 'refused', icmpType: 0, icmpCode: 0 };

const refusal = (seen: Seen, icmpType: number, icmpCode: number, note?: string): Refusal =>
  note === undefined
    ? { kind: 'icmp', seen, icmpType, icmpCode }
    : { kind: 'icmp', seen, icmpType, icmpCode, note };

const PROTO = 'the client is told "protocol not available" (ENOPROTOOPT), shown here as refused';
const EACCES = 'the client is told "permission denied" (EACCES), shown here as host-unreachable';

/** What connect() reports for each ICMP code: icmp_err_convert in net/ipv4/icmp.c, tab_unreach in net/ipv6/icmp.c. */
const ICMP4: Readonly<Record<number, Refusal>> = {
  0: refusal('network-unreachable', 3, 0),
  1: refusal('host-unreachable', 3, 1),
  2: refusal('refused', 3, 2, PROTO),
  3: refusal('refused', 3, 3),
  9: refusal('network-unreachable', 3, 9),
  10: refusal('host-unreachable', 3, 10),
  13: refusal('host-unreachable', 3, 13),
};
const ICMP6: Readonly<Record<number, Refusal>> = {
  0: refusal('network-unreachable', 1, 0),
  1: refusal('host-unreachable', 1, 1, EACCES),
  3: refusal('host-unreachable', 1, 3),
  4: refusal('refused', 1, 4),
  5: refusal('host-unreachable', 1, 5, EACCES),
  6: refusal('host-unreachable', 1, 6, EACCES),
};

const NAMES4: Readonly<Record<string, number>> = {
  'net-unreachable': 0,
  'net-unreach': 0,
  'host-unreachable': 1,
  'host-unreach': 1,
  'prot-unreachable': 2,
  'proto-unreachable': 2,
  'proto-unreach': 2,
  'port-unreachable': 3,
  'port-unreach': 3,
  'net-prohibited': 9,
  'net-prohib': 9,
  'host-prohibited': 10,
  'host-prohib': 10,
  'admin-prohibited': 13,
  'admin-prohib': 13,
}; // prettier-ignore
const NAMES6: Readonly<Record<string, number>> = {
  'no-route': 0,
  'admin-prohibited': 1,
  'adm-prohibited': 1,
  'adm-prohib': 1,
  'addr-unreachable': 3,
  'addr-unreach': 3,
  'address-unreachable': 3,
  'port-unreachable': 4,
  'port-unreach': 4,
  'policy-fail': 5,
  'reject-route': 6,
}; // prettier-ignore
const NAMESX: Readonly<Record<string, readonly [number, number]>> = {
  'port-unreachable': [3, 4],
  'admin-prohibited': [13, 1],
  'no-route': [0, 0],
  'host-unreachable': [1, 3],
};

/** The refusal of a family's ICMP unreachable code; null for a code that is none. */
export function icmpRefusal(family: 4 | 6, code: number): Refusal | null {
  return (family === 4 ? ICMP4 : ICMP6)[code] ?? null;
}

/**
 * The refusal that `reject with icmp[v6|x] NAME` or `--reject-with NAME` makes.
 * @param name without its `icmp-` or `icmp6-` prefix
 * @param any true for nft's icmpx, whose names hold for both families
 */
export function namedRefusal(family: 4 | 6, name: string, any = false): Refusal | null {
  if (any) {
    const codes = Object.hasOwn(NAMESX, name) ? NAMESX[name] : undefined;
    return codes ? icmpRefusal(family, codes[family === 4 ? 0 : 1]) : null;
  }
  const table = family === 4 ? NAMES4 : NAMES6;
  const code = Object.hasOwn(table, name) ? table[name] : undefined;
  return code === undefined ? null : icmpRefusal(family, code);
}
