import type { Container, ContainerNetwork } from '../facts/containers.ts';
import type { HostNetwork } from '../facts/network.ts';
import { parseOllamaHost } from '../ollama/host-setting.ts';
import { isLoopback, type Server } from './server.ts';
import { hostAccessOf } from '../runtimes/knowledge/index.ts';
import {
  gatewayAddress,
  gatewaysOf,
  hostName,
  sharesHostNetwork,
  throughOwnProcess,
  throughProxy,
} from './target.ts';

/** What is known of the place where a URL is wanted. */
export interface Surroundings {
  /** Ollama on this host. */
  server: Pick<Server, 'port' | 'listeners' | 'url'>;
  /** This host's addresses and routes; undefined when they could not be read. */
  network: HostNetwork | undefined;
  /** All containers that are known, the asking one among them. */
  containers: readonly Container[];
  /** Base URLs that whoever asks is already set up with. */
  configured: readonly string[];
}

/**
 * Base URLs by which a container may reach an Ollama, the one to prefer first: what needs no change, then names that
 * stay when things are started again, then addresses that stay less and less. Nothing here is proved; only a request
 * from there tells. Sources of the names and addresses: moby `daemon_unix.go` (setHostGatewayIP), container-libs
 * `etchosts/ip.go`, slirp4netns(1) for 10.0.2.2, and the products' own documentation.
 */
export function waysFromContainer(container: Container, around: Surroundings): string[] {
  const { configured, containers, server } = around;
  const usable = configured.filter((url) => !isWildcard(hostOf(url)));
  const servers = containers.filter((one) => isServer(one) && one.id !== container.id);
  const sharesHost = sharesHostNetwork(container);
  const local = [...(sharesHost ? loopbackWays(around) : []), ...ownLoopback(container, servers)];
  const ports = portsOfHost(around, 'from outside');
  const hosts = [...hostNames(container), ...gateways(container, around)];
  const others = throughProxy(container)
    ? []
    : [...listenedOn(around), ...(sharesHost ? [] : mainAddresses(around))];
  return unique([
    ...(local.length > 0 ? usable.filter((url) => isLocal(hostOf(url))) : []),
    ...local,
    ...usable,
    ...namesOfServers(container, around),
    ...hosts.flatMap((host) => ports.map((port) => base(host, port))),
    ...servers.flatMap((one) => addressesOf(one, container).map((at) => base(at, servingPort(one)))),
    ...others
      .filter((address) => !address.includes(':') || sharesHost || hasIPv6(container))
      .map((address) => base(address, server.port)),
  ]);
}

/**
 * Base URLs by which a program on this host may reach an Ollama, the one to prefer first. 127.0.0.1 and never
 * `localhost`: that is ::1 first for many programs (Node since 17), where a server on 127.0.0.1 refuses.
 */
export function waysFromHost(around: Surroundings): string[] {
  const { configured, containers, server } = around;
  const direct = containers.filter((one) => isServer(one) && !throughProxy(one));
  return unique([
    ...configured.filter((url) => !isWildcard(hostOf(url))),
    server.url.origin,
    ...loopbackWays(around),
    ...listenedOn(around).map((address) => base(address, server.port)),
    ...direct.flatMap((one) =>
      one.networks.flatMap((own) => (own.address ? [base(own.address, servingPort(one))] : [])),
    ),
  ]);
}

/** Base URLs by the names of Ollamas in containers on the same network. */
export function namesOfServers(container: Container, { containers }: Surroundings): string[] {
  return containers
    .filter((one) => isServer(one) && one.id !== container.id)
    .flatMap((one) => namesOf(one, container).map((name) => base(name, servingPort(one))));
}

/** True for a running container that serves Ollama. */
export function isServer(container: Container): boolean {
  return container.servesOllama && container.state === 'running';
}

/** The port a containerised server listens on inside: its OLLAMA_HOST, or Ollama's default. */
export function servingPort(container: Container): number {
  return parseOllamaHost(container.env['OLLAMA_HOST']).port;
}

/** This host's ports behind which an Ollama may be: its own server's, and those that containers publish. */
function portsOfHost({ server, containers }: Surroundings, seen: 'from outside' | 'on loopback'): number[] {
  const published = containers.filter(isServer).flatMap((one) =>
    one.ports
      .filter((port) => port.containerPort === servingPort(one))
      .filter((port) => seen === 'on loopback' || !isLoopback(port.hostAddress))
      .map((port) => port.hostPort),
  );
  const beside = containers
    .filter((one) => isServer(one) && sharesHostNetwork(one))
    .map((one) => servingPort(one));
  return [...new Set([server.port, ...published, ...beside])];
}

function loopbackWays(around: Surroundings): string[] {
  const ports = portsOfHost(around, 'on loopback');
  const onIPv6 = (around.server.listeners ?? []).some((one) => one.address === '::1' || isIPv6Only(one));
  return [
    ...ports.map((port) => base('127.0.0.1', port)),
    ...(onIPv6 ? [base('::1', around.server.port)] : []),
  ];
}

