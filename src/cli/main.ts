import type { Machine } from '../machine/machine.ts';
import { reportFailure } from './failure.ts';
import { run, wantsJson } from './program.ts';
import { print, type World } from './world.ts';

/** Runs the program in this process: its arguments, streams and signals. Ends the process. */
export async function start(): Promise<void> {
  const interrupt = new AbortController();
  const world: World = {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    platform: process.platform,
    signal: interrupt.signal,
    changing: { now: false },
    openMachine: async (signal) => (await import('../machine/live.ts')).openLiveMachine({ signal }),
    openReplay: async (path): Promise<Machine> => (await import('../machine/replay.ts')).openReplay(path),
  };
  const words = process.argv.slice(2);
  endWhenNobodyReads();
  const state = { interrupted: false };
  handleInterrupts(interrupt, world, state);
  handleStrayErrors(words, world);
  const code = await run(words, world);
  // What was written is with the system by now; whatever is still open must not keep the reader waiting.
  process.exit(state.interrupted ? 130 : code);
}

/** `ollama-doctor | head -1` is no error; a full disk is one. */
function endWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      if (stream === process.stdout)
        process.stderr.write(`ollama-doctor: the result cannot be written: ${error.message}\n`);
      process.exit(2);
    });
  }
}

/** What was thrown where nobody waits for it is told as any other error of the doctor itself. */
function handleStrayErrors(words: readonly string[], world: World): void {
  const onError = (error: unknown): void => {
    void reportFailure(error, wantsJson(words), world).finally(() => process.exit(2));
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
}

/**
 * The first interrupt ends the run, but for a change under way: that is finished and proved first, as half of it is
 * worse than all or nothing. The second interrupt ends it anyhow; its journal knows what to take back.
 */
function handleInterrupts(interrupt: AbortController, world: World, state: { interrupted: boolean }): void {
  const onSignal = (): void => {
    if (state.interrupted || !world.changing.now) {
      interrupt.abort();
      process.exit(130);
    }
    state.interrupted = true;
    void print(
      world.stderr,
      '\nollama-doctor: finishing the change under way; interrupt again to leave it as it is\n',
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}
