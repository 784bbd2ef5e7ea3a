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
  const own = await ownHeaders(world);
  const live = await world.openMachine(world.signal);
  // Within the recorder, which then never meets them.
  const machine = own === undefined ? live : own(live);
  if (file === undefined) return { machine, close: async () => live.dispose() };

  const { record, writeRecording } = await import('../machine/recording.ts');
  await print(
    world.stderr,
    `ollama-doctor: recording to ${file}. Addresses and names of hosts, containers and networks stay in it, as nothing can be diagnosed without them; secrets are left out.\n`,
  );
  const recorder = record(machine);
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

/** What gives a machine the headers of OLLAMA_DOCTOR_HEADER. Throws a usage failure that does not show its value. */
async function ownHeaders(world: World): Promise<((machine: Machine) => Machine) | undefined> {
  const text = world.env['OLLAMA_DOCTOR_HEADER'];
  if (text === undefined || text.trim() === '') return undefined;
  const { parseOwnHeaders, withOwnHeaders } = await import('../machine/own-headers.ts');
  const own = parseOwnHeaders(text);
  if ('problem' in own) {
    const hint = "for example OLLAMA_DOCTOR_HEADER='Authorization: Bearer …'";
    throw usage(`OLLAMA_DOCTOR_HEADER cannot be used: ${own.problem}`, hint);
  }
  return (machine) => withOwnHeaders(machine, own);
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
