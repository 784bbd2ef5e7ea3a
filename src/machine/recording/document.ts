import type { Identity } from '../machine.ts';
import { Fields } from './fields.ts';
import { ReplayError } from './replay-error.ts';
import type { Entry } from './write-entry.ts';

/** The version this program writes, and the newest it reads. */
export const recordingVersion = 1;

/** A recording as it is written: one JSON document, or the index of a folder. */
export interface Recording {
  recordingVersion: typeof recordingVersion;
  tool: { name: string; version: string };
  /** When it was made (ISO 8601, UTC); the clock of its replay stands there. */
  clock: string;
  identity: Identity;
  /** In the order in which they were asked. */
  entries: Entry[];
}

/** The head of a recording, read; the entries are still to be. */
export interface RecordingHead {
  clockMs: number;
  identity: Identity;
  entries: unknown[];
}

/** Who a recording stands for where it does not say: root on a plain Linux host. */
const usualIdentity: Identity = {
  platform: 'linux',
  environment: 'native',
  arch: 'x64',
  release: '',
  hostname: 'recorded',
  elevated: true,
  user: 'root',
  uid: 0,
  home: '/root',
  env: {},
};

/** @throws {ReplayError} when it is no recording, or one of a newer version. */
export function readHead(text: string): RecordingHead {
  const document = parse(text);
  if (document === null || typeof document !== 'object' || Array.isArray(document))
    throw notOne('it is JSON, but no object');
  const version = (document as Record<string, unknown>)['recordingVersion'];
  if (version === undefined) {
    const report = Object.hasOwn(document, 'schemaVersion');
    throw notOne(report ? 'it is a report, and reports cannot be replayed' : 'it has no "recordingVersion"');
  }
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw notOne('its "recordingVersion" is not a number from 1');
  }
  if (version > recordingVersion) {
    throw new ReplayError(
      `recordingVersion ${version}: this ollama-doctor reads up to ${recordingVersion}`,
      'update ollama-doctor',
    );
  }
  const fields = new Fields(document, 'the recording');
  fields.number('recordingVersion');
  fields.any('tool');
  const clock = fields.string('clock') ?? '2026-01-01T00:00:00Z';
  const clockMs = Date.parse(clock);
  if (Number.isNaN(clockMs))
    throw fields.wrong('has a "clock" that is not a time such as 2026-01-01T12:00:00Z');
  const identity = readIdentity(fields.any('identity') ?? {});
  const entries = fields.any('entries') ?? [];
  if (!Array.isArray(entries)) throw fields.wrong('has "entries" that are not a list');
  fields.finish();
  return { clockMs, identity, entries };
}

function readIdentity(value: unknown): Identity {
  const fields = new Fields(value, 'the identity');
  const invoked = fields.any('invokedBy');
  const identity: Identity = {
    platform: fields.oneOf('platform', ['linux', 'darwin', 'win32']) ?? usualIdentity.platform,
    environment:
      fields.oneOf('environment', ['native', 'wsl1', 'wsl2', 'container']) ?? usualIdentity.environment,
    arch: fields.string('arch') ?? usualIdentity.arch,
    release: fields.string('release') ?? usualIdentity.release,
    hostname: fields.string('hostname') ?? usualIdentity.hostname,
    elevated: fields.boolean('elevated') ?? usualIdentity.elevated,
    user: fields.string('user') ?? usualIdentity.user,
    uid: fields.number('uid') ?? usualIdentity.uid,
    home: fields.string('home') ?? usualIdentity.home,
    env: fields.stringMap('env') ?? {},
    ...(invoked === undefined ? {} : { invokedBy: readInvoked(invoked) }),
  };
  fields.finish();
  return identity;
}

function readInvoked(value: unknown): NonNullable<Identity['invokedBy']> {
  const fields = new Fields(value, 'invokedBy');
  const user = fields.string('user');
  if (user === undefined) throw fields.wrong('has no "user"');
  const invoked = { user, uid: fields.number('uid') ?? 1000, home: fields.string('home') ?? `/home/${user}` };
  fields.finish();
  return invoked;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch (error) {
    const said = error instanceof Error ? error.message : '';
    if (text.trim() === '') throw notOne('it is empty');
    if (/^[[{]/u.test(text.trimStart()) && endsEarly(said, text)) {
      throw new ReplayError('the recording is cut off: its JSON ends in the middle', 'copy it again, whole');
    }
    throw notOne('it is not JSON');
  }
}

/** Node's words for it: `Unexpected end of JSON input`, `Unterminated string …`, or a complaint at the very end. */
function endsEarly(said: string, text: string): boolean {
  if (/end of JSON input|Unterminated/u.test(said)) return true;
  const [, at] = /at position (\d+)/u.exec(said) ?? [];
  if (at === undefined) return false;
  const whole = text.trimEnd();
  return Number(at) >= whole.length || (Number(at) === whole.length - 1 && !/[\]}]$/u.test(whole));
}

function notOne(why: string): ReplayError {
  return new ReplayError(`this is no recording: ${why}`, 'ollama-doctor --record FILE writes one');
}
