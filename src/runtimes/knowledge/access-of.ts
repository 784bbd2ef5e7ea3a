import type { Container } from '../../facts/containers.ts';
import type { AccessId, HostAccess } from './host-access.ts';
import { hostAccessTable } from './table.ts';

/** What decides how a container comes to this host. */
export type Place = Pick<
  Container,
  'runtime' | 'product' | 'rootless' | 'engineVersion' | 'networkMode' | 'joined'
>;

/**
 * The row of the table for a container; undefined where nothing is known (a remote engine, one that says nothing of
 * itself).
 */
export function hostAccessOf(container: Place): HostAccess | undefined {
  const id = accessId(container);
  return id === undefined ? undefined : hostAccessTable[id];
}

function accessId(container: Place): AccessId | undefined {
  switch (container.product) {
    case 'docker-engine':
      return container.rootless === true ? 'docker-rootless' : 'docker-engine';
    case 'podman':
      return container.rootless === true ? rootlessPodman(container) : 'podman-bridge';
    case 'remote':
    case 'unknown':
      return undefined;
    case 'docker-desktop':
    case 'orbstack':
    case 'colima':
    case 'lima':
    case 'rancher-desktop':
    case 'podman-machine':
      return container.product;
  }
}

/** How it is connected: its own mode, or that of the container whose network it is in. */
export function networkModeOf({ joined, networkMode }: Pick<Container, 'joined' | 'networkMode'>): string {
  return joined?.networkMode ?? networkMode;
}

function rootlessPodman(container: Place): AccessId {
  const networkMode = networkModeOf(container);
  if (networkMode === 'slirp4netns') return 'podman-slirp4netns';
  if (networkMode === 'pasta') return 'podman-pasta';
  // For one that nobody runs yet: what Podman would give it, pasta since 5.0.
  if (networkMode === '')
    return isOlder(container.engineVersion, '5.0') ? 'podman-slirp4netns' : 'podman-pasta';
  return 'podman-rootless-bridge';
}

/** True when the first version is known and older than the second: `4.9.3` than `5.0`. */
export function isOlder(version: string | undefined, than: string): boolean {
  const numbers = (text: string): number[] => (text.match(/\d+/gu) ?? []).slice(0, 2).map(Number);
  const [major, minor = 0] = numbers(version ?? '');
  const [thanMajor = 0, thanMinor = 0] = numbers(than);
  if (major === undefined) return false;
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}

/** The name by which a container reaches this host there, and whether somebody has to write it into the container. */
export function hostNameOf(container: Place): { name: string; byDefault: boolean } {
  const known = hostAccessOf(container)?.names[0];
  return known ?? { name: 'host.docker.internal', byDefault: false };
}

/** Every name that stands for the host somewhere, and for nothing else anywhere. */
export const namesOfTheHost: ReadonlySet<string> = new Set([
  ...Object.values(hostAccessTable).flatMap((row) => row.names.map(({ name }) => name)),
  'host.minikube.internal',
  'host.k3d.internal',
]);

/** True where packets come to this host by a process that reaches its loopback too, and no rule for a bridge matters. */
export function reachesLoopback(container: Place): boolean {
  return hostAccessOf(container)?.loopback === 'reached';
}
