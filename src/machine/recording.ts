import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from './machine.ts';
import { trackRunning } from './live/running.ts';
import { liveWriter } from './live/writer.ts';
import { recordingVersion } from './recording/document.ts';
import type { Recording } from './recording/document.ts';
import { intoFolder } from './recording/folder.ts';
import { placeWithin } from './recording/question.ts';
import { indexName } from './recording/sources.ts';
import { writeEntry } from './recording/write-entry.ts';
import type { Entry, Exchange } from './recording/write-entry.ts';
import { redact } from './redaction/redact.ts';
import { redactIdentity } from './redaction/identity.ts';
import { toolVersion } from '../report/tool.ts';

export type { Recording } from './recording/document.ts';

export interface Recorder {
  /** Answers as the machine it wraps does, word for word, and remembers. Its writer is the machine's own, unrecorded. */
  machine: Machine;
  /** What was asked and answered so far, secrets left out. */
  recording(): Recording;
}

/** Wraps a machine, and every machine entered through it, so that what is asked of them can be replayed. */
export function record(machine: Machine): Recorder {
  const tape = new Tape();
  const openedAt = machine.now();
  return {
    machine: recorded(machine, 'host', tape),
    recording: () => ({
      recordingVersion,
      tool: { name: 'ollama-doctor', version: toolVersion },
      clock: new Date(tape.firstTime ?? openedAt).toISOString(),
      identity: redactIdentity(machine.identity),
      entries: tape.entries(),
    }),
  };
}

/**
 * Writes a recording, replacing what is there in one step: one JSON file, or a folder of plain text files with an index
 * when the path ends in `/` or is a folder.
 *
 * @throws {WriteError}
 */
export async function writeRecording(recording: Recording, path: string): Promise<void> {
  const writer = liveWriter(trackRunning());
  const isFolder = /[/\\]$/u.test(path) || (await stat(path).catch(() => undefined))?.isDirectory() === true;
  if (!isFolder) {
    await writer.replace(path, `${JSON.stringify(recording, null, 2)}\n`, { mode: 0o600 });
    return;
  }
  const { index, files } = intoFolder(recording);
  await mkdir(path, { recursive: true });
  for (const [name, text] of files) await writer.replace(join(path, name), text, { mode: 0o600 });
  // Last, so that an index never names a file that is not there yet.
  await writer.replace(join(path, indexName), `${JSON.stringify(index, null, 2)}\n`, { mode: 0o600 });
}

function recorded(machine: Machine, place: string, tape: Tape): Machine {
  return {
    vantage: machine.vantage,
    identity: machine.identity,
    run: (asked) => tape.keep(place, machine.run(asked), (answer) => ({ kind: 'run', asked, answer })),
    read: (asked, options) =>
      tape.keep(place, machine.read(asked, options), (answer) => ({ kind: 'read', asked, answer })),
    list: (asked) => tape.keep(place, machine.list(asked), (answer) => ({ kind: 'list', asked, answer })),
    connect: (asked) =>
      tape.keep(place, machine.connect(asked), (answer) => ({ kind: 'connect', asked, answer })),
    resolve: (asked) =>
      tape.keep(place, machine.resolve(asked), (answer) => ({ kind: 'resolve', asked, answer })),
    request: (asked) =>
      tape.keep(place, machine.request(asked), (answer) => ({ kind: 'request', asked, answer })),
    now: () => {
      const time = machine.now();
      tape.firstTime ??= time;
      return time;
    },
    // The inner machine is built on the bare one: what it does to look inside is not asked again in a replay, and may
    // hold what nobody should keep.
    enter: (vantage, build) => recorded(machine.enter(vantage, build), placeWithin(place, vantage), tape),
    writer: machine.writer,
  };
}

/** Exchanges in the order they were asked. */
class Tape {
  /** The first time of day that was asked for, which is when the diagnosis began. */
  firstTime: number | undefined;
  readonly #slots: { place: string; exchange?: Exchange }[] = [];

  async keep<Answer>(
    place: string,
    pending: Promise<Answer>,
    exchange: (answer: Answer) => Exchange,
  ): Promise<Answer> {
    const slot: { place: string; exchange?: Exchange } = { place };
    this.#slots.push(slot);
    const answer = await pending;
    slot.exchange = exchange(answer);
    return answer;
  }

  entries(): Entry[] {
    const times = new Map<string, { nth: number; last: string }>();
    const entries: Entry[] = [];
    for (const { place, exchange } of this.#slots) {
      if (exchange === undefined || exchange.answer.outcome === 'not-recorded') continue;
      const kept = redact(exchange);
      if (kept === undefined) continue;
      const entry = writeEntry(place, kept);
      const question = questionOf(entry);
      const answer = JSON.stringify(entry);
      const before = times.get(question);
      const nth = (before?.nth ?? 0) + 1;
      times.set(question, { nth, last: answer });
      // An answer that stays the same is written once: a replay gives the last one again.
      if (before?.last !== answer) entries.push(nth === 1 ? entry : { ...entry, nth });
    }
    return entries;
  }
}

const questionFields = [
  'vantage',
  'run',
  'inputSha256',
  'read',
  'list',
  'connect',
  'resolve',
  'request',
  'socket',
  'proxy',
  'bodySha256',
  'hostHeader',
  'origin',
];

function questionOf(entry: Entry): string {
  return JSON.stringify(questionFields.map((name) => entry[name]));
}
