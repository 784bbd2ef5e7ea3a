import type { Socket } from 'node:net';
import type { Client as UndiciClient } from 'undici';
import type { HttpRequest, HttpResult } from '../machine.ts';
import { dial, dialPath } from './dial.ts';
import type { Dialled } from './dial.ts';
import { collectAnswer } from './http-answer.ts';
import { describeHttpError } from './http-errors.ts';
import { routeOf } from './http-route.ts';
import type { HttpRoute } from './http-route.ts';
import { speakTls } from './tls.ts';

const defaultTimeoutMs = 3500;
const defaultMaxBytes = 1024 * 1024;
const maxHeaderBytes = 64 * 1024;

/**
 * One HTTP/1.1 exchange on a connection of its own. The deadline covers name, connection, headers and body together, so
 * a server that sends a byte a second is cut off as one that sends nothing; of the body no more than `maxBytes` is ever
 * held. A body that ends with the connection (Docker's raw streams) is read to its end.
 *
 * The socket is made here and not by undici: undici turns TCP keep-alive on before it connects, which fails under Wine,
 * and hides which address was tried.
 */
export async function requestLive(request: HttpRequest, outer: AbortSignal): Promise<HttpResult> {
  // Before the connection, so that nothing happens on it while nobody listens; and the server is not to blame for it.
  await loadClient();
  const startedAt = performance.now();
  const elapsed = (): number => Math.round(performance.now() - startedAt);
  const route = routeOf(request);
  if (!route.ok) return { outcome: route.outcome, detail: route.detail, elapsedMs: 0 };

  const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  const signal = AbortSignal.any([outer, deadline.signal]);
  const progress: Progress = { stage: 'connecting' };
  try {
    const connection = await open(route, timeoutMs, signal);
    if (connection.address !== undefined) progress.address = connection.address;
    if (!connection.ok) return { ...failed(connection, request.socketPath), elapsedMs: elapsed() };
    progress.stage = 'connected';
    return {
      ...(await exchange(connection.socket, route, request, { signal, progress, startedAt })),
      elapsedMs: elapsed(),
    };
  } catch (error) {
    const address = progress.address === undefined ? {} : { address: progress.address };
    if (outer.aborted) return { outcome: 'failed', detail: 'interrupted', ...address, elapsedMs: elapsed() };
    if (deadline.signal.aborted) {
      const detail = `${lateness[progress.stage]} within ${timeoutMs} ms`;
      return { outcome: 'timeout', detail, ...address, elapsedMs: elapsed() };
    }
    if (error instanceof Error && error.message === 'interrupted') {
      const detail = `the answer began and then stopped for ${request.idleMs ?? 0} ms`;
      return { outcome: 'timeout', detail, ...address, elapsedMs: elapsed() };
    }
    return { ...describeHttpError(error), ...address, elapsedMs: elapsed() };
  } finally {
    clearTimeout(timer);
  }
}

async function loadClient(): Promise<typeof UndiciClient> {
  return (await import('undici/lib/dispatcher/client.js')).default;
}

/** How far an exchange got, for the words of a timeout. */
interface Progress {
  stage: 'connecting' | 'connected' | 'headers';
  address?: string;
}

const lateness = {
  connecting: 'no answer',
  connected: 'connected, and no whole answer',
  headers: 'the answer began and did not end',
} as const;

/** Pieces of a body whose times are kept. */
const mostPieces = 256;

/** A deadline that begins anew with each piece of a body. */
function idleTimer(
  milliseconds: number | undefined,
): { signal: AbortSignal; again(): void; stop(): void } | undefined {
  if (milliseconds === undefined) return undefined;
  const silence = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(timer);
  return {
    signal: silence.signal,
    again() {
      stop();
      timer = setTimeout(() => silence.abort(), milliseconds);
    },
    stop,
  };
}

async function open(route: HttpRoute, timeoutMs: number, signal: AbortSignal): Promise<Dialled> {
  const dialled =
    route.socketPath === undefined
      ? await dial({ host: route.host, port: route.port, timeoutMs, signal })
      : await dialPath(route.socketPath, timeoutMs, signal);
  if (!dialled.ok || route.tlsServerName === undefined) return dialled;
  return speakTls(dialled, route.tlsServerName, signal);
}

function failed(
  dialled: Extract<Dialled, { ok: false }>,
  socketPath: string | undefined,
): Omit<Extract<HttpResult, { detail: string }>, 'elapsedMs'> {
  const { outcome, detail, errno, address } = dialled;
  const rest = { ...(errno === undefined ? {} : { errno }), ...(address === undefined ? {} : { address }) };
  if (socketPath === undefined) return { outcome, detail, ...rest };
  if (errno === 'EACCES' || errno === 'EPERM') {
    return { outcome: 'unavailable', detail: `permission denied on ${socketPath} (${errno})`, ...rest };
  }
  if (errno === 'ENOENT') return { outcome: 'failed', detail: `there is no ${socketPath} (ENOENT)`, ...rest };
  return { outcome, detail, ...rest };
}

type Answered = Omit<Extract<HttpResult, { outcome: 'answered' }>, 'elapsedMs'>;

async function exchange(
  socket: Socket,
  route: HttpRoute,
  request: HttpRequest,
  { signal, progress, startedAt }: { signal: AbortSignal; progress: Progress; startedAt: number },
): Promise<Answered> {
  const Client = await loadClient();
  if (socket.destroyed) throw socket.errored ?? Object.assign(new Error('closed'), { code: 'ECONNRESET' });
  let handedOut = false;
  const client = new Client(route.origin, {
    // Not at once: undici looks at its queue again only for a connection that comes later. And once only: a server
    // that ends the connection before the request is out has undici ask for another, and the same dead socket again
    // and again would keep the process from its timers.
    connect: (_options, callback) => {
      const first = !handedOut;
      handedOut = true;
      queueMicrotask(() =>
        first
          ? callback(null, socket)
          : callback(Object.assign(new Error('closed'), { code: 'ECONNRESET' }), null),
      );
    },
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: maxHeaderBytes,
    pipelining: 1,
  });
  const timeline: { ms: number; bytes: number }[] = [];
  const options = {
    path: route.path,
    method: request.method ?? 'GET',
    headers: route.headers,
    body: request.body ?? null,
    reset: true,
  };
  try {
    const decoder = new TextDecoder();
    const idle = idleTimer(request.idleMs);
    const answer = await collectAnswer((handler) => client.dispatch(options, handler), {
      maxBytes: request.maxBytes ?? defaultMaxBytes,
      keep: request.keep ?? 'head',
      signal: idle === undefined ? signal : AbortSignal.any([signal, idle.signal]),
      onHeaders: () => {
        progress.stage = 'headers';
        idle?.again();
      },
      onData: (chunk) => {
        idle?.again();
        request.onText?.(decoder.decode(chunk, { stream: true }));
        if (request.timeline && timeline.length < mostPieces)
          timeline.push({ ms: Math.round(performance.now() - startedAt), bytes: chunk.length });
      },
    }).finally(() => idle?.stop());
    return {
      outcome: 'answered',
      status: answer.status,
      headers: answer.headers,
      body: answer.body.toString(request.bodyAs === 'base64' ? 'base64' : 'utf8'),
      bodyTruncated: answer.truncated,
      ...(request.timeline ? { timeline } : {}),
      ...(progress.address === undefined ? {} : { address: progress.address }),
    };
  } finally {
    socket.destroy();
    void client.destroy().catch(() => undefined);
  }
}
