import type { HttpRequest, HttpResult, Identity, Machine, NotRecorded } from './machine.ts';
import { indexAnswers } from './recording/answers.ts';
import type { FindAnswer } from './recording/answers.ts';
import { readHead } from './recording/document.ts';
import {
  askConnect,
  askList,
  askRead,
  askRequest,
  askResolve,
  askRun,
  placeWithin,
  sameAskedElsewhere,
} from './recording/question.ts';
import type { Question } from './recording/question.ts';
import { readEntry } from './recording/read-entry.ts';
import type { RecordedAnswer, RecordedEntry, RecordedHttp } from './recording/read-entry.ts';
import { readIndex, textsBeside } from './recording/sources.ts';

export { ReplayError } from './recording/replay-error.ts';

/**
 * Opens a recording: one JSON file, or a folder with a `recording.json` and the files it names. The machine answers from
 * it alone: nothing of this host is touched, the clock stands where it was recorded, and what is not in it is
 * `not-recorded`.
 *
 * @throws {ReplayError} and nothing else: when it is not there, cut off, of a newer version, no recording at all, or
 *   when an entry has another shape or names a file that is missing or outside of the folder
 */
export async function openReplay(path: string): Promise<Machine> {
  const { text, folder } = await readIndex(path);
  const head = readHead(text);
  const readText = textsBeside(folder);
  const entries: RecordedEntry[] = [];
  for (const [at, value] of head.entries.entries()) entries.push(await readEntry(value, at + 1, readText));
  return replayed('host', 'host', {
    identity: head.identity,
    clockMs: head.clockMs,
    find: indexAnswers(entries),
    keys: new Set(entries.map(({ key }) => key)),
  });
}

interface Recorded {
  identity: Identity;
  clockMs: number;
  find: FindAnswer;
  /** Of everything that was asked. */
  keys: ReadonlySet<string>;
}

/** `place` is the vantage point as the recording names it: those of machines inside machines, joined with `/`. */
function replayed(vantage: string, place: string, recorded: Recorded): Machine {
  // Keys hold the kind, so that the answer found is of the kind asked for.
  async function answer<Result>(question: Question): Promise<Result | NotRecorded> {
    return (recorded.find(question) as Result | undefined) ?? { outcome: 'not-recorded' };
  }
  return {
    vantage,
    identity: recorded.identity,
    run: (request) => answer(askRun(place, request)),
    read: (path) => answer(askRead(place, path)),
    list: (path) => answer(askList(place, path)),
    connect: (request) => answer(askConnect(place, request)),
    resolve: (request) => answer(askResolve(place, request)),
    request: async (request) => {
      const question = askRequest(place, request);
      const found = recorded.find(question);
      return found === undefined ? notRecorded(recorded, question) : httpAnswer(found, request);
    },
    now: () => recorded.clockMs,
    enter: (inner) => replayed(inner, placeWithin(place, inner), recorded),
    writer: undefined,
  };
}

function notRecorded({ keys }: Recorded, { key }: Question): NotRecorded {
  const elsewhere = sameAskedElsewhere(keys, key);
  return { outcome: 'not-recorded', ...(elsewhere.length > 0 && { recorded: elsewhere }) };
}

function httpAnswer(found: RecordedAnswer, request: HttpRequest): HttpResult {
  const http = found as RecordedHttp;
  if ('failed' in http) return http.failed;
  return { ...http.answered, body: http.bytes.toString(request.bodyAs === 'base64' ? 'base64' : 'utf8') };
}
