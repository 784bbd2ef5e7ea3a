import type { HostNetwork } from '../../facts/network.ts';
import type { Looked } from '../../facts/looked.ts';
import type { Machine, RunResult } from '../../machine/machine.ts';
import { parseIpAddr, parseIpRoute } from './ip-json.ts';
import type { Interfaces } from './ip-json.ts';
import { runFailure } from './run-failure.ts';

const addressCommand = ['ip', '-j', '-d', 'addr', 'show'] as const;

/** Interfaces, addresses, routes of the main table, bridges and the sysctls that decide about a packet. */
export async function lookAtNetwork(machine: Machine): Promise<Looked<HostNetwork>> {
  const [addr, route4, route6] = await Promise.all([
    machine.run({ argv: addressCommand }),
    machine.run({ argv: ['ip', '-j', '-4', 'route', 'show'] }),
    machine.run({ argv: ['ip', '-j', '-6', 'route', 'show'] }),
  ]);
  const interfaces = addr.outcome === 'exited' && addr.exitCode === 0 ? parseIpAddr(addr.stdout) : undefined;
  if (!interfaces) {
    return {
      state: 'unavailable',
      reason: `the network interfaces could not be read: ${runFailure('ip', addr)}`,
      help: 'install iproute2 4.16 or newer (`ip -j`)',
      ...(addr.outcome === 'denied' && { denied: true }),
    };
  }
  const routes = [...routesOf(route4, 4), ...routesOf(route6, 6)];
  const sysctls = await readSysctls(machine, interfaces);
  const { addresses, bridgePorts } = interfaces;
  return {
    state: 'seen',
    value: { addresses, routes, bridgePorts, sysctls },
    evidence: addresses
      .filter(({ scope }) => scope === 'global')
      .map((one) => ({ source: 'ip addr', text: `${one.interface} ${one.address}/${one.prefixLength}` })),
  };
}

function routesOf(result: RunResult, family: 4 | 6): HostNetwork['routes'] {
  return result.outcome === 'exited' && result.exitCode === 0
    ? (parseIpRoute(result.stdout, family) ?? [])
    : [];
}

const globalSysctls = [
  'net/ipv4/ip_forward',
  'net/ipv6/conf/all/forwarding',
  'net/ipv6/conf/all/disable_ipv6',
  'net/bridge/bridge-nf-call-iptables',
  'net/bridge/bridge-nf-call-ip6tables',
];
const interfaceSysctls = ['rp_filter', 'route_localnet', 'accept_local', 'forwarding'];

/**
 * Reads the sysctls that decide whether a packet is taken at all (kernel's Documentation/networking/ip-sysctl.rst), for
 * `all` and for every interface that is not itself a port of a bridge. One that is missing (a module not loaded) is
 * left out, but for those of br_netfilter, which say what happens without it. An interface name keeps its dots in the result's keys.
 */
async function readSysctls(machine: Machine, interfaces: Interfaces): Promise<Record<string, string>> {
  const ports = new Set(Object.values(interfaces.bridgePorts).flat());
  const names = ['all', ...interfaces.names.filter((name) => !ports.has(name) && !name.includes('/'))];
  const keys = [
    ...globalSysctls.map((path) => ({ path, key: path.replaceAll('/', '.') })),
    ...names.flatMap((name) =>
      interfaceSysctls.map((leaf) => ({
        path: `net/ipv4/conf/${name}/${leaf}`,
        key: `net.ipv4.conf.${name}.${leaf}`,
      })),
    ),
  ];
  const values = await Promise.all(
    keys.map(async ({ path, key }) => {
      const file = await machine.read(`/proc/sys/${path}`, { maxBytes: 256 });
      if (file.outcome === 'read') return [[key, file.text.trim()] as const];
      // Without br_netfilter frames on a bridge never cross iptables (Docker 28 loads it only where it must).
      return file.outcome === 'absent' && path.startsWith('net/bridge/') ? [[key, '0'] as const] : [];
    }),
  );
  return Object.fromEntries(values.flat());
}
