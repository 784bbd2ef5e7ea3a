import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLiveMachine } from '../../src/machine/live.ts';
import type { LiveMachine } from '../../src/machine/live.ts';
import { dialAddresses } from '../../src/machine/live/dial.ts';
import type { Dialled } from '../../src/machine/live/dial.ts';
import { outcomeOfErrno } from '../../src/machine/live/failure.ts';

const posix = process.platform !== 'win32';

let machine: LiveMachine;
const closers: (() => void)[] = [];
beforeEach(() => {
  machine = openLiveMachine();
});
afterEach(() => {
  machine.dispose();
  for (const close of closers.splice(0)) close();
});

/** A server of raw bytes on loopback; gives its port. */
async function rawServer(onConnection: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> {
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
function says(text: string, end = false): (socket: Socket) => void {
  return (socket) =>
    socket.once('data', () => {
      socket.write(text);
      if (end) socket.end();
    });
}

async function httpServer(listener: RequestListener, path?: string): Promise<number> {
  const server = createHttpServer(listener);
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return listen(server, path === undefined ? { host: '127.0.0.1', port: 0 } : { path });
}

function listen(server: Server, where: { host: string; port: number } | { path: string }): Promise<number> {
  return new Promise((resolve) => {
    server.listen(where, () => resolve((server.address() as Partial<AddressInfo>).port ?? 0));
  });
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  await new Promise((done) => {
    server.close(done);
  });
  return port;
}

describe('connecting', () => {
  it('connects, and says to which address', async () => {
    const port = await rawServer(() => undefined);
    expect(await machine.connect({ host: '127.0.0.1', port })).toMatchObject({
      outcome: 'connected',
      address: '127.0.0.1',
    });
    expect(await machine.connect({ host: 'localhost', port })).toMatchObject({
      outcome: 'connected',
      address: '127.0.0.1',
    });
  });

  it('says refused where nobody listens', async () => {
    const result = await machine.connect({ host: '127.0.0.1', port: await closedPort() });
    expect(result).toMatchObject({ outcome: 'refused', address: '127.0.0.1', errno: 'ECONNREFUSED' });
  });

  it.runIf(process.platform === 'linux')(
    'says timeout at its own deadline when a listener takes no more',
    async () => {
      // A full backlog of a listener that nobody accepts from drops SYNs, as a firewall does.
      const port = await fullBacklog();
      const startedAt = performance.now();
      const result = await machine.connect({ host: '127.0.0.1', port, timeoutMs: 400 });
      expect(result).toMatchObject({
        outcome: 'timeout',
        detail: 'no answer within 400 ms',
        address: '127.0.0.1',
      });
      expect(performance.now() - startedAt).toBeLessThan(15_000);
    },
  );

  it('says name-not-found for a name that cannot be', async () => {
    expect((await machine.connect({ host: 'nothing.invalid', port: 80 })).outcome).toBe('name-not-found');
    expect((await machine.connect({ host: '', port: 80 })).outcome).toBe('name-not-found');
  });

  it('refuses what is no port without a throw', async () => {
    for (const port of [0, -1, 65_536, 1.5, Number.NaN]) {
      expect((await machine.connect({ host: '127.0.0.1', port })).outcome).toBe('failed');
    }
  });

  it('survives a peer that resets at once', async () => {
    const port = await rawServer((socket) => socket.resetAndDestroy());
    // Which of the two depends on whether the reset overtakes the system's answer; neither may end the process.
    expect(['connected', 'reset']).toContain((await machine.connect({ host: '127.0.0.1', port })).outcome);
  });

  it('stops when the machine is disposed of', async () => {
    machine.dispose();
    expect(await machine.connect({ host: '127.0.0.1', port: 1 })).toMatchObject({
      outcome: 'failed',
      detail: 'interrupted',
    });
  });

  it('maps what REJECT rules of every kind look like to a client', () => {
    expect(outcomeOfErrno('EHOSTUNREACH')).toBe('host-unreachable');
    expect(outcomeOfErrno('EACCES')).toBe('host-unreachable');
    expect(outcomeOfErrno('ENETUNREACH')).toBe('network-unreachable');
    expect(outcomeOfErrno('ETIMEDOUT')).toBe('timeout');
    expect(outcomeOfErrno('ECONNRESET')).toBe('reset');
    expect(outcomeOfErrno('EAI_AGAIN')).toBe('name-not-found');
    expect(outcomeOfErrno('EWHATEVER')).toBe('failed');
    expect(outcomeOfErrno(undefined)).toBe('failed');
  });
});

/** Fills the queue of a listener of a child that never accepts; its port. */
async function fullBacklog(): Promise<number> {
  const { spawn } = await import('node:child_process');
  const program = `import socket,time
s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(0); print(s.getsockname()[1],flush=True); time.sleep(30)`;
  const child = spawn('python3', ['-c', program]);
  closers.push(() => child.kill('SIGKILL'));
  const port = await new Promise<number>((resolve) => {
    child.stdout.once('data', (data: Buffer) => resolve(Number(data.toString())));
  });
  const { connect } = await import('node:net');
  for (let count = 0; count < 3; count += 1) {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => undefined);
    closers.push(() => socket.destroy());
  }
  await new Promise((done) => {
    setTimeout(done, 100);
  });
  return port;
}

describe.runIf(process.platform === 'linux')('a name with several addresses', () => {
  const signal = new AbortController().signal;
  const dialled = async (
    addresses: string[],
    port: number,
    timeoutMs = 2000,
  ): Promise<Dialled & { ms: number }> => {
    const startedAt = performance.now();
    const target = { host: 'name', port, timeoutMs, signal };
    const result = await dialAddresses(addresses, target, startedAt + timeoutMs);
    if (result.ok) result.socket.destroy();
    return { ...result, ms: performance.now() - startedAt };
  };

  it('is reached at the one that answers, at once when the others refuse', async () => {
    const port = await rawServer(() => undefined, '127.0.0.3');
    const times: number[] = [];
    // The best of some: a busy machine may hold up any one of them.
    for (let turn = 0; turn < 5; turn += 1) {
      const result = await dialled(['127.0.0.1', '127.0.0.2', '127.0.0.3'], port);
      expect(result).toMatchObject({ ok: true, address: '127.0.0.3' });
      times.push(result.ms);
    }
    expect(Math.min(...times)).toBeLessThan(240);
  });

  it('is reached beside one that swallows packets, a quarter of a second later', async () => {
    const port = await fullBacklog();
    const server = createServer();
    closers.push(() => server.close());
    await listen(server, { host: '127.0.0.2', port });
    const result = await dialled(['127.0.0.1', '127.0.0.2'], port);
    expect(result).toMatchObject({ ok: true, address: '127.0.0.2' });
    expect(result.ms).toBeGreaterThan(200);
    expect(result.ms).toBeLessThan(10_000);
  });

  it('is said to time out when one does and the others refuse, with all of them told', async () => {
    const port = await fullBacklog();
    const result = await dialled(['127.0.0.1', '127.0.0.2'], port, 600);
    expect(result).toMatchObject({ ok: false, outcome: 'timeout', address: '127.0.0.1' });
    expect((result as { detail: string }).detail).toBe(
      '127.0.0.2: connection refused (ECONNREFUSED); 127.0.0.1: no answer within 600 ms',
    );
  });
});

describe('resolving', () => {
  it('knows the hosts file and literal addresses', async () => {
    const local = await machine.resolve({ name: 'localhost' });
    expect(local).toMatchObject({ outcome: 'resolved' });
    expect((local as { addresses: string[] }).addresses).toContain('127.0.0.1');
    expect(await machine.resolve({ name: '[::1]' })).toEqual({ outcome: 'resolved', addresses: ['::1'] });
  });

  it('says name-not-found, and never throws on nonsense', async () => {
    for (const name of ['nothing.invalid', '', 'a\0b']) {
      expect((await machine.resolve({ name })).outcome).toBe('name-not-found');
    }
    expect((await machine.resolve({ name: 'x'.repeat(300) })).outcome).toBe('failed');
  });
});

describe('asking HTTP', () => {
  it('gives status, headers and body, and where it came from', async () => {
    const port = await httpServer((_request, response) => {
      response.setHeader('X-Two', ['a', 'b']);
      response.statusCode = 418;
      response.end('{"a":1}');
    });
    expect(await machine.request({ url: `http://localhost:${port}/x` })).toMatchObject({
      outcome: 'answered',
      status: 418,
      headers: { 'x-two': 'a, b' },
      body: '{"a":1}',
      bodyTruncated: false,
      address: '127.0.0.1',
    });
  });

  it('sends method, path, query, body and the Host header it is given', async () => {
    const port = await httpServer((request, response) => {
      let body = '';
      request.on('data', (data: Buffer) => (body += data.toString()));
      request.on('end', () =>
        response.end(JSON.stringify([request.method, request.url, request.headers.host, body])),
      );
    });
    const result = await machine.request({
      method: 'POST',
      url: `http://127.0.0.1:${port}/a?b=c%20d`,
      headers: { Host: 'ollama.example' },
      body: 'hello',
    });
    expect(JSON.parse((result as { body: string }).body)).toEqual([
      'POST',
      '/a?b=c%20d',
      'ollama.example',
      'hello',
    ]);
  });

  it('follows no redirect', async () => {
    const port = await httpServer((_request, response) => {
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const result = await machine.request({ url: `http://127.0.0.1:${port}/` });
    expect(result).toMatchObject({ outcome: 'answered', status: 302, headers: { location: '/elsewhere' } });
  });

  it('heeds no proxy variable, only the proxy it is given', async () => {
    const port = await httpServer((request, response) => response.end(request.url));
    process.env['http_proxy'] = 'http://127.0.0.1:1';
    try {
      const direct = await machine.request({ url: `http://127.0.0.1:${port}/a` });
      expect(direct).toMatchObject({ outcome: 'answered', body: '/a' });
    } finally {
      delete process.env['http_proxy'];
    }
    const proxied = await machine.request({
      url: 'http://ollama.invalid:11434/a',
      proxy: `http://127.0.0.1:${port}`,
    });
    expect(proxied).toMatchObject({ outcome: 'answered', body: 'http://ollama.invalid:11434/a' });
  });

  it.runIf(posix)('asks over a Unix socket, and reads a stream that ends with its connection', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'machine-'));
    const path = join(folder, 'docker.sock');
    const frames = Buffer.from([1, 0, 0, 0, 0, 0, 0, 2, 0x68, 0xff]);
    const server = createServer((socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n\r\n');
        setTimeout(() => socket.end(frames), 50);
      }),
    );
    closers.push(() => server.close());
    await listen(server, { path });
    const asked = {
      method: 'POST',
      url: 'http://docker/exec/1/start',
      socketPath: path,
      body: '{}',
      bodyAs: 'base64',
    } as const;
    expect(await machine.request(asked)).toMatchObject({
      outcome: 'answered',
      status: 200,
      body: frames.toString('base64'),
    });
    await rm(folder, { recursive: true });
  });

  it.runIf(posix)('tells a socket that is not there from one that may not be used', async () => {
    const result = await machine.request({ url: 'http://docker/info', socketPath: '/no/docker.sock' });
    expect(result).toMatchObject({ outcome: 'failed', errno: 'ENOENT' });
  });

  it('reads no more of a body than it was told to', async () => {
    let written = 0;
    const port = await httpServer((_request, response) => {
      const chunk = 'x'.repeat(64 * 1024);
      const write = (): void => {
        if (response.destroyed) return;
        written += chunk.length;
        response.write(chunk, () => setImmediate(write));
      };
      write();
    });
    const result = await machine.request({ url: `http://127.0.0.1:${port}/`, maxBytes: 1000 });
    expect(result).toMatchObject({ outcome: 'answered', body: 'x'.repeat(1000), bodyTruncated: true });
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });

  it('is not held by a body that drips', async () => {
    const port = await rawServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const timer = setInterval(() => socket.write('x'), 20);
        socket.once('close', () => clearInterval(timer));
      });
    });
    const startedAt = performance.now();
    const result = await machine.request({ url: `http://127.0.0.1:${port}/`, timeoutMs: 400 });
    expect(result).toMatchObject({
      outcome: 'timeout',
      detail: 'the answer began and did not end within 400 ms',
    });
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  it('is not held by headers that drip, nor by silence', async () => {
    const drip = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x-a: b\r\n'), 20);
      socket.once('close', () => clearInterval(timer));
    });
    const silent = await rawServer(() => undefined);
    for (const port of [drip, silent]) {
      const result = await machine.request({ url: `http://127.0.0.1:${port}/`, timeoutMs: 300 });
      expect(result).toMatchObject({
        outcome: 'timeout',
        detail: 'connected, and no whole answer within 300 ms',
      });
    }
  });

  it('does not take endless headers into memory', async () => {
    const port = await rawServer(says(`HTTP/1.1 200 OK\r\nx-a: ${'y'.repeat(300_000)}`));
    const result = await machine.request({ url: `http://127.0.0.1:${port}/` });
    expect(result.outcome).toBe('not-http');
  });

  it('says not-http of what speaks another protocol', async () => {
    for (const text of ['SSH-2.0-OpenSSH_9.2\r\n', '\0\u0001\u0002\u0003garbage', 'HTTP/1.1 abc\r\n\r\n']) {
      const port = await rawServer(says(text, true));
      expect((await machine.request({ url: `http://127.0.0.1:${port}/`, timeoutMs: 1500 })).outcome).toBe(
        'not-http',
      );
    }
  });

  it('comes back, time after time, from a server that speaks half an answer before it is asked and hangs up', async () => {
    const port = await rawServer((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf'),
    );
    const asked = { url: `http://127.0.0.1:${port}/`, timeoutMs: 1000 };
    for (let time = 0; time < 6; time += 1)
      expect((await machine.request(asked)).outcome).not.toBe('answered');
  });

  it('says reset when the connection is closed or reset before an answer', async () => {
    const closing = await rawServer((socket) => socket.once('data', () => socket.end()));
    const resetting = await rawServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const halfway = await rawServer(says('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', true));
    for (const port of [closing, resetting, halfway]) {
      expect((await machine.request({ url: `http://127.0.0.1:${port}/` })).outcome).toBe('reset');
    }
  });

  it('says tls-mismatch when one side speaks TLS and the other does not', async () => {
    const plain = await httpServer((_request, response) => response.end());
    expect((await machine.request({ url: `https://127.0.0.1:${plain}/` })).outcome).toBe('tls-mismatch');
    const alert = await rawServer(says('\u0015\u0003\u0001\0\u0002\u0002\u0046', true));
    expect((await machine.request({ url: `http://127.0.0.1:${alert}/` })).outcome).toBe('tls-mismatch');
  });

  it('says refused, and name-not-found, as connecting does', async () => {
    const port = await closedPort();
    expect((await machine.request({ url: `http://127.0.0.1:${port}/` })).outcome).toBe('refused');
    expect((await machine.request({ url: 'http://nothing.invalid/' })).outcome).toBe('name-not-found');
  });

  it('refuses what is no URL without a throw', async () => {
    for (const url of ['', 'ftp://x/', 'ollama', 'http://']) {
      expect((await machine.request({ url })).outcome).toBe('failed');
    }
    expect(
      (await machine.request({ url: 'http://127.0.0.1:1/', headers: { 'bad name': 'x' } })).outcome,
    ).not.toBe('answered');
  });
});
