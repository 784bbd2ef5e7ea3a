import type { Container, OllamaClient } from '../facts/containers.ts';
import type { HostNetwork } from '../facts/network.ts';
import { isLoopback } from './server.ts';

/** Where a client's URL leads, seen from where the client stands. */
export type Target =
  /** The client's own loopback: the container asks itself. */
  | { kind: 'self'; address: string }
  /** An address of this host, reached over the container's network. */
  | { kind: 'host'; address: string; interface?: string }
  /** This host through its own loopback (a container that shares the host's network). */
  | { kind: 'host-loopback'; address: string }
  /** This host through a product's own proxy (Docker Desktop and the like), which reaches loopback too. */
  | { kind: 'host-proxy'; address: string }
  | { kind: 'container'; name: string; address: string }
  /** Neither this host nor a container here. */
  | { kind: 'elsewhere'; address: string }
  | { kind: 'unknown'; reason: string };

/** Products that bring packets to the host by a process of their own: loopback is reached, INPUT is not crossed (facts: runtime matrix of each vendor's documentation). */
const proxied = new Set<Container['product']>([
  'docker-desktop',
  'orbstack',
  'colima',
  'lima',
  'rancher-desktop',
]);

/**
 * @param addresses what the URL's host is in the container: the resolved addresses, or the literal one. Empty when
 *   the name is not known there.
 */
export function findTarget(
  client: OllamaClient,
  addresses: readonly string[],
  network: HostNetwork | undefined,
  containers: readonly Container[],
): Target {
  const address = preferred(addresses);
  if (address === undefined) return { kind: 'unknown', reason: 'the name has no address there' };
  const sharesHost = client.container.networkMode === 'host';
  if (isLoopback(address) || address === '0.0.0.0' || address === '::')
    return sharesHost && !proxied.has(client.container.product)
      ? { kind: 'host-loopback', address }
      : { kind: 'self', address };
  if (client.container.networks.some((own) => own.address === address || own.addressV6 === address))
    return { kind: 'self', address };
  const other = containers.find((container) =>
    container.networks.some((net) => net.address === address || net.addressV6 === address),
  );
  if (other) return { kind: 'container', name: other.name, address };
  const local = network?.addresses.find((candidate) => candidate.address === address);
  if (local)
    return sharesHost
      ? { kind: 'host-loopback', address }
      : { kind: 'host', address, interface: local.interface };
  if (proxied.has(client.container.product)) return { kind: 'host-proxy', address };
  if (!network) return { kind: 'unknown', reason: "this host's addresses could not be read" };
  return { kind: 'elsewhere', address };
}

/** Clients try IPv4 first or soon; an IPv4 address says more about the way than an IPv6 one beside it. */
function preferred(addresses: readonly string[]): string | undefined {
  return addresses.find((address) => !address.includes(':')) ?? addresses[0];
}

/** True for containers of a product that reaches this host through a process of its own, loopback included. */
export function throughProxy(container: Container): boolean {
  return proxied.has(container.product);
}

/** True when the target is this host, so that its server, its bind address and its rules decide. */
export function isThisHost(target: Target): boolean {
  return target.kind === 'host' || target.kind === 'host-loopback' || target.kind === 'host-proxy';
}

/**
 * The address by which a container would reach this host if it were told to: what `host-gateway` stands for. For
 * Docker the default bridge's address whatever network the container is on (moby daemon_unix.go, setHostGatewayIP),
 * for Podman the gateway of the container's own network (container-libs etchosts/ip.go).
 */
export function gatewayAddress(container: Container, network: HostNetwork | undefined): string | undefined {
  if (container.runtime === 'docker') {
    const docker0 = network?.addresses.find(
      (candidate) => candidate.interface === 'docker0' && !candidate.address.includes(':'),
    );
    if (docker0) return docker0.address;
  }
  for (const own of container.networks) {
    const gateway = own.subnets.find((subnet) => subnet.gateway && !subnet.gateway.includes(':'))?.gateway;
    if (gateway) return gateway;
  }
  return undefined;
}

/** The name by which a container reaches this host on this runtime, for advice. */
export function hostName(container: Container): string {
  return container.runtime === 'podman' ? 'host.containers.internal' : 'host.docker.internal';
}
