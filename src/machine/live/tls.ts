import type { Dialled } from './dial.ts';

/**
 * Speaks TLS on a connected socket. A certificate that does not verify fails as it does for the clients that the doctor
 * stands in for; nothing of the answer is then trusted.
 */
export async function speakTls(
  plain: Extract<Dialled, { ok: true }>,
  serverName: string,
  signal: AbortSignal,
): Promise<Dialled> {
  const { connect } = await import('node:tls');
  const address = plain.address === undefined ? {} : { address: plain.address };
  return new Promise<Dialled>((resolve, reject) => {
    const socket = connect({
      socket: plain.socket,
      ALPNProtocols: ['http/1.1'],
      ...(serverName === '' ? { host: plain.address ?? 'localhost' } : { servername: serverName }),
    });
    const interrupted = (): void => {
      socket.destroy();
      reject(new Error('interrupted'));
    };
    const settle = (result: Dialled): void => {
      signal.removeEventListener('abort', interrupted);
      resolve(result);
    };
    socket.on('error', (error: NodeJS.ErrnoException) => {
      socket.destroy();
      const detail = `TLS failed: ${error.code ?? error.message}`;
      const reset = error.code === 'ECONNRESET';
      settle({ ok: false, outcome: reset ? 'reset' : 'tls-mismatch', detail, ...address });
    });
    socket.once('secureConnect', () => settle({ ok: true, socket, ...address }));
    signal.addEventListener('abort', interrupted, { once: true });
    if (signal.aborted) interrupted();
  });
}
