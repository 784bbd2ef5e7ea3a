import type { Machine } from '../../machine/machine.ts';
import type { Candidate } from './candidates.ts';

/**
 * Whether connecting to a socket would start a service. systemd holds `docker.sock` and `podman.sock` open while the
 * service is stopped and starts it at the first connection (systemd.socket(5)); looking must not do that.
 */
export type Activation =
  /** Somebody already serves it, or no systemd holds it. */
  | { state: 'safe' }
  /** Connecting would start the named unit. */
  | { state: 'would-start'; unit: string }
  /** The unit exists, and neither it nor its socket is active. */
  | { state: 'stopped'; unit: string }
  | { state: 'unknown'; detail: string };

/** A unit's state, as `systemctl show` prints it. */
export interface UnitState {
  id: string;
  load: string;
  active: string;
}

/** Reads the blocks of `systemctl show -p Id -p LoadState -p ActiveState`, one a unit, with empty lines between. */
export function parseUnitStates(output: string): UnitState[] {
  return output
    .split(/\n\s*\n/u)
    .map((block) => {
      const property = (name: string): string =>
        new RegExp(`^${name}=(.*)$`, 'mu').exec(block)?.[1]?.trim() ?? '';
      return { id: property('Id'), load: property('LoadState'), active: property('ActiveState') };
    })
    .filter((unit) => unit.id !== '');
}

/** What a unit's states mean for its socket. */
export function activationOf(name: 'docker' | 'podman', units: readonly UnitState[]): Activation {
  const service = units.find((unit) => unit.id === `${name}.service`);
  const socket = units.find((unit) => unit.id === `${name}.socket`);
  const running = ['active', 'activating', 'reloading', 'deactivating'].includes(service?.active ?? '');
  if (running) return { state: 'safe' };
  if (socket?.active === 'active') return { state: 'would-start', unit: `${name}.service` };
  if (service?.load === 'loaded') return { state: 'stopped', unit: `${name}.service` };
  // The package podman-docker makes /run/docker.sock a link to Podman's socket, which systemd may hold.
  const podman = name === 'docker' ? activationOf('podman', units) : undefined;
  return podman?.state === 'would-start' ? podman : { state: 'safe' };
}

/**
 * True when the Docker daemon runs, by its own pid file (dockerd's --pidfile, anyone may read it): two small reads in
 * place of a question to systemd, on the way of every diagnosis.
 */
async function dockerdRuns(machine: Machine): Promise<boolean> {
  const pidFile = await machine.read('/run/docker.pid');
  const pid = pidFile.outcome === 'read' ? /^\d+$/u.exec(pidFile.text.trim())?.[0] : undefined;
  if (pid === undefined) return false;
  const name = await machine.read(`/proc/${pid}/comm`);
  return name.outcome === 'read' && name.text.trim() === 'dockerd';
}

/**
 * Asks the system's systemd about both units at once. Anyone may ask; where there is no systemd nothing can be
 * started by a connection.
 */
export async function systemActivation(machine: Machine): Promise<(name: 'docker' | 'podman') => Activation> {
  if (machine.identity.platform !== 'linux') return () => ({ state: 'safe' });
  const result = await machine.run({
    argv: [
      'systemctl',
      'show',
      'docker.service',
      'docker.socket',
      'podman.service',
      'podman.socket',
      '--property=Id,LoadState,ActiveState',
    ],
    timeoutMs: 3000,
  });
  if (result.outcome === 'exited') {
    const units = parseUnitStates(result.stdout);
    return (name) => activationOf(name, units);
  }
  // A replay has no service to start: the recording says what the socket answered.
  if (result.outcome === 'not-found' || result.outcome === 'not-recorded') return () => ({ state: 'safe' });
  const what = result.outcome === 'timed-out' ? 'did not answer' : 'could not be run';
  return () => ({ state: 'unknown', detail: `systemctl ${what}, and a connection could start the service` });
}

/** Processes that hold a listening Unix socket, from `ss -xlp`; undefined where it shows none of that path. */
export function listenersOf(ssOutput: string, path: string): string[] | undefined {
  const lines = ssOutput.split('\n').filter((line) => line.split(/\s+/u).includes(path));
  if (lines.length === 0) return undefined;
  return lines.flatMap((line) => [...line.matchAll(/\("([^"]+)",pid=\d+/gu)].map((match) => match[1] ?? ''));
}

/**
 * The same for a socket of a user's own systemd, which cannot be asked from another user's session: who holds the
 * socket tells. Podman's user socket is held by systemd until somebody connects.
 */
async function userActivation(machine: Machine, path: string, unit: string): Promise<Activation> {
  const result = await machine.run({ argv: ['ss', '-xlp'], timeoutMs: 3000 });
  if (result.outcome === 'not-recorded') return { state: 'safe' };
  if (result.outcome !== 'exited') {
    return { state: 'unknown', detail: 'ss could not be run, and a connection could start the service' };
  }
  const holders = listenersOf(result.stdout, path);
  if (holders === undefined) return { state: 'safe' };
  if (holders.length === 0) {
    return {
      state: 'unknown',
      detail: 'who serves this socket cannot be seen, and a connection could start it',
    };
  }
  return holders.every((name) => name === 'systemd') ? { state: 'would-start', unit } : { state: 'safe' };
}

/** Whether it is safe to connect to a candidate. */
export async function activationFor(
  machine: Machine,
  system: () => Promise<(name: 'docker' | 'podman') => Activation>,
  candidate: Candidate,
): Promise<Activation> {
  if (!candidate.activation) return { state: 'safe' };
  const { unit, manager } = candidate.activation;
  if (manager === 'system') {
    if (unit === 'docker' && (await dockerdRuns(machine))) return { state: 'safe' };
    return (await system())(unit);
  }
  return userActivation(machine, candidate.endpoint.replace('unix://', ''), `${unit}.service`);
}