function isIPv6Only(listener: { wildcard: boolean; v6only: boolean }): boolean {
  return listener.wildcard && listener.v6only;
}

/** A container that serves Ollama itself, or shares the network of one that does. */
function ownLoopback(container: Container, servers: readonly Container[]): string[] {
  if (isServer(container)) return [base('127.0.0.1', servingPort(container))];
  return servers
    .filter((one) => sharesNetwork(container, one))
    .map((one) => base('127.0.0.1', servingPort(one)));
}

function sharesNetwork(one: Container, other: Container): boolean {
  const place = (container: Container): string =>
    /^container:(.+)$/u.exec(container.networkMode)?.[1] ?? container.id;
  return place(one) === place(other) || place(one) === other.name || place(other) === one.name;
}

/** Names a server is known by to another container: by its compose service first, which stays when it is made again. */
export function namesOf(server: Container, client: Container): string[] {
  return shared(server, client)
    .filter((own) => own.name !== 'bridge' && own.name !== 'podman')
    .flatMap((own) => {
      const service = server.compose?.service;
      const known = own.aliases.filter((alias) => !server.id.startsWith(alias));
      return [...known.filter((alias) => alias === service), server.name, ...known];
    });
}

/** Addresses of a server on a network that the client is on too; other ones after the server is made again. */
function addressesOf(server: Container, client: Container): string[] {
  return shared(server, client).flatMap((own) => own.address ?? own.addressV6 ?? []);
}

/** The server's part in the networks that both are on. */
function shared(server: Container, client: Container): ContainerNetwork[] {
  if (server.endpoint !== client.endpoint) return [];
  return server.networks.filter(
    (own) =>
      own.name !== 'host' &&
      own.name !== 'none' &&
      client.networks.some((one) => (one.id === '' ? one.name === own.name : one.id === own.id)),
  );
}

/** Names for this host: those written into the container as host-gateway, then the runtime's own. */
function hostNames(container: Container): string[] {
  const written = container.extraHosts.flatMap((line) => /^([^:=]+)[:=]host-gateway$/u.exec(line)?.[1] ?? []);
  const own = hostName(container);
  return [
    ...(written.includes(own) ? [own] : []),
    ...written,
    own,
    // gateway.docker.internal is the same as the name before it.
    ...(hostAccessOf(container)?.names ?? [])
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('gateway.')),
  ];
}

/** Addresses of this host as gateways. In a product with a VM they are the VM's, which holds no Ollama. */
function gateways(container: Container, { network }: Surroundings): string[] {
  if (throughProxy(container) || sharesHostNetwork(container)) return [];
  // Gateways of a rootless engine's networks are its own namespace's.
  if (throughOwnProcess(container)) {
    const known = hostAccessOf(container)?.addresses ?? [];
    return container.runtime === 'podman' ? [...known, ...bridgesOf(network)] : [...known];
  }
  const first = gatewayAddress(container, network);
  const all = container.networks.flatMap((own) => gatewaysOf(own, network));
  return [
    ...(first === undefined ? [] : [first]),
    ...all.filter((gateway) => !gateway.includes(':')),
    ...(hasIPv6(container) ? all.filter((gateway) => gateway.includes(':')) : []),
  ];
}

/** Addresses of this host's bridges: pasta copies the main interface's address, and none of these. */
function bridgesOf(network: HostNetwork | undefined): string[] {
  return (network?.addresses ?? [])
    .filter(
      (own) =>
        own.scope === 'global' && !own.address.includes(':') && /^(?:docker|br-|podman)/u.test(own.interface),
    )
    .map((own) => own.address);
}

function hasIPv6(container: Container): boolean {
  return container.networks.some((own) => own.addressV6 !== undefined);
}

/** Addresses that the server on this host was told to listen on, when they are not all of them. */
function listenedOn({ server }: Surroundings): string[] {
  return (server.listeners ?? [])
    .filter((one) => !one.wildcard && !isLoopback(one.address))
    .map((one) => one.address);
}

/** This host's addresses on its way to everywhere else. They change with the network it is on, so they come last. */
function mainAddresses({ network }: Surroundings): string[] {
  const outward = (network?.routes ?? [])
    .filter((route) => route.destination === 'default')
    .map((route) => route.interface);
  return (network?.addresses ?? [])
    .filter((one) => one.scope === 'global' && one.up && outward.includes(one.interface))
    .map((one) => one.address)
    .toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
}

/** `http://HOST:PORT`, with brackets where they belong. */
export function base(host: string, port: number): string {
  return new URL(`http://${host.includes(':') ? `[${host}]` : host}:${port}/`).origin;
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/gu, '');
}

function isLocal(host: string): boolean {
  return host === 'localhost' || isLoopback(host);
}

/** Where a server listens, and nothing to ask. */
function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function unique(urls: readonly string[]): string[] {
  return [...new Set(urls)];
}
