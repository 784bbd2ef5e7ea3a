import type { RuntimeName } from '../../facts/containers.ts';
import type { Identity } from '../../machine/machine.ts';

/** A place where an engine's API may be. */
export interface Candidate {
  endpoint: string;
  foundBy: string;
  /** What it is expected to be; the engine's own answer decides. */
  runtime: RuntimeName;
  /** True when somebody chose it, so that it is reported even when nothing is there. */
  chosen: boolean;
  /** Why what was chosen leads nowhere (a context without its file). */
  broken?: string;
  /** Whose systemd would start a service when this socket is connected to. */
  activation?: { unit: 'docker' | 'podman'; manager: 'system' | 'user' };
}

/**
 * The sockets where products put their engine, none of which need exist. Sources: docs of Docker (rootless mode,
 * Desktop), OrbStack, Colima, Rancher Desktop, Podman.
 */
export function defaultSockets(identity: Identity): Candidate[] {
  if (identity.platform === 'win32') return windowsPipes();
  const homes = [...new Set([identity.home, ...(identity.invokedBy ? [identity.invokedBy.home] : [])])];
  const found = [
    socket('docker', '/var/run/docker.sock', 'default socket', { unit: 'docker', manager: 'system' }),
    ...(identity.platform === 'linux' ? linuxSockets(identity, homes) : []),
    ...(identity.platform === 'darwin' ? macSockets(homes) : []),
  ];
  return found;
}

function linuxSockets(identity: Identity, homes: string[]): Candidate[] {
  const users = new Set([identity.uid, ...(identity.invokedBy ? [identity.invokedBy.uid] : [])]);
  users.delete(0);
  const runFolders = [...users].map((uid) => `/run/user/${uid}`);
  return [
    ...runFolders.map((folder) =>
      socket('docker', `${folder}/docker.sock`, 'rootless Docker', { unit: 'docker', manager: 'user' }),
    ),
    ...homes.map((home) => socket('docker', `${home}/.docker/desktop/docker.sock`, 'Docker Desktop')),
    socket('podman', '/run/podman/podman.sock', 'Podman', { unit: 'podman', manager: 'system' }),
    ...runFolders.map((folder) =>
      socket('podman', `${folder}/podman/podman.sock`, 'rootless Podman', {
        unit: 'podman',
        manager: 'user',
      }),
    ),
  ];
}

function macSockets(homes: string[]): Candidate[] {
  return homes.flatMap((home) => [
    socket('docker', `${home}/.docker/run/docker.sock`, 'Docker Desktop'),
    socket('docker', `${home}/.orbstack/run/docker.sock`, 'OrbStack'),
    socket('docker', `${home}/.colima/default/docker.sock`, 'Colima'),
    socket('docker', `${home}/.rd/docker.sock`, 'Rancher Desktop'),
    socket('podman', `${home}/.local/share/containers/podman/machine/podman.sock`, 'Podman machine'),
  ]);
}

function windowsPipes(): Candidate[] {
  const pipe = (runtime: RuntimeName, name: string, foundBy: string): Candidate => ({
    runtime,
    endpoint: `npipe:////./pipe/${name}`,
    foundBy,
    chosen: false,
  });
  return [
    pipe('docker', 'docker_engine', 'default pipe'),
    pipe('docker', 'dockerDesktopLinuxEngine', 'Docker Desktop'),
    pipe('podman', 'podman-machine-default', 'Podman machine'),
  ];
}

function socket(
  runtime: RuntimeName,
  path: string,
  foundBy: string,
  activation?: NonNullable<Candidate['activation']>,
): Candidate {
  return {
    runtime,
    endpoint: `unix://${path}`,
    foundBy,
    chosen: false,
    ...(activation ? { activation } : {}),
  };
}

/** A candidate that somebody chose; when it is one of the default sockets, what is known of that one stays. */
export function chosenCandidate(
  runtime: RuntimeName,
  endpoint: string,
  foundBy: string,
  defaults: readonly Candidate[],
): Candidate {
  const same = defaults.find((one) => comparable(one.endpoint) === comparable(endpoint));
  return {
    ...(same?.activation ? { activation: same.activation } : {}),
    runtime,
    endpoint,
    foundBy,
    chosen: true,
  };
}

/** One of each endpoint, the first that names it; `/run` and `/var/run` are the same place. */
export function withoutRepeats(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates.filter((candidate) => {
    const key = comparable(candidate.endpoint);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function comparable(endpoint: string): string {
  return endpoint
    .replace(/^unix:\/\/\/var\/run\//u, 'unix:///run/')
    .replaceAll('\\', '/')
    .toLowerCase();
}
