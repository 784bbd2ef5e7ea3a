import type { Argv, Change, FileChange } from '../changes/change.ts';
import type { OllamaService, Setting } from '../facts/service.ts';
import type { Planning } from './recipe.ts';

const dropInName = 'zz-ollama-doctor.conf';

export function dropInPath(unit: string): string {
  return `/etc/systemd/system/${unit}.d/${dropInName}`;
}

/**
 * A setting of OLLAMA_HOST in a drop-in that sorts behind ours: drop-ins of all folders are read in the order of their
 * names, and the last assignment counts (systemd.unit(5)).
 */
export function overridingDropIn(service: OllamaService): Setting | undefined {
  return service.settings.find(
    ({ variable, kind, status, file }) =>
      variable === 'OLLAMA_HOST' &&
      kind === 'environment' &&
      status !== 'ignored' &&
      service.dropIns.includes(file) &&
      nameOf(file) > dropInName,
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * The drop-in, and where an EnvironmentFile sets the variable, that file's own line: it wins over every
 * `Environment=` (systemd.exec(5)).
 * @param value what OLLAMA_HOST is to be: `0.0.0.0:11434`
 * @param guardLine a line of the unit that closes the port before Ollama listens
 */
export async function unitChanges(
  planning: Planning,
  service: OllamaService,
  value: string,
  guardLine: string | undefined,
): Promise<{ changes: Change[] } | { reason: string; instructions: string[] }> {
  const { name } = service;
  const reload: Argv = ['systemctl', 'daemon-reload'];
  const restart: Argv = ['systemctl', 'restart', name];
  // What was stopped by somebody in the meantime stays stopped.
  const restartIfRunning: Argv = ['systemctl', 'try-restart', name];
  const winning = service.settings.find(
    ({ variable, kind, status }) =>
      variable === 'OLLAMA_HOST' && kind === 'environment-file' && status === 'in-force',
  );
  const path = dropInPath(name);
  const known = await planning.machine.read(path);
  if (known.outcome === 'denied' || known.outcome === 'failed')
    return { reason: `${path} cannot be read`, instructions: ['run it again with sudo'] };
  const before = known.outcome === 'read' ? known.text : null;
  const dropIn: FileChange = {
    kind: 'file',
    summary: guardLine && winning ? 'close the port before Ollama listens' : whatFor(value),
    path,
    before,
    after: dropInText(winning ? undefined : value, guardLine),
    attributes: { mode: 0o644 },
    thenRun: winning ? [reload] : [reload, restart],
    thenRunOnUndo: [reload, restartIfRunning],
    elevated: true,
  };
  const dropIns = (winning && !guardLine) || dropIn.after === before ? [] : [dropIn];
  if (!winning && dropIns.length === 0) return { changes: [asks(reload), asks(restart)] };
  if (!winning) return { changes: dropIns };
  const edited = await editLine(planning, winning, value);
  if ('reason' in edited) return edited;
  const change: FileChange = {
    ...edited,
    thenRun: [restart],
    thenRunOnUndo: dropIns.length > 0 ? [] : [restartIfRunning],
  };
  return { changes: [...dropIns, change] };
}

function whatFor(value: string): string {
  return value.startsWith('0.0.0.0:') ? 'listen on all interfaces' : `listen on ${value}`;
}

/** Our drop-in is there already and does not count yet. */
function asks(argv: Argv): Change {
  const summary = 'have what is written already count';
  return { kind: 'command', summary, apply: argv, undo: [], diff: '', elevated: true };
}

function dropInText(value: string | undefined, guardLine: string | undefined): string {
  return [
    '# Written by ollama-doctor; "ollama-doctor undo" takes it back.',
    '# It is a file of its own since the installer rewrites the unit on every upgrade.',
    '[Service]',
    ...(value === undefined ? [] : [`Environment="OLLAMA_HOST=${value}"`]),
    ...(guardLine === undefined
      ? []
      : [
          '# Closes the port to all but this host and its containers; Ollama does not start without.',
          guardLine,
        ]),
    '',
  ].join('\n');
}

async function editLine(
  { machine }: Planning,
  setting: Setting,
  value: string,
): Promise<
  | Pick<FileChange, 'kind' | 'summary' | 'path' | 'before' | 'after' | 'attributes' | 'elevated'>
  | {
      reason: string;
      instructions: string[];
    }
> {
  const byHand = [`change line ${setting.line} of ${setting.file} to: OLLAMA_HOST=${value}`];
  const read = await machine.read(setting.file);
  if (read.outcome !== 'read') return { reason: `${setting.file} cannot be read`, instructions: byHand };
  const lines = read.text.split('\n');
  const line = lines[setting.line - 1] ?? '';
  const parts = /^(\s*OLLAMA_HOST\s*=\s*)(["']?)[^"'\\]*\2(\s*)$/u.exec(line);
  if (!parts || line.trimEnd() !== setting.text.trimEnd())
    return {
      reason: `line ${setting.line} of ${setting.file} is not a plain assignment`,
      instructions: byHand,
    };
  const [, head = '', quote = '', tail = ''] = parts;
  lines[setting.line - 1] = `${head}${quote}${value}${quote}${tail}`;
  return {
    kind: 'file',
    summary: `${whatFor(value)} (this file wins over the unit and its drop-ins)`,
    path: setting.file,
    before: read.text,
    after: lines.join('\n'),
    attributes: { mode: 0o644 },
    elevated: true,
  };
}
