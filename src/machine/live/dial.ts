import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { NetworkFailure } from '../machine.ts';
import { describe, outcomeOfErrno } from './failure.ts';
import { lookUp } from './lookup.ts';

export interface DialTarget {
  host: string;
  port: number;
  timeoutMs: number;
  signal: AbortSignal;
}

export type Dialled =
  | { ok: true; socket: Socket; address?: string }
  | { ok: false; outcome: NetworkFailure; detail: string; errno?: string; address?: string };

/** RFC 8305's delay before the next address is tried beside the ones still under way. */
const headStartMs = 250;

/**
 * Connects to a host by all its addresses, a quarter of a second apart, and gives the first that answers. Unlike Node's
 * own autoSelectFamily, an attempt is never given up before the deadline, as a firewall's IPv6 reject takes a second to
 * show. When all fail, the one that timed out is the result (it says most), else the last.
 */
export async function dial(target: DialTarget): Promise<Dialled> {
  if (!Number.isInteger(target.port) || target.port < 1 || target.port > 65_535) {
    return { ok: false, outcome: 'failed', detail: `${target.port} is not a port` };
  }
  const startedAt = performance.now();
  const names = await lookUp(target.host, target.timeoutMs);
  if (!names.found) {
    return { ok: false, outcome: outcomeOfErrno(names.errno), detail: names.detail, errno: names.errno };
  }
  return dialAddresses(names.addresses, target, startedAt + target.timeoutMs);
}

/** Connects to a Unix socket or a Windows named pipe. */
export function dialPath(path: string, timeoutMs: number, signal: AbortSignal): Promise<Dialled> {
  return attempt(connect({ path }), { deadline: performance.now() + timeoutMs, timeoutMs, signal });
}

/** The race itself. `deadline` is on the clock of performance.now(). */
export function dialAddresses(addresses: string[], target: DialTarget, deadline: number): Promise<Dialled> {
  const losers = new AbortController();
  const signal = AbortSignal.any([target.signal, losers.signal]);
  const failures: Extract<Dialled, { ok: false }>[] = [];
  return new Promise<Dialled>((resolve) => {
    let next = 0;
    let pending = 0;
    let done = false;
    let timer: NodeJS.Timeout | undefined;
    const startNext = (): void => {
      clearTimeout(timer);
      const address = addresses[next];
      if (done || address === undefined) return;
      next += 1;
      pending += 1;
      const socket = connect({ host: address, port: target.port, autoSelectFamily: false });
      const limits = { deadline, timeoutMs: target.timeoutMs, signal };
      void attempt(socket, limits).then((result) => settle({ ...result, address }));
      if (next < addresses.length) timer = setTimeout(startNext, headStartMs);
    };
    const settle = (result: Dialled): void => {
      pending -= 1;
      if (done) {
        if (result.ok) result.socket.destroy();
        return;
      }
      if (!result.ok) failures.push(result);
      if (!result.ok && next < addresses.length) return startNext();
      if (!result.ok && pending > 0) return;
      done = true;
      losers.abort();
      resolve(result.ok ? result : telling(failures, result));
    };
    startNext();
  });
}

type FailedDial = Extract<Dialled, { ok: false }>;

function telling(failures: FailedDial[], last: FailedDial): FailedDial {
  const chosen = failures.find((failure) => failure.outcome === 'timeout') ?? last;
  if (failures.length < 2) return chosen;
  return { ...chosen, detail: failures.map((one) => `${one.address}: ${one.detail}`).join('; ') };
}

interface Limits {
  deadline: number;
  /** The whole time given, for the words of a timeout. */
  timeoutMs: number;
  signal: AbortSignal;
}

function attempt(socket: Socket, limits: Limits): Promise<Dialled> {
  return new Promise((resolve) => {
    const settle = (result: Dialled): void => {
      clearTimeout(timer);
      limits.signal.removeEventListener('abort', interrupted);
      if (!result.ok) socket.destroy();
      resolve(result);
    };
    const failed = (error: NodeJS.ErrnoException): void => {
      const outcome = outcomeOfErrno(error.code);
      const detail = outcome === 'failed' ? error.message : describe(outcome, error.code);
      settle({ ok: false, outcome, detail, ...(error.code === undefined ? {} : { errno: error.code }) });
    };
    const interrupted = (): void => settle({ ok: false, outcome: 'failed', detail: 'interrupted' });
    const timer = setTimeout(
      () => settle({ ok: false, outcome: 'timeout', detail: `no answer within ${limits.timeoutMs} ms` }),
      Math.max(1, limits.deadline - performance.now()),
    );
    // Stays for good: an error after the connection must not become an uncaught one.
    socket.on('error', failed);
    socket.once('connect', () => settle({ ok: true, socket }));
    limits.signal.addEventListener('abort', interrupted, { once: true });
    if (limits.signal.aborted) interrupted();
  });
}
