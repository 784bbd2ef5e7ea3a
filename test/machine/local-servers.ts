import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

const closers: (() => void)[] = [];

/** Has `closeServers` close something more. */
export function closeLater(close: () => void): void {
  closers.push(close);
}

/** Closes what this module opened, and what it was told of; after each test. */
export function closeServers(): void {
  for (const close of closers.splice(0)) close();
}

/** A server of raw bytes on loopback; gives its port. */
export async function rawServer(onConnection: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  closers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return listen(server, { host, port: 0 });
}

/** Sends the same bytes to whoever asks, and keeps the connection open. */
export function says(text: string, end = false): (socket: Socket) => void {
  return (socket) =>
    socket.once('data', () => {
      socket.write(text);
      if (end) socket.end();
    });
}

/** An HTTP server on loopback, or at the path of a socket; gives its port, 0 at a path. */
export async function httpServer(listener: RequestListener, path?: string): Promise<number> {
  const server = createHttpServer(listener);
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return listen(server, path === undefined ? { host: '127.0.0.1', port: 0 } : { path });
}

export function listen(
  server: Server,
  where: { host: string; port: number } | { path: string },
): Promise<number> {
  return new Promise((resolve) => {
    server.listen(where, () => resolve((server.address() as Partial<AddressInfo>).port ?? 0));
  });
}

/** A port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  await new Promise((done) => {
    server.close(done);
  });
  return port;
}
