import type { ConnectRequest, ConnectResult } from '../machine.ts';
import { dial } from './dial.ts';

const defaultTimeoutMs = 3500;

/** Opens a TCP connection and closes it at once; sends nothing. */
export async function connectLive(request: ConnectRequest, signal: AbortSignal): Promise<ConnectResult> {
  const startedAt = performance.now();
  const result = await dial({
    host: request.host,
    port: request.port,
    timeoutMs: request.timeoutMs ?? defaultTimeoutMs,
    signal,
  });
  const elapsedMs = Math.round(performance.now() - startedAt);
  const address = result.address === undefined ? {} : { address: result.address };
  if (!result.ok) {
    const errno = result.errno === undefined ? {} : { errno: result.errno };
    return { outcome: result.outcome, detail: result.detail, ...errno, ...address, elapsedMs };
  }
  result.socket.destroy();
  return { outcome: 'connected', ...address, elapsedMs };
}
