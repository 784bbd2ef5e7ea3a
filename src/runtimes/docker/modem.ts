import type { HttpResult, Machine, NetworkFailure } from '../../machine/machine.ts';
import { type EngineAddress, requestTo } from './address.ts';

/** Why an engine's API gave no usable answer. */
export type EngineFailure =
  | { kind: 'status'; status: number; message: string }
  | { kind: 'network'; failure: NetworkFailure; detail: string }
  | { kind: 'garbage'; message: string }
  | { kind: 'not-recorded' };

/** Thrown by calls through {@link engineModem}; caught in `src/runtimes/`, where it becomes a typed result. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly failure: EngineFailure;

  constructor(failure: EngineFailure) {
    super(describeFailure(failure));
    this.failure = failure;
  }
}

/** The failure as a clause for people. */
export function describeFailure(failure: EngineFailure): string {
  if (failure.kind === 'status') return `the engine answered ${failure.status}: ${failure.message}`;
  if (failure.kind === 'not-recorded') return 'not recorded';
  return failure.kind === 'network' ? failure.detail : failure.message;
}

/** One call as dockerode's classes hand it to their modem. */
export interface Dial {
  /** Ends in `?` where the options belong into the query. */
  path: string;
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  options?: Record<string, unknown> & { _query?: Record<string, unknown>; _body?: unknown };
  /** The answer is bytes (an exec's output, a tar), not JSON. */
  isStream?: boolean;
}

export interface EngineModem {
  Promise: PromiseConstructor;
  dial(dial: Dial, callback: (error: Error | null, data?: unknown) => void): void;
}

/**
 * What dockerode calls its modem, made of a {@link Machine}: each call is one plain HTTP request, so recording and
 * replay hold Docker's API as `http://docker/containers/json?all=1`, and no socket is opened anywhere else.
 *
 * Paths carry no API version: the engine then speaks its newest, whatever its age. A pinned version breaks one way or
 * the other (Engine 29 refuses everything below 1.44, which Engine 20.10 does not know).
 *
 * @returns a modem whose answers are parsed JSON, or a Buffer where bytes were asked for. Its errors are
 *   {@link EngineError}.
 */
export function engineModem(machine: Machine, address: EngineAddress, timeoutMs: number): EngineModem {
  return {
    Promise,
    dial(dial, callback) {
      if (address.kind === 'unsupported') {
        const { reason } = address;
        callback(new EngineError({ kind: 'network', failure: 'unavailable', detail: reason }));
        return;
      }
      machine
        .request({
          ...requestTo(address, pathWithQuery(dial)),
          method: dial.method,
          ...body(dial),
          timeoutMs,
          maxBytes: 8 * 1024 * 1024,
          bodyAs: dial.isStream === true ? 'base64' : 'text',
        })
        .then((result) => readAnswer(result, dial.isStream === true))
        .then(
          (data) => callback(null, data),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
        );
    },
  };
}

/** Builds the path as docker-modem does: only paths that end in `?` take their options into the query. */
function pathWithQuery(dial: Pick<Dial, 'path' | 'options'>): string {
  if (!dial.path.endsWith('?')) return dial.path;
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(dial.options?._query ?? dial.options ?? {})) {
    if (value === undefined || key.startsWith('_') || key === 'abortSignal') continue;
    query.set(key, typeof value === 'string' ? value : JSON.stringify(value));
  }
  const text = query.toString();
  return text === '' ? dial.path.slice(0, -1) : dial.path + text;
}

function body(dial: Dial): { body: string; headers: Record<string, string> } | Record<string, never> {
  if (dial.method !== 'POST' || dial.options === undefined) return {};
  const value = dial.options._body ?? (dial.path.endsWith('?') ? undefined : dial.options);
  if (value === undefined) return {};
  return { body: JSON.stringify(value), headers: { 'content-type': 'application/json' } };
}

function readAnswer(result: HttpResult, bytes: boolean): unknown {
  if (result.outcome === 'not-recorded') throw new EngineError({ kind: 'not-recorded' });
  if (result.outcome !== 'answered') {
    throw new EngineError({ kind: 'network', failure: result.outcome, detail: result.detail });
  }
  const text = bytes ? Buffer.from(result.body, 'base64').toString('utf8') : result.body;
  if (result.status >= 400 || (result.status >= 300 && result.status !== 304)) {
    throw new EngineError({ kind: 'status', status: result.status, message: errorMessage(text) });
  }
  if (bytes) return Buffer.from(result.body, 'base64');
  if (result.bodyTruncated)
    throw new EngineError({ kind: 'garbage', message: 'the engine’s answer is too long' });
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new EngineError({
      kind: 'garbage',
      message: 'the answer is not JSON, so this is no container engine',
    });
  }
}

/** The engine's `{"message": "…"}`, else the first words of whatever it said. */
function errorMessage(text: string): string {
  try {
    const parsed = JSON.parse(text) as { message?: unknown };
    if (typeof parsed?.message === 'string') return parsed.message;
  } catch {
    // Not JSON: a proxy or another server in front.
  }
  return text.replace(/\s+/gu, ' ').trim().slice(0, 200);
}
