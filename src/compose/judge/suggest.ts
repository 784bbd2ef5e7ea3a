import type { Project, Service } from '../model/model.ts';
import type { Around, Cure } from './finding.ts';
import { mode, namesOf, needsHostName, networkOwner, runTogether, sharedNetworks } from './ground.ts';
import { servesOthers, servingPort, type Use, withHost } from './uses.ts';

export interface Suggestion {
  instructions: string[];
  cures: Cure[];
}

/** Services of the project that serve Ollama and may run beside this one. */
export function serversBeside(project: Project, service: Service): Service[] {
  return [...project.services.values()].filter(
    (one) => one !== service && servesOthers(one) && runTogether(one, service) !== 'never',
  );
}

/**
 * What to write in place of an address that leads nowhere: the name of the file's own Ollama when there is one on a
 * shared network, else the host. No edit is proposed where two answers are possible.
 */
export function suggest(project: Project, around: Around, use: Use): Suggestion {
  const { service, name } = use;
  const servers = serversBeside(project, service);
  const near = servers.filter((one) => sharedNetworks(project, one, service).length > 0);
  const [server] = near;
  if (server) {
    const common = near
      .map((one) => [...namesOf(project, one)])
      .reduce((left, right) => left.filter((each) => right.includes(each)));
    const alias = near.length === 1 ? server.name : common[0];
    if (alias === undefined) {
      const values = near.map((one) => withHost(use.value, one.name, servingPort(one), 'http'));
      return { instructions: [`set ${name} to one of: ${values.join(', ')}`], cures: [] };
    }
    return setTo(use, withHost(use.value, alias, servingPort(server), 'http'));
  }
  const [far] = servers;
  if (far) {
    return {
      instructions: [
        `put ${service.name} and ${far.name} on one network, and set ${name} to ${withHost(use.value, far.name, servingPort(far), 'http')}`,
      ],
      cures: [],
    };
  }
  return onHost(project, around, use);
}

/** The way to the host: by its name, which on Docker Engine the service must be given. */
export function onHost(project: Project, around: Around, use: Use): Suggestion {
  const { service } = use;
  const port = use.url && use.url.port !== '' ? Number(use.url.port) : 11_434;
  if (mode(project, service) === 'host') return setTo(use, withHost(use.value, '127.0.0.1', port, 'http'));
  if (around.rootless && needsHostName(around))
    return { instructions: [rootlessWords(service.name)], cures: [] };
  const host = around.product === 'podman' ? 'host.containers.internal' : 'host.docker.internal';
  const set = setTo(use, withHost(use.value, host, port, 'http'));
  if (!needsHostName(around) || hasHost(project, service, host)) return set;
  const owner = networkOwner(project, service);
  return {
    instructions: [...set.instructions, addHostWords(owner.name, host)],
    cures: [...set.cures, { kind: 'add-host', service: owner.name, host }],
  };
}

/** One value in place of another, and the words for it. */
export function setTo(use: Use, to: string): Suggestion {
  if (to === use.value) return { instructions: [], cures: [] };
  return {
    instructions: [`set ${use.name} to ${to}`],
    cures: [{ kind: 'set-url', service: use.service.name, setting: use.name, from: use.value, to }],
  };
}

/** Whether the service was given the name of a host. */
export function hasHost(project: Project, service: Service, host: string): boolean {
  return networkOwner(project, service).extraHosts.some((one) => one.name.toLowerCase() === host);
}

/** What is to be done where `host-gateway` does not lead to the host. */
export function rootlessWords(service: string): string {
  return `with rootless Docker host-gateway is not the host; once ${service} runs, this finds what works: ollama-doctor url --from NAME`;
}

export function addHostWords(service: string, host: string): string {
  return `add to service ${service}: extra_hosts: ["${host}:host-gateway"]`;
}
