import type { RuntimeEndpoint, RuntimeName } from '../../facts/containers.ts';
import type { Machine } from '../../machine/machine.ts';
import { parseEndpoint } from '../docker/address.ts';
import { engineClient } from '../docker/client.ts';
import { EngineError, describeFailure } from '../docker/modem.ts';
import { type Activation, activationFor, systemActivation } from './activation.ts';
import { type Candidate, chosenCandidate, defaultSockets, withoutRepeats } from './candidates.ts';
import { readInfo, readVersion } from './classify.ts';
import { lookUpContext } from './contexts.ts';

const defaultDocker = 'unix:///var/run/docker.sock';

type State = RuntimeEndpoint['state'];
interface Seen {
  found: RuntimeEndpoint;
  /** The daemon's own id, the same behind two sockets; empty when it has none. */
  daemonId: string;
}

/**
 * Every container engine of this machine, the one that the user's `docker` talks to first.
 *
 * DOCKER_HOST goes before DOCKER_CONTEXT, that before the context chosen in the CLI's config file, that before the
 * default sockets (docker/cli). Where DOCKER_HOST is set no other Docker is looked for. Under sudo the invoking
 * user's context and rootless sockets are looked at as well. Sockets that do not exist are left out unless somebody
 * chose them; nothing is connected to that systemd would start by it.
 *
 * @param options.runtime only engines of this kind
 * @param options.callMs deadline of each call of an engine's API
 * @returns never throws; an empty list when there is no engine here and none was chosen.
 */
export async function findRuntimes(
  machine: Machine,
  options: { runtime?: RuntimeName; callMs?: number } = {},
): Promise<RuntimeEndpoint[]> {
  const wanted = options.runtime;
  const candidates = await gatherCandidates(machine);
  let asked: ReturnType<typeof systemActivation> | undefined;
  const system = (): ReturnType<typeof systemActivation> => (asked ??= systemActivation(machine));
  const wantedOnes = candidates.filter(
    (candidate) => candidate.chosen || wanted === undefined || candidate.runtime === wanted,
  );
  const looked = await Promise.all(
    wantedOnes.map(async (candidate) => {
      if (!(await mayBeThere(machine, candidate))) return undefined;
      const activation = await activationFor(machine, system, candidate);
      return look(machine, candidate, activation, options.callMs);
    }),
  );
  const seen = looked.filter((one) => one !== undefined);
  const kept = seen.filter((one) => wanted === undefined || one.found.runtime === wanted);
  return withoutDoubles(kept).map((one) => one.found);
}

/**
 * Sockets that nobody chose are looked for in their folder first, but that of Docker's service, as an installed Docker
 * that does not run is worth a word. Podman needs no service, and mostly has none.
 */
async function mayBeThere(machine: Machine, candidate: Candidate): Promise<boolean> {
  if (candidate.chosen || candidate.endpoint === defaultDocker) return true;
  if (!candidate.endpoint.startsWith('unix://')) return true;
  const [, folder = '/', name = ''] = /^unix:\/\/(.*)\/([^/]+)$/u.exec(candidate.endpoint) ?? [];
  const result = await machine.list(folder);
  if (result.outcome === 'listed') return result.names.includes(name);
  return result.outcome === 'denied' || result.outcome === 'failed';
}

async function gatherCandidates(machine: Machine): Promise<Candidate[]> {
  const { identity } = machine;
  const defaults = defaultSockets(identity);
  const podman = defaults.filter((one) => one.runtime === 'podman');
  const chosen: Candidate[] = [];
  const podmanHost = identity.env['CONTAINER_HOST'];
  if (podmanHost) chosen.push(chosenCandidate('podman', podmanHost, 'CONTAINER_HOST', defaults));

  const dockerHost = identity.env['DOCKER_HOST'];
  if (dockerHost) {
    const docker = chosenCandidate('docker', dockerHost, 'DOCKER_HOST', defaults);
    return withoutRepeats([docker, ...chosen, ...podman]);
  }
  const contexts = await Promise.all(
    configFolders(machine).map((folder) => lookUpContext(machine, folder, identity.env['DOCKER_CONTEXT'])),
  );
  for (const look of contexts) {
    if (look.state === 'found') {
      chosen.unshift(
        chosenCandidate('docker', look.context.endpoint, `context ${look.context.name}`, defaults),
      );
    }
    if (look.state === 'broken') {
      chosen.unshift({
        runtime: 'docker',
        endpoint: `context ${look.name}`,
        foundBy: `context ${look.name}`,
        broken: look.detail,
        chosen: true,
      });
    }
  }
  return withoutRepeats([...chosen, ...defaults]);
}

/** The invoking user's folder comes last, so that `unshift` puts it first: under sudo it is their `docker` that matters. */
function configFolders(machine: Machine): string[] {
  const { env, home, invokedBy } = machine.identity;
  if (env['DOCKER_CONFIG']) return [env['DOCKER_CONFIG']];
  return [...new Set([home, ...(invokedBy ? [invokedBy.home] : [])])].map((folder) => `${folder}/.docker`);
}

