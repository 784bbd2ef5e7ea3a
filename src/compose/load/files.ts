import { posix, win32 } from 'node:path';
import type { Machine } from '../../machine/machine.ts';
import { ComposeProblem } from '../problem.ts';
import type { Source } from '../source.ts';

/** Names compose looks for, the preferred one first (compose-go cli/options.go, DefaultFileNames). */
const defaultNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'] as const;

/** Read on top of a default file where they are there (DefaultOverrideFileNames). */
const overrideNames = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
] as const;

/** A compose file is a text that people write; more than this is none. */
const mostBytes = 4 * 1024 * 1024;

/** Reads files of a project; each is read once, and a text that is planned to change is read as it will be. */
export class Files {
  readonly paths: typeof posix;
  private readonly machine: Machine;
  private readonly planned: ReadonlyMap<string, string>;
  private readonly known = new Map<string, Promise<Source | undefined>>();

  constructor(machine: Machine, planned: ReadonlyMap<string, string> = new Map()) {
    this.machine = machine;
    this.planned = planned;
    this.paths = machine.identity.platform === 'win32' ? win32 : posix;
  }

  /** @returns undefined when there is no such file. @throws ComposeProblem for what cannot be read */
  source(path: string, what = 'compose file'): Promise<Source | undefined> {
    const known = this.known.get(path);
    if (known) return known;
    const fresh = this.read(path, what);
    this.known.set(path, fresh);
    return fresh;
  }

  /** The same for one that must be there. */
  async needed(path: string, what = 'compose file'): Promise<Source> {
    const source = await this.source(path, what);
    if (source) return source;
    throw new ComposeProblem(`there is no ${what} ${path}`);
  }

  private async read(path: string, what: string): Promise<Source | undefined> {
    const planned = this.planned.get(path);
    if (planned !== undefined) return { path, text: planned };
    const read = await this.machine.read(path, { maxBytes: mostBytes });
    switch (read.outcome) {
      case 'read':
        if (read.truncated) throw new ComposeProblem(`${path} is too large for a ${what}`);
        if (read.text.includes('\0'))
          throw new ComposeProblem(`${path} is no text`, undefined, 'name a compose file');
        return { path, text: read.text };
      case 'absent':
        return undefined;
      case 'denied':
        throw new ComposeProblem(`${path} cannot be read: permission denied`);
      case 'failed':
        throw new ComposeProblem(`${path} cannot be read: ${await this.why(path, read.message)}`);
      case 'not-recorded':
        throw new ComposeProblem(`${path} is not part of this recording`);
    }
  }

  private async why(path: string, message: string): Promise<string> {
    const listed = await this.machine.list(path);
    if (listed.outcome !== 'listed') return message;
    const inside = defaultNames.find((name) => listed.names.includes(name));
    return `it is a folder${inside === undefined ? '' : `; the compose file in it is ${this.paths.join(path, inside)}`}`;
  }

  /** The compose files of a folder as compose finds them: the first default name, and its override. */
  async inFolder(folder: string): Promise<{ files: string[]; others: string[] }> {
    const listed = await this.machine.list(folder);
    if (listed.outcome !== 'listed') return { files: [], others: [] };
    const there = (names: readonly string[]): string[] => names.filter((name) => listed.names.includes(name));
    const [first, ...others] = there(defaultNames);
    if (first === undefined) return { files: [], others: [] };
    return {
      files: [first, ...there(overrideNames).slice(0, 1)].map((name) => this.paths.join(folder, name)),
      others,
    };
  }

  /** The override file that belongs to a default file; undefined for a file of another name, or where there is none. */
  async overrideOf(path: string): Promise<string | undefined> {
    const name = this.paths.basename(path);
    if (!(defaultNames as readonly string[]).includes(name)) return undefined;
    const { files } = await this.inFolder(this.paths.dirname(path));
    return files[0] === path ? files[1] : undefined;
  }
}
