import type { Container, ContainerNetwork, OllamaClient } from '../facts/containers.ts';
import type { HostNetwork } from '../facts/network.ts';
import {
  hostAccessOf,
  hostNameOf,
  namesOfTheHost,
  networkModeOf,
  pastaHost,
  reachesLoopback,
} from '../runtimes/knowledge/index.ts';
import { isLoopback } from './server.ts';

/** Where a client's URL leads, seen from where the client stands. */
export type Target =
  /** The client's own loopback, or an address of its own: the container asks itself. */
  | { kind: 'self'; address: string }
  /**
   * An address of this host, reached over the container's network. `dialled` is what the container calls it, where that
   * is another address (pasta's 169.254.1.2).
   */
  | { kind: 'host'; address: string; interface?: string; dialled?: string }
  /** This host through its own loopback (a container that shares the host's network). */
  | { kind: 'host-loopback'; address: string }
  /** This host through a process of the engine's (Docker Desktop and the like, slirp4netns), which reaches loopback too. */
  | { kind: 'host-proxy'; address: string }
  /** An address inside the engine's own network, a VM's or a rootless engine's, where this host is not. */
  | { kind: 'engine'; address: string; what: string }
  | { kind: 'container'; name: string; address: string }
  /** Neither this host nor a container here. */
  | { kind: 'elsewhere'; address: string }
  | { kind: 'unknown'; reason: string };

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
  const { container } = client;
  const sharesHost = sharesHostNetwork(container);
  if (isLoopback(address) || address === '0.0.0.0' || address === '::')
    return sharesHost ? { kind: 'host-loopback', address } : { kind: 'self', address };
  if (container.networks.some((own) => own.address === address || own.addressV6 === address))
    return { kind: 'self', address };
  const known = sharesHost ? undefined : knownPlace(client, address, network);
  if (known) return known;
  const other = holderOf(address, container, containers);
  if (other) return { kind: 'container', name: other.name, address };
  const local = network?.addresses.find((candidate) => candidate.address === address);
  if (local)
    return sharesHost
      ? { kind: 'host-loopback', address }
      : { kind: 'host', address, interface: inputInterface(container, local.interface) };
  if (reachesLoopback(container) && isNameOfTheHost(client)) return { kind: 'host-proxy', address };
  if (!network) return { kind: 'unknown', reason: "this host's addresses could not be read" };
  return { kind: 'elsewhere', address };
}

/** The container that has the address, on the same engine first: networks of rootless engines are worlds of their own. */
function holderOf(
  address: string,
  asking: Container,
  containers: readonly Container[],
): Container | undefined {
  const holders = containers.filter((one) =>
    one.networks.some((net) => net.address === address || net.addressV6 === address),
  );
  const near = holders.find((one) => one.endpoint === asking.endpoint);
  return near ?? holders.find((one) => one.rootless !== true && asking.rootless !== true);
}

/** What the table of runtimes says of an address in such a container; undefined where it says nothing. */
function knownPlace(
  client: OllamaClient,
  address: string,
  network: HostNetwork | undefined,
): Target | undefined {
  const { container } = client;
  const access = hostAccessOf(container);
  if (!access) return undefined;
  if (access.addresses.includes(address)) {
    const main = address === pastaHost ? mainAddress(network, false) : undefined;
    if (main) return { kind: 'host', address: main, interface: 'lo', dialled: address };
    return { kind: 'host-proxy', address };
  }
  if (access.id === 'podman-pasta' && isCopied(address, network)) return { kind: 'self', address };
  if (access.id === 'podman-rootless-bridge' && isCopied(address, network))
    return {
      kind: 'engine',
      address,
      what: 'a copy of this host’s address in rootless Podman’s own network',
    };
  if (access.hook !== 'lo') return undefined;
  const gateways = container.networks.flatMap((own) => own.subnets.map((subnet) => subnet.gateway));
  const ownBridge = container.runtime === 'docker' && address === defaultBridge;
  if (ownBridge || gateways.includes(address) || isWrittenAsGateway(client))
    return { kind: 'engine', address, what: `an address inside ${access.title}’s own network` };
  return undefined;
}

/** What Docker gives its default bridge where nobody says otherwise (dockerd(8), --bip). */
const defaultBridge = '172.17.0.1';

