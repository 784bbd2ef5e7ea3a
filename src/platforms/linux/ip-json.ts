import type { InterfaceAddress, Route } from '../../facts/network.ts';

/** What `ip -j -d addr` says. */
export interface Interfaces {
  names: string[];
  addresses: InterfaceAddress[];
  /** Ports of each bridge, bridges without ports included. */
  bridgePorts: Record<string, string[]>;
}

type Fields = Record<string, unknown>;

/** Reads `ip -j -d addr show` of iproute2; undefined when it is no such list. */
export function parseIpAddr(text: string): Interfaces | undefined {
  const links = readArray(text);
  if (!links) return undefined;
  const found: Interfaces = { names: [], addresses: [], bridgePorts: {} };
  for (const link of links) {
    const name = link['ifname'];
    if (typeof name !== 'string') continue;
    found.names.push(name);
    if (kindOf(link, 'info_kind') === 'bridge') found.bridgePorts[name] ??= [];
    // Ports of bonds, teams and VRFs have a master as well.
    if (typeof link['master'] === 'string' && kindOf(link, 'info_slave_kind') === 'bridge') {
      (found.bridgePorts[link['master']] ??= []).push(name);
    }
    const up = Array.isArray(link['flags']) && link['flags'].includes('UP');
    for (const address of asArray(link['addr_info'])) {
      const { local, prefixlen, scope } = address;
      if (typeof local !== 'string' || typeof prefixlen !== 'number') continue;
      found.addresses.push({
        interface: name,
        address: local,
        prefixLength: prefixlen,
        scope: scopeOf(scope),
        up,
      });
    }
  }
  return found;
}

/**
 * Reads `ip -j -4 route show` or `ip -j -6 route show`: routes by an interface, one for each next hop. Routes that only
 * refuse (`unreachable`, `blackhole`) have no interface and are left out.
 */
export function parseIpRoute(text: string, family: 4 | 6): Route[] | undefined {
  return readArray(text)?.flatMap((route) => {
    const destination = route['dst'];
    if (typeof destination !== 'string') return [];
    if (typeof route['type'] === 'string' && route['type'] !== 'unicast') return [];
    const hops = [route, ...asArray(route['nexthops'])];
    return hops.flatMap((hop): Route[] => {
      if (typeof hop['dev'] !== 'string') return [];
      const gateway = typeof hop['gateway'] === 'string' ? hop['gateway'] : viaOf(hop);
      return [{ destination, interface: hop['dev'], family, ...(gateway !== undefined && { gateway }) }];
    });
  });
}

/** An IPv4 route by an IPv6 next hop: `"via":{"family":"inet6","host":"fe80::1"}`. */
function viaOf(hop: Fields): string | undefined {
  const host = asFields(hop['via'])?.['host'];
  return typeof host === 'string' ? host : undefined;
}

function kindOf(link: Fields, field: 'info_kind' | 'info_slave_kind'): unknown {
  return asFields(link['linkinfo'])?.[field];
}

function scopeOf(scope: unknown): InterfaceAddress['scope'] {
  return scope === 'link' || scope === 'host' || scope === 'site' ? scope : 'global';
}

export function readArray(text: string): Fields[] | undefined {
  // iproute2 prints nothing at all, or `[{},{…}]`, for some empty answers.
  if (text.trim() === '') return [];
  try {
    const value = JSON.parse(text) as unknown;
    return Array.isArray(value) ? asArray(value) : undefined;
  } catch {
    return undefined;
  }
}

function asArray(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(asFields).filter((one) => one !== undefined) : [];
}

export function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
