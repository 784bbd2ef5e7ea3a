import { serviceEvidence } from '../../../facts/service.ts';
import type { OllamaService } from '../../../facts/service.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { Evidence } from '../../../report/schema.ts';
import { readEnviron, readService } from '../systemd/services.ts';
import type { SystemdService } from '../systemd/services.ts';
import { existingUnits, showUnits } from '../systemd/show-units.ts';
import { unitsOf } from '../systemd/user-services.ts';
import { readOpenrcService } from './openrc.ts';
import { serverProcesses } from './proc.ts';
import type { ServerProcess } from './proc.ts';
import { readRunitService } from './runit.ts';
import { starterOf } from './starter.ts';

export interface RunningServers {
  services: OllamaService[];
  evidence: Evidence[];
}

/**
 * The servers that run here, each as the service it belongs to. A server in a container is evidence alone: its engine
 * knows it better.
 * @param known services that were found already
 */
export async function runningServers(
  machine: Machine,
  known: readonly OllamaService[],
): Promise<RunningServers> {
  const processes = await serverProcesses(machine);
  const all = await Promise.all(processes.map((process) => serverOf(machine, process)));
  const names = new Set(known.map(({ name, user }) => `${name} ${user ?? ''}`));
  const fresh = all.flatMap(({ service }) =>
    service && !names.has(`${service.name} ${service.user ?? ''}`) ? [service] : [],
  );
  return { services: fresh, evidence: all.flatMap(({ evidence }) => evidence) };
}

interface Server {
  service?: OllamaService;
  evidence: Evidence[];
}

async function serverOf(machine: Machine, process: ServerProcess): Promise<Server> {
  const starter = starterOf(process.cgroup, process.ancestors, process.ignoresHangup);
  const text = `${process.pid} ${process.words.join(' ')}`;
  const inContainer: Server = { evidence: [{ source: serviceEvidence.containerProcess, text }] };
  if (starter.kind === 'container') return inContainer;
  // A group within a container has the names of the container's own units, not of this host's.
  const isUnit = starter.kind === 'unit' || starter.kind === 'user-unit';
  if (process.nested && !isUnit) return inContainer;
  const evidence: Evidence[] = [{ source: serviceEvidence.process, text }, ...environmentOf(process)];
  const user = await nameOf(machine, process.uid);
  switch (starter.kind) {
    case 'unit': {
      const unit = await unitOf(machine, starter.unit, process);
      if (unit)
        return {
          service: withProcess(unit.service, process),
          evidence: [...unit.evidence, ...notIn(unit.evidence, evidence)],
        };
      if (process.nested) return inContainer;
      return { service: byHand(process, `by ${starter.unit}`, user, 'unknown'), evidence };
    }
    case 'user-unit': {
      const owner = await ownerOf(machine, starter.uid);
      const [unit] = owner ? await unitsOf(machine, owner, [starter.unit]) : [];
      if (process.nested && unit?.service.pid !== process.pid) return inContainer;
      if (unit)
        return {
          service: withProcess(unit.service, process),
          evidence: [...unit.evidence, ...notIn(unit.evidence, evidence)],
        };
      const shell: OllamaService = {
        ...byHand(process, '', owner?.name ?? user, 'unknown'),
        manager: /^(?:homebrew|sh\.brew)\./u.test(starter.unit) ? 'brew-services' : 'systemd-user',
        name: starter.unit,
      };
      delete shell.startedBy;
      return { service: shell, evidence };
    }
    case 'openrc': {
      const kept = await readOpenrcService(machine, starter.service);
      const service = kept ?? byHand(process, 'by OpenRC', user, 'unknown');
      return { service: withProcess({ ...service, state: 'running' }, process), evidence };
    }
    case 'runit': {
      const kept = await readRunitService(machine, starter.service);
      const service = kept ?? byHand(process, 'by runit', user, 'unknown');
      return { service: withProcess({ ...service, state: 'running' }, process), evidence };
    }
    case 'by-hand':
      return {
        service: byHand(process, starter.how, user, starter.how.startsWith('by hand') ? false : 'unknown'),
        evidence,
      };
  }
}

/** The unit whose control group the process is in, when it is that unit's own process or one below it. */
async function unitOf(
  machine: Machine,
  name: string,
  process: ServerProcess,
): Promise<SystemdService | undefined> {
  const shown = await machine.run(showUnits([name]));
  const unit = shown.outcome === 'exited' ? existingUnits(shown.stdout)[0] : undefined;
  if (!unit) return undefined;
  const found = await readService(machine, unit);
  const { pid } = found.service;
  // With a process namespace of its own (systemd.exec(5), "PrivatePIDs="), and still this host's unit.
  if (process.nested) return pid === process.pid ? found : undefined;
  const isOwn = pid === process.pid || process.ancestors.some((ancestor) => ancestor.pid === pid);
  return isOwn || name.includes('ollama') ? found : undefined;
}

/** What the server's own process has counts, where the unit's main process is one above it. */
function withProcess(service: OllamaService, process: ServerProcess): OllamaService {
  const host = processHost(process);
  return { ...service, pid: process.pid, ...(host && { processHost: host }) };
}

function processHost(process: ServerProcess): OllamaService['processHost'] {
  if (!process.environment) return undefined;
  return { ...readEnviron(process.environment.join('\0')), source: `/proc/${process.pid}/environ` };
}

/** The unit's own process may be the server, and is shown already. */
function notIn(shown: readonly Evidence[], evidence: readonly Evidence[]): Evidence[] {
  const sources = new Set(shown.map(({ source }) => source));
  return evidence.filter(({ source }) => !sources.has(source));
}

function environmentOf(process: ServerProcess): Evidence[] {
  const host = processHost(process);
  if (!host) return [];
  const { source, value } = host;
  return [{ source, text: value === undefined ? 'OLLAMA_HOST is not set' : `OLLAMA_HOST=${value}` }];
}

function byHand(
  process: ServerProcess,
  how: string,
  user: string | undefined,
  startsAtBoot: OllamaService['startsAtBoot'],
): OllamaService {
  const host = processHost(process);
  return {
    manager: 'by-hand',
    name: 'ollama serve',
    startedBy: how,
    ...(user !== undefined && { user }),
    state: 'running',
    startsAtBoot,
    pid: process.pid,
    settings: [],
    ...(host && { processHost: host }),
    needsReload: false,
    dropIns: [],
    log: [],
  };
}

async function ownerOf(
  machine: Machine,
  uid: number,
): Promise<{ name: string; home: string; isSelf: boolean } | undefined> {
  const { identity } = machine;
  if (uid === identity.uid) return { name: identity.user, home: identity.home, isSelf: true };
  if (!identity.elevated) return undefined;
  if (uid === identity.invokedBy?.uid)
    return { name: identity.invokedBy.user, home: identity.invokedBy.home, isSelf: false };
  const name = await nameOf(machine, uid);
  return name === undefined ? undefined : { name, home: `/home/${name}`, isSelf: false };
}

/** The name of a user by number; undefined where it has none. */
async function nameOf(machine: Machine, uid: number | undefined): Promise<string | undefined> {
  if (uid === undefined) return undefined;
  const { identity } = machine;
  if (uid === identity.uid) return identity.user;
  const shown = await machine.run({ argv: ['id', '-nu', String(uid)] });
  const name = shown.outcome === 'exited' && shown.exitCode === 0 ? shown.stdout.trim() : '';
  return name === '' ? undefined : name;
}
