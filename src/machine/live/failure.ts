import type { NetworkFailure } from '../machine.ts';

/**
 * What an errno of connect(2) or of the resolver means. Measured against iptables and nft REJECT in all its forms:
 * `EACCES` is what an IPv6 client sees of `icmp6-adm-prohibited`, `ENOPROTOOPT` an IPv4 one of `icmp-proto-unreachable`.
 * `EADDRNOTAVAIL` and `EAFNOSUPPORT` come where the host has no address of that family to start from.
 */
export function outcomeOfErrno(errno: string | undefined): NetworkFailure {
  return (errno === undefined ? undefined : outcomes[errno]) ?? 'failed';
}

const outcomes: Readonly<Record<string, NetworkFailure>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'host-unreachable',
  EHOSTDOWN: 'host-unreachable',
  EACCES: 'host-unreachable',
  ENOPROTOOPT: 'host-unreachable',
  ENETUNREACH: 'network-unreachable',
  ENETDOWN: 'network-unreachable',
  EADDRNOTAVAIL: 'network-unreachable',
  EAFNOSUPPORT: 'network-unreachable',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ENOTFOUND: 'name-not-found',
  EAI_AGAIN: 'name-not-found',
  EAI_NODATA: 'name-not-found',
  EAI_NONAME: 'name-not-found',
};

const words: Readonly<Partial<Record<NetworkFailure, string>>> = {
  refused: 'connection refused',
  timeout: 'timed out',
  'host-unreachable': 'no route to host',
  'network-unreachable': 'network unreachable',
  reset: 'connection reset',
  'name-not-found': 'name not found',
};

/** `connection refused (ECONNREFUSED)`. */
export function describe(outcome: NetworkFailure, errno: string | undefined): string {
  const text = words[outcome] ?? 'failed';
  return errno === undefined ? text : `${text} (${errno})`;
}