/** True when the URL's name was written into the container as `host-gateway`, and so is whatever the engine takes for it. */
function isWrittenAsGateway({ container, url }: OllamaClient): boolean {
  const access = hostAccessOf(container);
  if (access?.hostGateway !== 'useless' && access?.hostGateway !== 'breaks') return false;
  const name = url?.hostname;
  return container.extraHosts.some((line) => /^([^:=]+)[:=]host-gateway$/u.exec(line)?.[1] === name);
}

function isNameOfTheHost({ url }: OllamaClient): boolean {
  return url !== undefined && namesOfTheHost.has(url.hostname);
}

/** True when pasta gave the container this address: it copies those of the interface that holds the default route (pasta(1)). */
function isCopied(address: string, network: HostNetwork | undefined): boolean {
  const v6 = address.includes(':');
  const outward = network?.routes.find(
    (route) => route.destination === 'default' && (route.family === 6) === v6,
  );
  return (
    outward !== undefined &&
    network?.addresses.some((own) => own.address === address && own.interface === outward.interface) === true
  );
}

/** This host's address on its way to everywhere else. */
export function mainAddress(network: HostNetwork | undefined, v6: boolean): string | undefined {
  const outward = network?.routes.find(
    (route) => route.destination === 'default' && (route.family === 6) === v6,
  );
  return network?.addresses.find(
    (own) =>
      own.interface === outward?.interface && own.address.includes(':') === v6 && own.scope === 'global',
  )?.address;
}

/** A rootless engine's process connects from this host to itself: that is loopback, whatever the address. */
function inputInterface(container: Container, own: string): string {
  return hostAccessOf(container)?.hook === 'lo' ? 'lo' : own;
}

/**
 * True for a container in this host's own network. In a VM, and with rootless Docker (whose `--network host` is that of
 * its own namespace), it is in another one.
 */
export function sharesHostNetwork(container: Container): boolean {
  if (networkModeOf(container) !== 'host') return false;
  const rootlessDocker = container.product === 'docker-engine' && container.rootless === true;
  return !reachesLoopback(container) && !rootlessDocker;
}

/** Clients try IPv4 first or soon; an IPv4 address says more about the way than an IPv6 one beside it. */
function preferred(addresses: readonly string[]): string | undefined {
  return addresses.find((address) => !address.includes(':')) ?? addresses[0];
}

/** True for containers of a product that reaches this host through a process of its own, loopback included. */
export function throughProxy(container: Container): boolean {
  return reachesLoopback(container);
}

/** True for containers whose packets come to this host from a process on it (rootless engines): by `lo`, whatever the bridge. */
export function throughOwnProcess(container: Container): boolean {
  return hostAccessOf(container)?.hook === 'lo';
}

/** True when the target is this host, so that its server, its bind address and its rules decide. */
export function isThisHost(target: Target): boolean {
  return target.kind === 'host' || target.kind === 'host-loopback' || target.kind === 'host-proxy';
}

/**
 * The address by which a container would reach this host if it were told to: what `host-gateway` stands for. For
 * Docker the default bridge's address whatever network the container is on (moby daemon_unix.go, setHostGatewayIP),
 * for Podman the gateway of the container's own network (container-libs etchosts/ip.go); for a rootless engine this
 * host's main address.
 */
export function gatewayAddress(container: Container, network: HostNetwork | undefined): string | undefined {
  if (throughOwnProcess(container)) return mainAddress(network, false);
  if (container.runtime === 'docker') {
    const docker0 = network?.addresses.find(
      (candidate) => candidate.interface === 'docker0' && !candidate.address.includes(':'),
    );
    if (docker0) return docker0.address;
  }
  for (const own of container.networks) {
    const gateway = gatewaysOf(own, network).find((one) => !one.includes(':'));
    if (gateway) return gateway;
  }
  return undefined;
}

/**
 * The addresses of this host in a container's network: the gateways that the engine gives, and where it gives none (a
 * subnet that somebody chose, an internal network) those of the bridge.
 */
export function gatewaysOf(own: ContainerNetwork, network: HostNetwork | undefined): string[] {
  const given = own.subnets.flatMap(({ gateway }) => gateway ?? []);
  if (given.length > 0 || own.bridge === undefined) return given;
  return (network?.addresses ?? [])
    .filter((one) => one.interface === own.bridge && one.scope === 'global')
    .map((one) => one.address);
}

/** The name by which a container reaches this host on this runtime, for advice. */
export function hostName(container: Container): string {
  return hostNameOf(container).name;
}
