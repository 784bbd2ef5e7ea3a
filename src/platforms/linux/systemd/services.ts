import type { OllamaService } from '../../../facts/service.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { Evidence } from '../../../report/schema.ts';
import { readServerLog } from '../../../ollama/server-log.ts';
import type { ServerLog } from '../../../ollama/server-log.ts';
import { readConfiguration } from './configuration.ts';
import { systemUnitFolders, userUnitFolders } from './drop-ins.ts';
import { managerOf } from './manager.ts';
import { readQuadlet } from './quadlet.ts';
import { lastExitStatus, serviceState, startsAtBoot } from './service-state.ts';
import { numberProperty, property } from './show.ts';
import type { UnitProperties } from './show.ts';

/** Whose manager runs a unit; undefined is the system's. */
export interface UnitUser {
  name: string;
  home: string;
  /** True when that user is the one the doctor runs as. */
  isSelf: boolean;
}

export interface SystemdService {
  service: OllamaService;
  evidence: Evidence[];
}

/**
 * Everything about one unit: its files read as systemd reads them, its process's environment (root), and the journal
 * where the process cannot be asked or does not run.
 * @param user whose own manager it is
 */
export async function readService(
  machine: Machine,
  unit: UnitProperties,
  user?: UnitUser,
): Promise<SystemdService> {
  const name = property(unit, 'Id') ?? 'ollama.service';
  const pid = numberProperty(unit, 'MainPID') || undefined;
  const source = property(unit, 'SourcePath');
  const folders = user ? userUnitFolders(user.home) : systemUnitFolders;
  const [configuration, environ, quadlet] = await Promise.all([
    readConfiguration(machine, unit, folders),
    pid === undefined ? undefined : machine.read(`/proc/${pid}/environ`),
    source?.endsWith('.container') ? readQuadlet(machine, source) : undefined,
  ]);
  const manager = managerOf(unit, configuration.sources, user ? 'systemd-user' : 'systemd');
  const processValue = environ?.outcome === 'read' ? readEnviron(environ.text) : undefined;
  const restarts = numberProperty(unit, 'NRestarts');
  const shown = serviceState(unit);
  const isQuiet = shown === 'running' && processValue !== undefined && !restarts;
  const log: ServerLog = isQuiet ? { lines: [] } : await readJournal(machine, name, user);
  // Between two attempts a service that falls over is up for a moment.
  const isBetween = (shown === 'running' || shown === 'starting') && restarts && log.recentFailure;
  const state = isBetween ? 'crash-loop' : shown;
  const failure = failed.has(state) ? (log.failure ?? log.recentFailure) : undefined;
  const processHost = quadlet ? undefined : hostOfProcess(pid, state, processValue, log);
  const exitStatus = lastExitStatus(unit);
  const definition = quadlet ? source : property(unit, 'FragmentPath');
  const configuredHost = quadlet ? quadlet.host : configuration.host;
  const service: OllamaService = {
    manager,
    name,
    state,
    startsAtBoot: startsAtBoot(unit),
    ...(user && { user: user.name }),
    ...(pid !== undefined && { pid }),
    ...(property(unit, 'Result') === 'start-limit-hit' && { gaveUp: true }),
    ...(restarts !== undefined && { restarts }),
    ...(exitStatus !== undefined && { lastExitStatus: exitStatus }),
    settings: quadlet ? quadlet.settings : configuration.settings,
    ...(configuredHost !== undefined && { configuredHost }),
    ...(!quadlet && configuration.mayBeToldElsewhere && { mayBeToldElsewhere: true }),
    ...(processHost && { processHost }),
    needsReload: property(unit, 'NeedDaemonReload') === 'yes',
    ...(definition !== undefined && { definition }),
    dropIns: quadlet ? quadlet.dropIns : configuration.dropIns,
    ...(quadlet?.publishedBy && { publishedBy: quadlet.publishedBy }),
    log: log.lines,
    ...(failure && { failure }),
  };
  return { service, evidence: evidenceOf(service, unit) };
}

const failed: ReadonlySet<OllamaService['state']> = new Set(['failed', 'crash-loop', 'starting']);

/** OLLAMA_HOST in a process's environment; `{}` when it is not set there. */
export function readEnviron(text: string): { value?: string } {
  const found = text.split('\0').find((entry) => entry.startsWith('OLLAMA_HOST='));
  return found === undefined ? {} : { value: found.slice('OLLAMA_HOST='.length) };
}

function hostOfProcess(
  pid: number | undefined,
  state: OllamaService['state'],
  fromProcess: { value?: string } | undefined,
  log: ServerLog,
): OllamaService['processHost'] {
  // Of one that falls over and over the process may be systemd's own still, before it becomes the server.
  if (state !== 'running') return undefined;
  if (fromProcess && pid !== undefined) return { ...fromProcess, source: `/proc/${pid}/environ` };
  const logged = log.configuredHost ?? log.listeningOn;
  if (logged === undefined) return undefined;
  const what = log.configuredHost === undefined ? 'Listening on' : 'server config';
  return { value: logged, source: `its log ("${what}")` };
}

async function readJournal(machine: Machine, name: string, user: UnitUser | undefined): Promise<ServerLog> {
  // root reads the lines of another user's unit in the whole journal (journalctl(1), `_SYSTEMD_USER_UNIT=`).
  const whose =
    user === undefined
      ? (['-u', name] as const)
      : user.isSelf
        ? (['--user', '--user-unit', name] as const)
        : ([`_SYSTEMD_USER_UNIT=${name}`, '+', `USER_UNIT=${name}`] as const);
  const argv = ['journalctl', ...whose, '-n', '200', '--no-pager', '-o', 'cat', '-q'] as const;
  const journal = await machine.run({ argv, timeoutMs: 3000 });
  return journal.outcome === 'exited' ? readServerLog(journal.stdout) : { lines: [] };
}

function evidenceOf(service: OllamaService, unit: UnitProperties): Evidence[] {
  const states = `${property(unit, 'ActiveState') ?? 'unknown'} (${property(unit, 'SubState') ?? 'unknown'})`;
  const boot = property(unit, 'UnitFileState') ?? 'not known whether it starts at boot';
  const restarts = service.restarts
    ? `, restarted ${service.restarts} ${service.restarts === 1 ? 'time' : 'times'}`
    : '';
  // One line may hold several settings.
  const lines = new Map(service.settings.map(({ file, line, text }) => [`${file}:${line}`, text]));
  const command = service.user === undefined ? 'systemctl show' : 'systemctl --user show';
  return [
    { source: `${command} ${service.name}`, text: `${states}, ${boot}${restarts}` },
    ...[...lines].map(([source, text]) => ({ source, text })),
    ...(service.processHost
      ? [
          {
            source: service.processHost.source,
            text:
              service.processHost.value === undefined
                ? 'OLLAMA_HOST is not set'
                : `OLLAMA_HOST=${service.processHost.value}`,
          },
        ]
      : []),
    ...(service.failure ? [{ source: `journal of ${service.name}`, text: service.failure.line }] : []),
  ];
}
