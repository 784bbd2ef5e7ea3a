import type {
  ConnectResult,
  HttpResult,
  ListResult,
  NetworkFailure,
  ReadResult,
  ResolveResult,
  RunResult,
} from '../machine.ts';
import { Fields } from './fields.ts';
import type { TextField } from './fields.ts';
import { askConnect, askList, askRead, askResolve, askRun, canonicalUrl, requestKey } from './question.ts';
import type { Question } from './question.ts';

/** An HTTP answer as a recording holds it: the body as bytes, given as whatever the question wants. */
export type RecordedHttp =
  | { answered: Omit<Extract<HttpResult, { outcome: 'answered' }>, 'body'>; bytes: Buffer }
  | { failed: Exclude<HttpResult, { outcome: 'answered' }> };

export type RecordedAnswer =
  | RunResult
  | ReadResult
  | ListResult
  | ConnectResult
  | ResolveResult
  | RecordedHttp;

/** One entry, read: what it answers, and the answer. */
export interface RecordedEntry extends Question {
  /** Which time it answers, from 1; absent: the next one. */
  nth?: number;
  answer: RecordedAnswer;
}

/** Gives the text of a field: its own, or that of the file it names. */
export type ReadText = (text: TextField) => Promise<string>;

const kinds = ['run', 'read', 'list', 'connect', 'resolve', 'request'] as const;

const failures: readonly NetworkFailure[] = [
  'refused',
  'timeout',
  'host-unreachable',
  'network-unreachable',
  'reset',
  'name-not-found',
  'tls-mismatch',
  'not-http',
  'failed',
  'unavailable',
];

/**
 * Reads the `number`th entry of a recording (from 1). Only the question is required; what is left out of the answer is
 * what is usual: exit code 0, empty output, connected, answered with 200.
 *
 * @throws {ReplayError} naming the entry and the field when the shape is wrong
 */
export async function readEntry(value: unknown, number: number, readText: ReadText): Promise<RecordedEntry> {
  const fields = new Fields(value, nameOf(value, number));
  const vantage = fields.string('vantage') ?? 'host';
  const nth = fields.number('nth');
  if (nth !== undefined && (!Number.isInteger(nth) || nth < 1)) throw fields.wrong('has an "nth" below 1');
  const named = kinds.filter((kind) => fields.has(kind));
  if (named.length !== 1) throw fields.wrong(`must have exactly one of ${kinds.join(', ')}`);
  const entry = await readers[named[0] ?? 'run'](fields, vantage, readText);
  fields.finish();
  return nth === undefined ? entry : { ...entry, nth };
}

/** `entry 3 (run ip -j addr)`. */
function nameOf(value: unknown, number: number): string {
  const entry = (value ?? {}) as Record<string, unknown>;
  for (const kind of kinds) {
    const about = entry[kind];
    if (typeof about === 'string') return `entry ${number} (${kind} ${about.slice(0, 80)})`;
    if (Array.isArray(about)) return `entry ${number} (${kind} ${about.join(' ').slice(0, 80)})`;
  }
  return `entry ${number}`;
}

type Reader = (fields: Fields, vantage: string, readText: ReadText) => Promise<RecordedEntry>;

const readers: Record<(typeof kinds)[number], Reader> = {
  run: readRun,
  read: readFile,
  list: readList,
  connect: readConnect,
  resolve: readResolve,
  request: readRequest,
};

async function readRun(fields: Fields, vantage: string, readText: ReadText): Promise<RecordedEntry> {
  const [program, ...rest] = fields.strings('run') ?? [];
  if (program === undefined) throw fields.wrong('has an empty "run"');
  const inputSha256 = fields.string('inputSha256');
  const question = askRun(vantage, { argv: [program, ...rest] });
  const outcome =
    fields.oneOf('outcome', ['exited', 'not-found', 'denied', 'timed-out', 'failed']) ?? 'exited';
  const stdout = await readText(fields.text('stdout') ?? '');
  const stderr = await readText(fields.text('stderr') ?? '');
  const exitCode = fields.number('exitCode') ?? 0;
  const truncated = fields.boolean('truncated') ?? false;
  const message = fields.string('message') ?? 'failed';
  const answers: Record<typeof outcome, RunResult> = {
    exited: { outcome: 'exited', exitCode, stdout, stderr, truncated },
    'timed-out': { outcome: 'timed-out', stdout, stderr },
    'not-found': { outcome: 'not-found' },
    denied: { outcome: 'denied' },
    failed: { outcome: 'failed', message },
  };
  const conditions = inputSha256 === undefined ? {} : { inputSha256 };
  return { key: question.key, conditions, answer: answers[outcome] };
}

async function readFile(fields: Fields, vantage: string, readText: ReadText): Promise<RecordedEntry> {
  const question = askRead(vantage, fields.string('read') ?? '');
  const outcome = fields.oneOf('outcome', ['read', 'absent', 'denied', 'failed']) ?? 'read';
  const text = fields.text('text');
  const truncated = fields.boolean('truncated') ?? false;
  const message = fields.string('message') ?? 'failed';
  if (outcome === 'read') {
    if (text === undefined) throw fields.wrong('has neither a "text" nor an "outcome"');
    return { ...question, answer: { outcome, text: await readText(text), truncated } };
  }
  return { ...question, answer: outcome === 'failed' ? { outcome, message } : { outcome } };
}

