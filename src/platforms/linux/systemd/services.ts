import type { OllamaService, Setting } from '../../../facts/service.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { Evidence } from '../../../report/schema.ts';
import { readServerLog } from '../../../ollama/server-log.ts';
import type { ServerLog } from '../../../ollama/server-log.ts';
import { lastExitStatus, pathsOf, serviceState, startsAtBoot } from './service-state.ts';
import { namedFiles, readSettings, valueInForce } from './settings.ts';
import { numberProperty, property } from './show.ts';
import type { UnitProperties } from './show.ts';
import { environmentEvents } from './unit-environment.ts';
import type { UnitSource } from './unit-environment.ts';
import { splitWords } from './words.ts';

export interface SystemdService {
  service: OllamaService;
  evidence: Evidence[];
}

/**
 * Everything about one unit: its files read as systemd reads them, its process's environment (root), and the journal
 * where the process cannot be asked or does not run.
 * @param manager `systemd-user` asks the invoking user's own manager
 */
export async function readService(
  machine: Machine,
  unit: UnitProperties,
  manager: 'systemd' | 'systemd-user',
): Promise<SystemdService> {
  const name = property(unit, 'Id') ?? 'ollama.service';
  const state = serviceState(unit);
  const pid = numberProperty(unit, 'MainPID') || undefined;
  const [configuration, environ] = await Promise.all([
    readConfiguration(machine, unit),
    pid === undefined ? undefined : machine.read(`/proc/${pid}/environ`),
  ]);
  const processValue = environ?.outcome === 'read' ? readEnviron(environ.text) : undefined;
  const log: ServerLog =
    state === 'running' && processValue !== undefined
      ? { lines: [] }
      : await readJournal(machine, name, manager);
  const processHost = hostOfProcess(pid, state, processValue, log);
  const restarts = numberProperty(unit, 'NRestarts');
  const exitStatus = lastExitStatus(unit);
  const definition = property(unit, 'FragmentPath');
  const configuredHost = configuration.host;
  const service: OllamaService = {
    manager,
    name,
    state,
    startsAtBoot: startsAtBoot(unit),
    ...(pid !== undefined && { pid }),
    ...(restarts !== undefined && { restarts }),
    ...(exitStatus !== undefined && { lastExitStatus: exitStatus }),
    settings: configuration.settings,
    ...(configuredHost !== undefined && { configuredHost }),
    ...(processHost && { processHost }),
    needsReload: property(unit, 'NeedDaemonReload') === 'yes',
    ...(definition !== undefined && { definition }),
    dropIns: pathsOf(unit, 'DropInPaths'),
    log: log.lines,
    ...(failed.has(state) && log.failure && { failure: log.failure }),
  };
  return { service, evidence: evidenceOf(service, unit) };
}

const failed: ReadonlySet<OllamaService['state']> = new Set(['failed', 'crash-loop', 'starting']);

/** Reads the unit's own files. A file that cannot be read leaves what systemd itself has in memory. */
async function readConfiguration(
  machine: Machine,
  unit: UnitProperties,
): Promise<{ settings: Setting[]; host?: string }> {
  const definition = property(unit, 'FragmentPath');
  const paths = [...(definition === undefined ? [] : [definition]), ...pathsOf(unit, 'DropInPaths')];
  const texts = await Promise.all(paths.map((path) => machine.read(path)));
  const sources = paths.flatMap((path, at): UnitSource[] => {
    const file = texts[at];
    return file?.outcome === 'read' ? [{ path, text: file.text }] : [];
  });
  const events = environmentEvents(sources);
  const files = new Map(
    await Promise.all(
      namedFiles(events).map(async ({ path }) => {
        const file = await machine.read(path);
        return [path, file.outcome === 'read' ? file.text : undefined] as const;
      }),
    ),
  );
  const settings = readSettings(events, files);
  const host =
    sources.length === paths.length
      ? valueInForce(settings, 'OLLAMA_HOST')
      : (valueInForce(
          settings.filter(({ kind }) => kind === 'environment-file'),
          'OLLAMA_HOST',
        ) ?? hostOfProperty(unit));
  return host === undefined ? { settings } : { settings, host };
}

/** OLLAMA_HOST in the `Environment` property, where systemd prints all assignments of the unit. */
function hostOfProperty(unit: UnitProperties): string | undefined {
  const words = splitWords(property(unit, 'Environment') ?? '').words;
  return words.findLast((word) => word.startsWith('OLLAMA_HOST='))?.slice('OLLAMA_HOST='.length);
}

/** OLLAMA_HOST in a process's environment; `{}` when it is not set there. */
function readEnviron(text: string): { value?: string } {
  const found = text.split('\0').find((entry) => entry.startsWith('OLLAMA_HOST='));
  return found === undefined ? {} : { value: found.slice('OLLAMA_HOST='.length) };
}

function hostOfProcess(
  pid: number | undefined,
  state: OllamaService['state'],
  fromProcess: { value?: string } | undefined,
  log: ServerLog,
): OllamaService['processHost'] {
  if (fromProcess && pid !== undefined) return { ...fromProcess, source: `/proc/${pid}/environ` };
  if (state !== 'running') return undefined;
  const logged = log.configuredHost ?? log.listeningOn;
  if (logged === undefined) return undefined;
  const what = log.configuredHost === undefined ? 'Listening on' : 'server config';
  return { value: logged, source: `its log ("${what}")` };
}

async function readJournal(
  machine: Machine,
  name: string,
  manager: 'systemd' | 'systemd-user',
): Promise<ServerLog> {
  const whose = manager === 'systemd-user' ? (['--user', '--user-unit'] as const) : (['-u'] as const);
  const argv = ['journalctl', ...whose, name, '-n', '200', '--no-pager', '-o', 'cat', '-q'] as const;
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
  const command = service.manager === 'systemd-user' ? 'systemctl --user show' : 'systemctl show';
  return [
    { source: `${command} ${service.name}`, text: `${states}, ${boot}${restarts}` },
    ...[...lines].map(([source, text]) => ({ source, text })),
    ...(service.processHost
      ? [
          {
            source: service.processHost.source,
            text: `OLLAMA_HOST=${service.processHost.value ?? ' is not set'}`,
          },
        ]
      : []),
    ...(service.failure ? [{ source: `journalctl -u ${service.name}`, text: service.failure.line }] : []),
  ];
}
