import type { Machine } from '../machine/machine.ts';
import { Files } from './load/files.ts';
import { type Variables, variablesFor } from './load/variables.ts';
import { ComposeProblem } from './problem.ts';

export interface Asked {
  /** The folder the program was started in. */
  folder: string;
  /** FILE, to which its override belongs as with a plain `docker compose`. */
  file?: string;
  /** Files given with -f: these and no others. */
  files: readonly string[];
  shell: Readonly<Record<string, string | undefined>>;
}

export interface Chosen {
  files: string[];
  /** What to know of the choice, for people. */
  notes: string[];
}

/**
 * The files that `docker compose` would take: those named, else COMPOSE_FILE (of the shell or of `.env`), else the
 * default ones of this folder or of the nearest one above (compose-go cli/options.go).
 *
 * @throws ComposeProblem when there is none
 */
export async function chooseFiles(machine: Machine, asked: Asked): Promise<Chosen> {
  const files = new Files(machine);
  const { paths } = files;
  const whole = (path: string): string => paths.resolve(asked.folder, path);
  if (asked.files.length > 0) return { files: asked.files.map(whole), notes: [] };
  if (asked.file !== undefined) {
    const file = whole(asked.file);
    const override = await files.overrideOf(file);
    return { files: override === undefined ? [file] : [file, override], notes: [] };
  }
  const named = await composeFile(files, asked);
  if (named !== undefined) {
    const separator =
      asked.shell['COMPOSE_PATH_SEPARATOR'] ?? (machine.identity.platform === 'win32' ? ';' : ':');
    return {
      files: named.split(separator).filter(Boolean).map(whole),
      notes: [`by COMPOSE_FILE=${named}`],
    };
  }
  for (let folder = asked.folder; ; folder = paths.dirname(folder)) {
    const found = await files.inFolder(folder);
    if (found.files.length > 0) {
      const others = found.others.map((name) => `${name} is not read, as compose takes one of them`);
      return { files: found.files, notes: others };
    }
    if (paths.dirname(folder) === folder) break;
  }
  throw new ComposeProblem(
    'there is no compose file in this folder or above it',
    undefined,
    'name one: ollama-doctor compose FILE',
  );
}

async function composeFile(files: Files, asked: Asked): Promise<string | undefined> {
  const own = asked.shell['COMPOSE_FILE'];
  if (own !== undefined && own !== '') return own;
  let variables: Variables;
  try {
    variables = await variablesFor(files, asked.folder, asked.shell);
  } catch (error) {
    // What is wrong with it is told when the project is read.
    if (error instanceof ComposeProblem) return undefined;
    throw error;
  }
  const value = variables.value('COMPOSE_FILE');
  return value === '' ? undefined : value;
}
