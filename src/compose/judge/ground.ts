import { isLoopback } from '../../path/server.ts';
import type { Project, Service } from '../model/model.ts';
import type { Around } from './finding.ts';

/** Names that stand for the host in a container, of one engine or another. */
export const hostNames: ReadonlySet<string> = new Set([
  'host.docker.internal',
  'gateway.docker.internal',
  'host.containers.internal',
  'host.lima.internal',
  'host.rancher-desktop.internal',
  'host.orb.internal',
]);

/**
 * Whether a container has host.docker.internal only when it is given the name. Docker Engine on Linux; where no engine
 * answers a Linux host is taken to be for it. The others bring the name along (facts: moby PR 40007; Podman since 5.3).
 */
export function needsHostName({ platform, product }: Around): boolean {
  if (product === 'docker-engine') return true;
  return (product === undefined || product === 'unknown') && platform === 'linux';
}

/** Whether `host-gateway` leads elsewhere than to the host, and hides a name that works (Rancher Desktop FAQ, lima's docker.yaml). */
export function gatewayHarms({ product }: Around): boolean {
  return product === 'rancher-desktop' || product === 'lima';
}

/** Whether containers reach what listens on the host's loopback: those that come in through a proxy do. */
export function reachesHostLoopback({ platform, product }: Around): boolean {
  if (product === undefined || product === 'unknown') return platform !== 'linux';
  return product !== 'docker-engine' && product !== 'podman' && product !== 'remote';
}

/** The service whose network namespace a service lives in: itself, or the end of its `network_mode: service:` chain. */
export function networkOwner(project: Project, service: Service): Service {
  let at = service;
  for (let hops = 0; hops < 20; hops += 1) {
    const next = /^service:(.+)$/u.exec(at.networkMode?.value ?? '')?.[1];
    const owner = next === undefined ? undefined : project.services.get(next);
    if (!owner) return at;
    at = owner;
  }
  return at;
}

export function mode(project: Project, service: Service): string {
  return networkOwner(project, service).networkMode?.value ?? '';
}

/** Names of networks that both are on. */
export function sharedNetworks(project: Project, one: Service, other: Service): string[] {
  const [a, b] = [networkOwner(project, one), networkOwner(project, other)];
  return [...a.networks.keys()].filter((name) => b.networks.has(name));
}

/** Names by which others on its networks know a service: its own, its container's, its aliases. */
export function namesOf(project: Project, service: Service): string[] {
  const aliases = [...service.networks.values()].flatMap((network) => network.aliases);
  return [
    service.name,
    ...(service.containerName === undefined ? [] : [service.containerName]),
    ...aliases,
    `${project.name}-${service.name}-1`,
  ];
}

/** Whether who else is on the service's networks cannot be known from its files. */
export function hasUnknownNeighbours(project: Project, service: Service): boolean {
  const owner = networkOwner(project, service);
  const own = owner.networkMode?.value ?? '';
  if (own !== '' && own !== 'host' && own !== 'none') return true;
  return [...owner.networks.keys()].some((name) => project.networks.get(name)?.external === true);
}

/** Whether two services may run at the same time, by their profiles. */
export function runTogether(one: Service, other: Service): 'always' | 'with a profile' | 'never' {
  if (one.profiles.length === 0 && other.profiles.length === 0) return 'always';
  if (one.profiles.length === 0 || other.profiles.length === 0) return 'with a profile';
  return one.profiles.some((profile) => other.profiles.includes(profile)) ? 'always' : 'never';
}

/** The name of the host of a URL, without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/gu, '');
}

export function isOwnLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    isLoopback(host) ||
    host === '0.0.0.0' ||
    host === '::'
  );
}

export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}
