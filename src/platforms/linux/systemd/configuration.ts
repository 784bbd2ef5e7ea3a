import type { Setting } from '../../../facts/service.ts';
import type { Machine } from '../../../machine/machine.ts';
import { dropInsOnDisk } from './drop-ins.ts';
import { pathsOf } from './service-state.ts';
import { namedFiles, readSettings, valueInForce } from './settings.ts';
import { property } from './show.ts';
import type { UnitProperties } from './show.ts';
import { environmentEvents } from './unit-environment.ts';
import type { UnitSource } from './unit-environment.ts';
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
  return { settings, sources, dropIns, ...(host !== undefined && { host }) };
}

/** OLLAMA_HOST in the `Environment` property, where systemd prints all assignments of the unit. */
function hostOfProperty(unit: UnitProperties): string | undefined {
  const words = splitWords(property(unit, 'Environment') ?? '').words;
  return words.findLast((word) => word.startsWith('OLLAMA_HOST='))?.slice('OLLAMA_HOST='.length);
}
