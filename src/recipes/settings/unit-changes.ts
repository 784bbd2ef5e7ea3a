import type { Argv, Change, FileChange } from '../../changes/change.ts';
import type { OllamaService, Setting } from '../../facts/service.ts';
import type { Planning } from '../recipe.ts';
import { type Assignment, dropInText } from './drop-in-text.ts';
import { editLine } from './edit-line.ts';
import { dropInName, type Keeper } from './keeper.ts';

/**
 * A setting of a variable in a drop-in that sorts behind ours: drop-ins of all folders are read in the order of their
 * names, and the last assignment counts (systemd.unit(5)).
 */
export function overridingDropIn(service: OllamaService, variable: string): Setting | undefined {
  return service.settings.find(
    (setting) =>
      setting.variable === variable &&
      setting.kind === 'environment' &&
      setting.status !== 'ignored' &&
      service.dropIns.includes(setting.file) &&
      nameOf(setting.file) > dropInName,
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * The drop-in, and where an EnvironmentFile sets the variable, that file's own line: it wins over every
 * `Environment=` (systemd.exec(5)). Adds to the draft.
 * @param assignment what is to be set: `OLLAMA_HOST`, `0.0.0.0:11434`
 * @param summary what for, in a few words
 * @param guardLine a line of the unit that sees to it that the port is closed before Ollama listens
 */
export async function unitChanges(
  planning: Planning,
  service: OllamaService,
  keeper: Keeper,
  {
    assignment,
    summary,
    guardLine,
  }: { assignment: Assignment; summary: string; guardLine?: string | undefined },
): Promise<{ changes: Change[] } | { reason: string; instructions: string[] }> {
  const { reload, restart, restartIfRunning, dropIn: path, attributes, elevated } = keeper;
  const winning = service.settings.find(
    ({ variable, kind, status }) =>
      variable === assignment.variable && kind === 'environment-file' && status === 'in-force',
  );
  const known = await textOf(planning, path);
  if (known === undefined)
    return { reason: `${path} cannot be read`, instructions: ['run it again with sudo'] };
  const after = dropInText(known, winning ? undefined : assignment, guardLine);
  const dropIn: FileChange = {
    kind: 'file',
    summary: guardLine && winning ? 'close the port before Ollama listens' : summary,
    path,
    before: known,
    after,
    attributes,
    thenRun: winning ? [reload] : [reload, restart],
    thenRunOnUndo: [reload, restartIfRunning],
    elevated,
  };
  const dropIns = (winning && !guardLine) || after === known ? [] : [dropIn];
  if (!winning && dropIns.length === 0) return { changes: [asks(reload, elevated), asks(restart, elevated)] };
  if (dropIns.length > 0) planning.draft.files.set(path, after);
  if (!winning) return { changes: dropIns };
  const edited = await editLine(planning, winning, assignment);
  if ('reason' in edited) return edited;
  const change: FileChange = {
    kind: 'file',
    summary: `${summary} (this file wins over the unit and its drop-ins)`,
    path: winning.file,
    ...edited,
    attributes,
    thenRun: [restart],
    thenRunOnUndo: dropIns.length > 0 ? [] : [restartIfRunning],
    elevated,
  };
  planning.draft.files.set(winning.file, edited.after);
  return { changes: [...dropIns, change] };
}

/** The text as it will be once what is planned is done; null for no file, undefined where it cannot be told. */
async function textOf({ draft, machine }: Planning, path: string): Promise<string | null | undefined> {
  const planned = draft.files.get(path);
  if (planned !== undefined) return planned;
  const known = await machine.read(path);
  if (known.outcome === 'denied' || known.outcome === 'failed') return undefined;
  return known.outcome === 'read' ? known.text : null;
}

/** Our drop-in is there already and does not count yet. */
function asks(argv: Argv, elevated: boolean): Change {
  const summary = 'have what is written already count';
  return { kind: 'command', summary, apply: argv, undo: [], diff: '', elevated };
}
