import { createServer } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLiveMachine } from '../../src/machine/live.ts';
import type { LiveMachine } from '../../src/machine/live.ts';
import {
  closedPort,
  closeLater,
  closeServers,
  httpServer,
  listen,
  rawServer,
  says,
} from './local-servers.ts';

const posix = process.platform !== 'win32';

let machine: LiveMachine;
beforeEach(() => {
  machine = openLiveMachine();
});
afterEach(() => {
  machine.dispose();
  closeServers();
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
    closeLater(() => server.close());
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
