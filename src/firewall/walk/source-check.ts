import type { Flight } from './flight.ts';
import { type Host, isLoopback } from './host.ts';

/** Addresses that ip_route_input does not take from a wire, IPv4 (net/ipv4/route.c). */
export function isMartian4({ iif, src, dst }: Flight, host: Host): boolean {
  const source = Number(src);
  if (source < 16777216 || source === 0xffffffff || Number(dst) < 16777216) return true;
  if (isLoopback(4, src)) return true;
  if (isLoopback(4, dst) && host.confMax(4, iif, 'route_localnet') === 0) return true;
  return host.isLocal(4, src) && host.confMax(4, iif, 'accept_local') === 0;
}

/** fib_validate_source: with 1 the way back must be this interface, with 2 there must be a way back. */
export function failsReversePath({ iif, src }: Flight, host: Host): boolean {
  const mode = host.confMax(4, iif, 'rp_filter');
  if (mode === 0) return false;
  const route = host.route(4, src, iif);
  if (route === null) return true;
  return mode === 1 && route.oif !== iif;
}

/** __mkroute_output: an answer from loopback leaves by an interface only with its route_localnet. */
export function maySendFrom({ family, dst }: Flight, oif: string, host: Host): boolean {
  return family === 6 || !isLoopback(4, dst) || oif === 'lo' || host.confMax(4, oif, 'route_localnet') !== 0;
}
