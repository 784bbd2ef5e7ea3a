import { type Ip, type IpValue, lastOf, parseIp, parsePrefix, samePrefix } from '../address.ts';
import type { HostFacts } from '../types.ts';

interface LocalAddress {
  readonly interface: string;
  readonly family: 4 | 6;
  readonly value: IpValue;
  readonly length: number;
}
interface Route {
  readonly family: 4 | 6;
  readonly value: IpValue;
  readonly length: number;
  readonly interface: string;
}

type AddressType = 'local' | 'broadcast' | 'multicast' | 'unicast';

/** `assumed`: nothing given says where the address lies, and it is taken to lie where it came from. */
type RouteAnswer = { readonly oif: string; readonly assumed: boolean } | null;

/** The host's addresses, routes and sysctls, ready to be asked. */
export interface Host {
  readonly addresses: readonly LocalAddress[];
  readonly hasAddresses: boolean;
  /** Is it an address of this host (of that interface, where one is named)? */
  isLocal(family: 4 | 6, value: IpValue, onInterface?: string): boolean;
  /** The kernel's type of a route to the address, as addrtype and fib see it. */
  typeOf(family: 4 | 6, value: IpValue, onInterface?: string): AddressType;
  /** The interface by which the address is reached; `cameFrom` is the answer where nothing is known. */
  route(family: 4 | 6, value: IpValue, cameFrom: string): RouteAnswer;
  /** First address of the family on an interface. */
  primary(family: 4 | 6, iface: string): IpValue | null;
  sysctl(name: string, kernelDefault: number): number;
  /** The larger, or for a switch either, of `net.ipvN.conf.all.X` and `net.ipvN.conf.IFACE.X`. */
  confMax(family: 4 | 6, iface: string, name: string): number;
  /** False when nothing was said about bridges, so that an interface's name is all there is to go by. */
  readonly knowsBridges: boolean;
  readonly bridgePorts: Readonly<Record<string, readonly string[]>>;
  readonly problems: readonly string[];
}

const isLoopback4 = (v: IpValue) => Math.floor(Number(v) / 16777216) === 127;
const isMulticast4 = (v: IpValue) => Math.floor(Number(v) / 268435456) === 14;
const isMulticast6 = (v: IpValue) => BigInt(v) >> 120n === 0xffn;

/** True for 127.0.0.0/8 and ::1. */
export function isLoopback(family: 4 | 6, value: IpValue): boolean {
  return family === 4 ? isLoopback4(value) : BigInt(value) === 1n;
}

/** True for 224.0.0.0/4 and ff00::/8. */
export function isMulticast(family: 4 | 6, value: IpValue): boolean {
  return family === 4 ? isMulticast4(value) : isMulticast6(value);
}

/**
 * Makes a Host of the facts given. What cannot be read in them is left out and named in `problems`.
 * @param alsoLocal an address of this host besides those given, on an interface that is not known
 */
export function readHost(facts: HostFacts | undefined, alsoLocal?: string): Host {
  const problems: string[] = [];
  const addresses: LocalAddress[] = [];
  for (const a of listOf(facts?.addresses)) {
    const ip = typeof a?.address === 'string' ? parseIp(a.address.split('/')[0] ?? '') : null;
    if (!ip || typeof a.interface !== 'string')
      problems.push(`host address not understood: ${JSON.stringify(a)}`);
    else addresses.push({ interface: a.interface, ...ip, length: lengthOf(ip, a.prefixLength) });
  }
  const own = alsoLocal === undefined ? null : parseIp(alsoLocal);
  if (
    own &&
    !isMulticast(own.family, own.value) &&
    !addresses.some((a) => a.family === own.family && a.value === own.value)
  ) {
    addresses.push({ interface: '', ...own, length: lengthOf(own, undefined) });
  }
  const routes: Route[] = addresses.map((a) => ({ ...a }));
  for (const r of listOf(facts?.routes)) {
    const text = typeof r?.destination === 'string' ? r.destination : '';
    if (text === 'default') {
      const v6 = typeof r.gateway === 'string' && r.gateway.includes(':');
      const v4 = typeof r.gateway === 'string' && !v6;
      if (!v6) routes.push({ family: 4, value: 0, length: 0, interface: r.interface });
      if (!v4) routes.push({ family: 6, value: 0n, length: 0, interface: r.interface });
      continue;
    }
    const prefix = parsePrefix(text);
    if (prefix) routes.push({ ...prefix, interface: r.interface });
    else problems.push(`route not understood: ${JSON.stringify(r)}`);
  }
  const knowsRoutes = Array.isArray(facts?.routes);
  const sysctls = facts?.sysctls ?? {};
  const byValue = new Map<IpValue, LocalAddress[]>();
  for (const a of addresses) byValue.set(a.value, [...(byValue.get(a.value) ?? []), a]);

  const isLocal = (family: 4 | 6, value: IpValue, onInterface?: string) => {
    const found = (byValue.get(value) ?? []).filter((a) => a.family === family);
    if (found.some((a) => onInterface === undefined || a.interface === onInterface)) return true;
    return isLoopback(family, value) && (onInterface === undefined || onInterface === 'lo');
  };
  const sysctl = (name: string, kernelDefault: number) => {
    const value = Object.hasOwn(sysctls, name) ? Number(sysctls[name]) : Number.NaN;
    return Number.isFinite(value) ? value : kernelDefault;
  };
  return {
    addresses,
    hasAddresses: addresses.length > 0,
    isLocal,
    typeOf(family, value, onInterface) {
      if (isMulticast(family, value)) return 'multicast';
      if (isLocal(family, value, onInterface)) return 'local';
      if (family === 4) {
        if (Number(value) < 16777216 || Number(value) === 0xffffffff) return 'broadcast';
        for (const a of addresses) {
          if (a.family !== 4 || a.length > 30 || (onInterface !== undefined && a.interface !== onInterface))
            continue;
          if (lastOf(4, a.value, a.length) === value) return 'broadcast';
        }
      }
      return 'unicast';
    },
    route(family, value, cameFrom) {
      if (isLocal(family, value)) return { oif: 'lo', assumed: false };
      let best: Route | null = null;
      for (const r of routes) {
        if (
          r.family === family &&
          r.length > (best?.length ?? -1) &&
          samePrefix(family, r.value, value, r.length)
        )
          best = r;
        else if (best && r.family === family && r.length === best.length && r.interface === cameFrom) {
          if (samePrefix(family, r.value, value, r.length) && family === 6) best = r;
        }
      }
      if (best) return { oif: best.interface, assumed: false };
      return knowsRoutes ? null : { oif: cameFrom, assumed: true };
    },
    primary(family, iface) {
      for (const a of addresses) {
        if (a.family !== family || a.interface !== iface) continue;
        if (family === 6 && BigInt(a.value) >> 118n === 0x3fan) continue;
        return a.value;
      }
      const linkLocal = addresses.find((a) => a.family === family && a.interface === iface);
      return linkLocal ? linkLocal.value : null;
    },
    sysctl,
    confMax(family, iface, name) {
      const base = `net.ipv${family}.conf`;
      return Math.max(sysctl(`${base}.all.${name}`, 0), sysctl(`${base}.${iface}.${name}`, 0));
    },
    knowsBridges: facts?.bridgePorts !== undefined,
    bridgePorts: facts?.bridgePorts ?? {},
    problems,
  };
}

function listOf<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}

function lengthOf(ip: Ip, given: unknown): number {
  const most = ip.family === 4 ? 32 : 128;
  return typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= most ? given : most;
}
