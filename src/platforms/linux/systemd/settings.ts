import { settingInForce } from '../../../facts/in-force.ts';
import type { Setting } from '../../../facts/service.ts';
import { isReadName } from '../../../machine/redaction/names.ts';
import { parseEnvironmentFile } from './environment-file.ts';
import { isVariableName } from './unit-environment.ts';
import type { EnvironmentEvent } from './unit-environment.ts';

/** The text of an environment file by its path; undefined where it does not exist or cannot be read. */
export type EnvironmentFiles = ReadonlyMap<string, string | undefined>;

/** Paths of the environment files that the unit still names once `EnvironmentFile=` lines without a value counted. */
export function namedFiles(events: readonly EnvironmentEvent[]): { path: string; optional: boolean }[] {
  const lastClear = events.findLastIndex(({ what }) => what.kind === 'clear-files');
  return events.slice(lastClear + 1).flatMap(({ what }) => (what.kind === 'file' ? [what] : []));
}

/**
 * Every word that a unit and its environment files say about `OLLAMA_` variables, and which of them holds: a later
 * `Environment=` beats an earlier one, a file beats every `Environment=`, a later file an earlier one, and
 * `UnsetEnvironment=` beats all (systemd.exec(5)).
 * @returns `Environment=` lines in the order systemd reads them, then the lines of the files
 */
export function readSettings(events: readonly EnvironmentEvent[], files: EnvironmentFiles): Setting[] {
  const settings: Setting[] = [];
  const fromUnits: Setting[] = [];
  for (const { file, line, text, what } of events) {
    if (what.kind === 'clear') {
      for (const earlier of fromUnits) lose(earlier, `cleared by the empty Environment= in ${file}:${line}`);
    } else if (what.kind === 'assign' && isOllama(what.variable)) {
      const { variable, value } = what;
      const setting: Setting = { variable, value, file, line, text, kind: 'environment', status: 'in-force' };
      fromUnits.push(setting);
      settings.push(setting);
    } else if (what.kind === 'ignored') {
      const { variable, value, because } = what;
      settings.push({ variable, value, file, line, text, kind: 'environment', status: 'ignored', because });
    }
  }
  for (const { path } of namedFiles(events)) settings.push(...settingsOfFile(path, files.get(path) ?? ''));
  letLaterWin(settings);
  for (const { file, line, what } of events) {
    if (what.kind !== 'unset') continue;
    for (const setting of settings) {
      const same =
        setting.variable === what.variable && (what.value === undefined || what.value === setting.value);
      if (same) lose(setting, `UnsetEnvironment= in ${file}:${line}`);
    }
  }
  return settings;
}

/** The value the configuration gives a variable; undefined when nothing sets it. */
export function valueInForce(settings: readonly Setting[], variable: string): string | undefined {
  return settingInForce(settings, variable)?.value;
}

function settingsOfFile(file: string, text: string): Setting[] {
  return parseEnvironmentFile(text).flatMap((assignment): Setting[] => {
    const { key, value, line } = assignment;
    const place = { value, file, line, text: assignment.text, kind: 'environment-file' } as const;
    if (isOllama(key) && isVariableName(key)) return [{ variable: key, ...place, status: 'in-force' }];
    const meant = /OLLAMA_[A-Z0-9_]+/u.exec(key)?.[0];
    if (meant === undefined || isVariableName(key) || !isReadName(meant)) return [];
    const because = `Ignoring invalid environment assignment '${key}=${value}'`;
    return [{ variable: meant, ...place, status: 'ignored', because }];
  });
}

/** Of several settings of one variable the last one is in force; the others learn which. Changes them in place. */
export function letLaterWin(settings: readonly Setting[]): void {
  const winners = new Map<string, Setting>();
  for (const setting of settings.toReversed()) {
    if (setting.status !== 'in-force') continue;
    const winner = winners.get(setting.variable);
    if (winner) lose(setting, `${winner.file}:${winner.line}`);
    else winners.set(setting.variable, setting);
  }
}

function lose(setting: Setting, because: string): void {
  if (setting.status !== 'in-force') return;
  setting.status = 'overridden';
  setting.because = because;
}

/** Ollama's variables but its keys (OLLAMA_API_KEY). */
function isOllama(variable: string): boolean {
  return variable.startsWith('OLLAMA_') && isReadName(variable);
}
