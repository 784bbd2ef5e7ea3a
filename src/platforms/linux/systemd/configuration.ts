import type { Setting } from '../../../facts/service.ts';
import type { Machine } from '../../../machine/machine.ts';
import { dropInsOnDisk } from './drop-ins.ts';
import { pathsOf } from './service-state.ts';
import { namedFiles, readSettings, valueInForce } from './settings.ts';
import { property } from './show.ts';
import type { UnitProperties } from './show.ts';
import { environmentEvents } from './unit-environment.ts';
import type { EnvironmentEvent, UnitSource } from './unit-environment.ts';
import { splitWords } from './words.ts';

/** What the files of a unit say, as they are on disk now. */
export interface UnitConfiguration {
  settings: Setting[];
  /** OLLAMA_HOST; absent when nothing sets it. */
  host?: string;
  /** The files that were read, in the order they apply. */
  sources: UnitSource[];
  /** Paths of the drop-ins, in the order they apply. */
  dropIns: string[];
  /** An environment file could not be read, or a script starts the server: it may be told what no file here says. */
  mayBeToldElsewhere?: true;
}

/** Reads the unit's own files. A file that cannot be read leaves what systemd itself has in memory. */
export async function readConfiguration(
  machine: Machine,
  unit: UnitProperties,
  folders: readonly string[],
): Promise<UnitConfiguration> {
  const definition = property(unit, 'FragmentPath');
  const known = pathsOf(unit, 'DropInPaths');
  // What was added since systemd read the unit stands in none of its properties.
  const dropIns =
    property(unit, 'NeedDaemonReload') === 'yes'
      ? await dropInsOnDisk(machine, property(unit, 'Id') ?? '', folders, known)
      : known;
  const paths = [...(definition === undefined ? [] : [definition]), ...dropIns];
  const texts = await Promise.all(paths.map((path) => machine.read(path)));
  const sources = paths.flatMap((path, at): UnitSource[] => {
    const file = texts[at];
    return file?.outcome === 'read' ? [{ path, text: file.text }] : [];
  });
  const events = expandPaths(environmentEvents(sources), unit);
  const read = await Promise.all(
    namedFiles(events).map(async ({ path }) => [path, await machine.read(path)] as const),
  );
  const files = new Map(
    read.map(([path, file]) => [path, file.outcome === 'read' ? file.text : undefined] as const),
  );
  const unread = read.some(
    ([path, { outcome }]) => outcome !== 'read' && (outcome !== 'absent' || /[%*?[]/u.test(path)),
  );
  const settings = readSettings(events, files);
  const host =
    sources.length === paths.length
      ? valueInForce(settings, 'OLLAMA_HOST')
      : (valueInForce(
          settings.filter(({ kind }) => kind === 'environment-file'),
          'OLLAMA_HOST',
        ) ?? hostOfProperty(unit));
  return {
    settings,
    sources,
    dropIns,
    ...(host !== undefined && { host }),
    ...((unread || startsByScript(sources)) && { mayBeToldElsewhere: true }),
  };
}

/**
 * Environment files by the paths that systemd made of them, as `%h/ollama.env` is one only with the specifiers of its
 * manager. It prints them as `PATH (ignore_errors=no)`.
 */
function expandPaths(events: readonly EnvironmentEvent[], unit: UnitProperties): EnvironmentEvent[] {
  const loaded = (unit.get('EnvironmentFiles') ?? [])
    .flatMap((text) => text.split(/ \(ignore_errors=(?:yes|no)\) ?/u))
    .filter(Boolean);
  return events.map((event) => {
    const { what } = event;
    if (what.kind !== 'file' || !what.path.includes('%')) return event;
    const parts = what.path.split(/%./u);
    const path = loaded.find((one) => isMadeOf(one, parts));
    return path === undefined ? event : { ...event, what: { ...what, path } };
  });
}

/** Whether a path starts with the first part, ends with the last, and has the others between them in their order. */
function isMadeOf(path: string, parts: readonly string[]): boolean {
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const found = index === 0 ? (path.startsWith(part) ? 0 : -1) : path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return path.endsWith(parts.at(-1) ?? '');
}

/** Started by something else than `ollama serve` itself, which may set OLLAMA_HOST on its way (`sh -c`, `env`). */
function startsByScript(sources: readonly UnitSource[]): boolean {
  const commands = sources.flatMap(({ text }) =>
    [...text.matchAll(/^[ \t]*ExecStart[ \t]*=[ \t]*(\S.*)$/gmu)].map(([, command = '']) => command),
  );
  const command = commands.at(-1);
  return command !== undefined && !/^[-@:+!|]*["']?\S*ollama\S*["']?[ \t]+["']?serve\b/u.test(command);
}

/** OLLAMA_HOST in the `Environment` property, where systemd prints all assignments of the unit. */
function hostOfProperty(unit: UnitProperties): string | undefined {
  const words = splitWords(property(unit, 'Environment') ?? '').words;
  return words.findLast((word) => word.startsWith('OLLAMA_HOST='))?.slice('OLLAMA_HOST='.length);
}
