import { readEnvFile, type EnvEntry } from '../env-file.ts';
import type { Source } from '../source.ts';
import type { Files } from './files.ts';

/** Where a variable got its value. */
export type VariableOrigin =
  | { from: 'shell'; value: string }
  | { from: 'file'; value: string; entry: EnvEntry };

/** Variables of a project: the shell's own first, then those of env files, of which the later wins. */
export class Variables {
  readonly files: Source[] = [];
  private readonly shell: Readonly<Record<string, string | undefined>>;
  private readonly entries = new Map<string, EnvEntry>();

  constructor(shell: Readonly<Record<string, string | undefined>>) {
    this.shell = shell;
  }

  add(source: Source): void {
    this.files.push(source);
    for (const entry of readEnvFile(source, (name) => this.value(name))) this.entries.set(entry.name, entry);
  }

  value(name: string): string | undefined {
    return this.origin(name)?.value;
  }

  origin(name: string): VariableOrigin | undefined {
    const own = Object.hasOwn(this.shell, name) ? this.shell[name] : undefined;
    if (own !== undefined) return { from: 'shell', value: own };
    const entry = this.entries.get(name);
    return entry?.value === undefined ? undefined : { from: 'file', value: entry.value, entry };
  }

  /** A copy to which an included project's own files may be added. */
  copy(): Variables {
    const copy = new Variables(this.shell);
    copy.files.push(...this.files);
    for (const [name, entry] of this.entries) copy.entries.set(name, entry);
    return copy;
  }
}

/** Variables for files in a folder: `.env` there, unless other files were named in its place. */
export async function variablesFor(
  files: Files,
  folder: string,
  shell: Readonly<Record<string, string | undefined>>,
  named: readonly string[] = [],
): Promise<Variables> {
  const variables = new Variables(shell);
  if (named.length === 0) {
    const source = await files.source(files.paths.join(folder, '.env'), 'env file');
    if (source) variables.add(source);
  }
  for (const path of named) variables.add(await files.needed(path, 'env file'));
  return variables;
}