async function readList(fields: Fields, vantage: string): Promise<RecordedEntry> {
  const question = askList(vantage, fields.string('list') ?? '');
  const outcome = fields.oneOf('outcome', ['listed', 'absent', 'denied', 'failed']) ?? 'listed';
  const names = fields.strings('names');
  const message = fields.string('message') ?? 'failed';
  if (outcome === 'listed') {
    if (names === undefined) throw fields.wrong('has neither "names" nor an "outcome"');
    return { ...question, answer: { outcome, names } };
  }
  return { ...question, answer: outcome === 'failed' ? { outcome, message } : { outcome } };
}

async function readConnect(fields: Fields, vantage: string): Promise<RecordedEntry> {
  const [, host, port] = /^(.+):(\d{1,5})$/u.exec(fields.string('connect') ?? '') ?? [];
  if (host === undefined) throw fields.wrong('has a "connect" that is not "host:port"');
  const bare = host.replace(/^\[(.*)\]$/u, '$1');
  const question = askConnect(vantage, { host: bare, port: Number(port) });
  const outcome = fields.oneOf('outcome', ['connected', ...failures]) ?? 'connected';
  const attempt = readAttempt(fields);
  const failure = readFailure(fields, outcome);
  return {
    ...question,
    answer: outcome === 'connected' ? { outcome, ...attempt } : { outcome, ...failure, ...attempt },
  };
}

async function readResolve(fields: Fields, vantage: string): Promise<RecordedEntry> {
  const question = askResolve(vantage, { name: fields.string('resolve') ?? '' });
  const names = ['resolved', 'name-not-found', 'timeout', 'failed', 'unavailable'] as const;
  const outcome = fields.oneOf('outcome', names) ?? 'resolved';
  const addresses = fields.strings('addresses');
  const via = fields.string('via');
  const how = via === undefined ? {} : { via };
  const detail = fields.string('detail') ?? outcome;
  if (outcome !== 'resolved') return { ...question, answer: { outcome, detail, ...how } as ResolveResult };
  if (addresses === undefined) throw fields.wrong('has neither "addresses" nor an "outcome"');
  return { ...question, answer: { outcome, addresses, ...how } };
}

async function readRequest(fields: Fields, vantage: string, readText: ReadText): Promise<RecordedEntry> {
  const [, method, url] = /^(?:([A-Z]+) )?(\S+)$/u.exec(fields.string('request') ?? '') ?? [];
  if (url === undefined) throw fields.wrong('has a "request" that is not "METHOD URL"');
  const target = `${method ?? 'GET'} ${canonicalUrl(url)}`;
  const key = requestKey(vantage, { target, socket: fields.string('socket'), proxy: fields.string('proxy') });
  const conditions: Record<string, string> = {};
  for (const name of ['bodySha256', 'hostHeader', 'origin'] as const) {
    const condition = fields.string(name);
    if (condition !== undefined) conditions[name] = condition;
  }
  const outcome = fields.oneOf('outcome', ['answered', ...failures]) ?? 'answered';
  const status = fields.number('status') ?? 200;
  const headers = fields.stringMap('headers');
  const bodyTruncated = fields.boolean('bodyTruncated') ?? false;
  const bytes = await readBody(fields, readText);
  const timeline = readTimeline(fields);
  const attempt = readAttempt(fields);
  if (outcome !== 'answered') {
    return { key, conditions, answer: { failed: { outcome, ...readFailure(fields, outcome), ...attempt } } };
  }
  return {
    key,
    conditions,
    answer: {
      answered: { outcome, status, headers: headers ?? {}, bodyTruncated, ...timeline, ...attempt },
      bytes,
    },
  };
}

/** When pieces of a body came; anything else in that place is none. */
function readTimeline(fields: Fields): { timeline?: { ms: number; bytes: number }[] } {
  const value = fields.has('timeline') ? fields.any('timeline') : undefined;
  if (!Array.isArray(value)) return {};
  const timeline = value.flatMap((one: unknown) => {
    const { ms, bytes } = (one ?? {}) as { ms?: unknown; bytes?: unknown };
    return typeof ms === 'number' && typeof bytes === 'number' ? [{ ms, bytes }] : [];
  });
  return { timeline };
}

/** A body as text, as base64 for bytes that are no text, or as the JSON it is. */
async function readBody(fields: Fields, readText: ReadText): Promise<Buffer> {
  const text = fields.text('body');
  const base64 = fields.string('bodyBase64');
  if (fields.has('json')) return Buffer.from(JSON.stringify(fields.any('json')));
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  return Buffer.from(await readText(text ?? ''));
}

function readAttempt(fields: Fields): { address?: string; elapsedMs: number; via?: string } {
  const address = fields.string('address');
  const via = fields.string('via');
  return {
    ...(address === undefined ? {} : { address }),
    elapsedMs: fields.number('elapsedMs') ?? 0,
    ...(via === undefined ? {} : { via }),
  };
}

function readFailure(fields: Fields, outcome: string): { detail: string; errno?: string } {
  const errno = fields.string('errno');
  return { detail: fields.string('detail') ?? outcome, ...(errno === undefined ? {} : { errno }) };
}
