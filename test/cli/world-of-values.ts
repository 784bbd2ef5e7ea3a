import { PassThrough } from 'node:stream';
import { run } from '../../src/cli/program.ts';
import type { OpenMachine, World } from '../../src/cli/world.ts';
import { simulate, type Simulated, type SimulationScript } from '../../src/machine/simulated.ts';
import type { Machine } from '../../src/machine/machine.ts';

/** What a run of the program did, seen from outside. */
export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** True once the machine was given back. */
  disposed: boolean;
}

export interface Given {
  machine?: SimulationScript;
  /** A machine that is there before and after, in place of a fresh one. */
  on?: Simulated;
  replays?: Record<string, Machine>;
  env?: Record<string, string>;
  /** Lines a person types; with it the streams are terminals. */
  typing?: string;
  /** What comes through a pipe on standard input. */
  piped?: string;
}

/** Runs the program on a simulated machine, with streams that are kept. */
export async function runWith(words: readonly string[], given: Given = {}): Promise<Ran> {
  const terminal = given.typing !== undefined;
  const ran: Ran = { exitCode: -1, stdout: '', stderr: '', disposed: false };
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal });
  const input = given.typing ?? given.piped;
  if (input !== undefined) stdin.end(input);
  const stream = (name: 'stdout' | 'stderr') => {
    const through = Object.assign(new PassThrough(), { isTTY: name === 'stderr' && terminal, columns: 80 });
    through.on('data', (chunk: Buffer) => (ran[name] += chunk.toString()));
    return through;
  };
  const world: World = {
    stdin,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: { LANG: 'C.UTF-8', TERM: 'dumb', ...given.env },
    platform: 'linux',
    signal: new AbortController().signal,
    changing: { now: false },
    openMachine: async (): Promise<OpenMachine> =>
      Object.assign(given.on ?? simulate(given.machine ?? {}), { dispose: () => (ran.disposed = true) }),
    openReplay: async (path) => {
      const replay = given.replays?.[path];
      if (!replay) throw new Error(`no replay ${path}`);
      return replay;
    },
  };
  ran.exitCode = await run(words, world);
  return ran;
}
