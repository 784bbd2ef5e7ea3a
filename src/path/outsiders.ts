import { BlockList, isIP } from 'node:net';
import type { Container } from '../facts/containers.ts';
import type { HostNetwork, InterfaceAddress } from '../facts/network.ts';
import type { Packet } from '../firewall/types.ts';

/** A packet from outside this host and its containers, for finding out who can reach the port. */
export interface Outsider {
  packet: Packet;
  /** The host's address it is sent to is routed on the internet. */
  global: boolean;
  /** It is on the same link. */
  neighbour: boolean;
  /** `a public address by eth0`, `a neighbour on eth0`, `a peer on tailscale0`. */
  who: string;
}

/** Not routed on the internet: loopback, link-local, private, shared (RFC 6598) and unique-local addresses. */
const notGlobal = new BlockList();
for (const [address, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  notGlobal.addSubnet(address, prefix, 'ipv4');
notGlobal.addAddress('::1', 'ipv6');
notGlobal.addSubnet('fe80::', 10, 'ipv6');
notGlobal.addSubnet('fc00::', 7, 'ipv6');

/** True for an address that is routed on the internet as far as its number tells. */
function isGloballyRoutable(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !notGlobal.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** Interfaces that container engines make; what comes in there is no outsider. */
const engineInterface =
  /^(lo|docker\d+|br-[0-9a-f]{12}|podman\d+|cni-podman\d+|cni\d+|veth.*|docker_gwbridge)$/u;

/** Interfaces of virtual private networks, by the names their programs give them. */
const privateNetwork = /^(tailscale|wg|zt|nebula|netbird|wt|tun|tap|ppp|ipsec)[-\w]*$/u;

/** True for a bridge or pair that a container engine made, and for loopback. */
export function isEngineInterface(name: string): boolean {
  return engineInterface.test(name);
}

/** Packets of everyone who is neither this host nor one of its containers, one for each kind that rules tell apart by place. */
export function outsiders(network: HostNetwork, containers: readonly Container[], port: number): Outsider[] {
  const bridges = new Set(containers.flatMap((container) => container.networks.map((own) => own.bridge)));
  return network.addresses
    .filter((own) => own.up && !engineInterface.test(own.interface) && !bridges.has(own.interface))
    .flatMap((own) => packetsTo(own, port));
}

function packetsTo(own: InterfaceAddress, port: number): Outsider[] {
  const v6 = own.address.includes(':');
  const global = isGloballyRoutable(own.address);
  const to = (source: string): Packet => ({
    inInterface: own.interface,
    source,
    destination: own.address,
    destinationPort: port,
  });
  const linkLocal = own.address.toLowerCase().startsWith('fe80:');
  const neighbour = neighbourOf(own);
  if (privateNetwork.test(own.interface)) {
    const peer = neighbour ?? (v6 ? 'fd7a:115c:a1e0::99' : '100.99.98.97');
    return [{ packet: to(peer), global, neighbour: true, who: `a peer on ${own.interface}` }];
  }
  const packets: Outsider[] = neighbour
    ? [{ packet: to(neighbour), global: false, neighbour: true, who: `a neighbour on ${own.interface}` }]
    : [];
  if (!linkLocal)
    packets.push({
      packet: to(v6 ? '2a00::7' : '8.8.4.7'),
      global,
      neighbour: false,
      who: `a public address by ${own.interface}`,
    });
  return packets;
}

/** Another address of the same link: the last group with its lowest bit flipped. */
function neighbourOf(own: InterfaceAddress): string | undefined {
  if (own.address.includes(':')) {
    if (own.prefixLength > 126) return undefined;
    const groups = own.address.split(':');
    const last = Number.parseInt(groups.at(-1) || '0', 16);
    if (Number.isNaN(last)) return undefined;
    return [...groups.slice(0, -1), (last ^ 1).toString(16)].join(':');
  }
  if (own.prefixLength > 30) return undefined;
  const parts = own.address.split('.').map(Number);
  const last = parts[3] ?? 0;
  return [...parts.slice(0, 3), last === 1 ? 2 : last === 254 ? 253 : last - 1 || 2].join('.');
}