async function look(
  machine: Machine,
  candidate: Candidate,
  activation: Activation,
  callMs: number | undefined,
): Promise<Seen | undefined> {
  const { runtime, endpoint, foundBy, chosen } = candidate;
  const result = (state: State, kind: RuntimeName = runtime, daemonId = ''): Seen => ({
    found: { runtime: kind, endpoint, foundBy, state },
    daemonId,
  });
  if (activation.state === 'would-start') {
    const detail = `${activation.unit} is not running, and connecting would start it`;
    return result({ state: 'unreachable', detail });
  }
  if (activation.state === 'unknown') {
    return result({ state: 'inconclusive', detail: activation.detail, help: 'run it again with sudo' });
  }
  const address = parseEndpoint(endpoint);
  if (candidate.broken !== undefined) {
    return result({
      state: 'inconclusive',
      detail: `the Docker ${foundBy} cannot be used: ${candidate.broken}`,
    });
  }
  if (address.kind === 'unsupported')
    return result({ state: 'inconclusive', detail: address.reason, help: address.help });

  const client = await engineClient(machine, endpoint, callMs);
  const [version, info] = await Promise.allSettled([client.version(), client.info()]);
  if (version.status === 'rejected') {
    const state = stateOfFailure(version.reason, candidate, machine);
    // Tried all the same: somebody may have started the engine without its unit.
    const answered = version.reason instanceof EngineError && version.reason.failure.kind !== 'network';
    if (activation.state === 'stopped' && !answered) {
      if (runtime === 'podman' && !chosen) return undefined;
      return result({ state: 'unreachable', detail: `${activation.unit} is not running` });
    }
    return state === 'absent' ? undefined : result(state);
  }
  const known = readVersion(version.value);
  if (known === undefined) {
    if (!chosen) return undefined;
    return result({ state: 'inconclusive', detail: 'what answers there is no container engine' });
  }
  const local = address.kind === 'socket' || isLoopback(address.host);
  const about = readInfo(known.runtime, info.status === 'fulfilled' ? info.value : undefined, {
    local,
    platform: machine.identity.platform,
  });
  return result(
    {
      state: 'answers',
      version: known.version,
      apiVersion: known.apiVersion,
      product: about.product,
      rootless: about.rootless,
      ...(about.firewallBackend === undefined ? {} : { firewallBackend: about.firewallBackend }),
    },
    known.runtime,
    about.daemonId,
  );
}

/** `absent` for a socket that nobody chose and that is not there. */
function stateOfFailure(reason: unknown, candidate: Candidate, machine: Machine): State | 'absent' {
  if (!(reason instanceof EngineError)) return { state: 'inconclusive', detail: String(reason) };
  const { failure } = reason;
  if (failure.kind === 'not-recorded') {
    return candidate.chosen || candidate.foundBy.startsWith('default ')
      ? { state: 'inconclusive', detail: 'not recorded' }
      : 'absent';
  }
  if (failure.kind !== 'network') return { state: 'inconclusive', detail: describeFailure(failure) };
  const { detail } = failure;
  if (/\bE(?:ACCES|PERM)\b/u.test(detail)) return { state: 'denied', ...denied(candidate, machine) };
  if (/\bENOENT\b/u.test(detail) && !candidate.chosen) return 'absent';
  if (/\b(?:ENOENT|ENOTSOCK|ENOTDIR)\b/u.test(detail))
    return { state: 'unreachable', detail: noSuchSocket(candidate) };
  if (failure.failure === 'timeout') return { state: 'inconclusive', detail: `it did not answer: ${detail}` };
  if (failure.failure === 'unavailable') return { state: 'inconclusive', detail };
  return { state: 'unreachable', detail };
}

function noSuchSocket(candidate: Candidate): string {
  return `there is no socket at ${candidate.endpoint.replace(/^(?:unix|npipe):\/\//u, '')}`;
}

function denied(candidate: Candidate, machine: Machine): { detail: string; help: string } {
  const { user } = machine.identity;
  const path = candidate.endpoint.replace(/^unix:\/\//u, '');
  return {
    detail: `${user} may not use ${path}`,
    help:
      candidate.runtime === 'docker'
        ? `run it again with sudo, or add ${user} to the docker group (sudo usermod -aG docker ${user}) and log in again`
        : 'run it again with sudo',
  };
}

/** One entry for a daemon that answers on several sockets; stays in order. */
function withoutDoubles(endpoints: Seen[]): Seen[] {
  const known = new Set<string>();
  return endpoints.filter((one) => {
    if (one.daemonId === '') return true;
    if (known.has(one.daemonId)) return false;
    known.add(one.daemonId);
    return true;
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
