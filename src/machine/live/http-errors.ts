import type { NetworkFailure } from '../machine.ts';
import { describe, outcomeOfErrno } from './failure.ts';

/**
 * What undici's error on an open connection means: bytes that are not HTTP, a connection closed before an answer (what a
 * port forwarder with a dead target does), or what the socket said.
 */
export function describeHttpError(error: unknown): {
  outcome: NetworkFailure;
  detail: string;
  errno?: string;
} {
  const { code, message, name, data } = error as NodeJS.ErrnoException & { data?: unknown };
  if (name === 'HTTPParserError') {
    // A TLS alert record (RFC 8446, 5.1): the server answers a plain request in TLS.
    if (typeof data === 'string' && data.startsWith('\u0015\u0003')) {
      return { outcome: 'tls-mismatch', detail: 'the server speaks TLS (https), and was asked without' };
    }
    return { outcome: 'not-http', detail: notHttp(message) };
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return { outcome: 'not-http', detail: 'the headers never end' };
  if (code === 'UND_ERR_SOCKET') {
    if (message === 'bad upgrade') return { outcome: 'not-http', detail: 'switched to another protocol' };
    return { outcome: 'reset', detail: 'the connection was closed before the answer was whole' };
  }
  const outcome = outcomeOfErrno(code);
  if (outcome === 'failed') return { outcome, detail: message };
  return { outcome, detail: describe(outcome, code), ...(code === undefined ? {} : { errno: code }) };
}

/** What undici's parser says, without what only it knows of (it could read RTSP and ICE as well). */
function notHttp(message: string): string {
  if (message.includes('Expected HTTP/')) return 'the answer is not HTTP: it does not begin with HTTP/';
  const why = /\(([^()]{1,80})\)\s*$/u.exec(message)?.[1];
  return why === undefined ? 'the answer is not HTTP' : `the answer is not proper HTTP: ${why.toLowerCase()}`;
}
