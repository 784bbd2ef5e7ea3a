import type { Machine } from '../machine/machine.ts';
import { assertWritable, reasonOf } from './deliver.ts';
import { Failure, usage } from './failure.ts';
import { print, type World } from './world.ts';

/** The machine to look at, and what is to be done once that is over. */
export interface Opened {
  machine: Machine;
  close(): Promise<void>;
}

/** Opens this host, a recording of it (--replay), or this host with all that is seen written down (--record). */
export async function openRecorded(
  typed: { record?: string; replay?: string },
  world: World,
): Promise<Opened> {
  if (typed.replay !== undefined) {
    if (typed.record !== undefined)
      throw usage('a replay cannot be recorded', 'leave --record out, and copy the file');
    return { machine: await replay(typed.replay, world), close: async () => undefined };
  }
  const file = typed.record;
  if (file !== undefined && !/[/\\]$/u.test(file)) await assertWritable('--record', file, 'or a folder');
  const live = await world.openMachine(world.signal);
  if (file === undefined) return { machine: live, close: async () => live.dispose() };

  const { record, writeRecording } = await import('../machine/recording.ts');
  await print(
    world.stderr,
    `ollama-doctor: recording to ${file}. Addresses and names of hosts, containers and networks stay in it, as nothing can be diagnosed without them; secrets are left out.\n`,
  );
  const recorder = record(live);
  return {
    machine: recorder.machine,
    async close() {
      live.dispose();
      try {
        await writeRecording(recorder.recording(), file);
      } catch (error) {
        throw usage(`--record ${file} cannot be written: ${reasonOf(error)}`);
      }
    },
  };
}

async function replay(path: string, world: World): Promise<Machine> {
  const { ReplayError } = await import('../machine/recording/replay-error.ts');
  try {
    return await world.openReplay(path);
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    throw new Failure('replay', `${path} cannot be replayed: ${error.message}`, error.hint);
  }
}
