import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../../src/facts/api.ts';
import { openLiveMachine, type LiveMachine } from '../../src/machine/live.ts';
import { askOllama } from '../../src/ollama/ask.ts';

/** Real servers on loopback that send what no server should; each answer is bounded in time and in what is held. */
let machine: LiveMachine;
const closers: (() => void)[] = [];
beforeEach(() => {
  machine = openLiveMachine();
});
afterEach(() => {
  machine.dispose();
  for (const close of closers.splice(0)) close();
});

const timeoutMs = 700;

async function ask(port: number): Promise<ApiAnswer & { seen: string }> {
  const asked = await askOllama(machine, new URL(`http://127.0.0.1:${port}`), { timeoutMs });
  return { ...asked.answer, seen: asked.evidence.map(({ text }) => text).join('\n') };
}

/** A server that writes these bytes to whoever asks; `end` closes the connection behind them. */
async function raw(talk: (socket: Socket) => void): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => talk(socket));
  });
  closers.push(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return listening(server);
}

async function http(listener: RequestListener): Promise<number> {
  const server = createHttpServer(listener);
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return listening(server);
}

function listening(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Writes the same piece for as long as somebody takes it. */
function endless(socket: Socket, head: string, piece: string): void {
  socket.write(head);
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece)) {
      /* until its buffer is full */
    }
  };
  socket.on('drain', more);
  more();
}

const model = (name: string) => ({
  name,
  model: name,
  size: 1,
  digest: 'a'.repeat(64),
  details: { family: 'llama' },
});

describe('what a server may send in place of an answer', () => {
  it.each<[string, (socket: Socket) => void, Partial<ApiAnswer>, RegExp]>([
    [
      'bytes of no protocol',
      (socket) => socket.end(Buffer.from([0, 1, 2, 255, 254, 10, 13, 10])),
      { kind: 'not-ollama' },
      /not HTTP/u,
    ],
    [
      'another protocol',
      (socket) => socket.end('SSH-2.0-OpenSSH_9.2p1\r\n'),
      { kind: 'not-ollama' },
      /the answer is not HTTP: it does not begin with HTTP\/$/u,
    ],
    [
      'HTTP with a line that is no header',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nA b\r\n\r\n'),
      { kind: 'not-ollama' },
      /the answer is not proper HTTP: invalid header token$/u,
    ],
    [
      'several interim answers before the real one',
      (socket) =>
        socket.end(`${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(5)}HTTP/1.1 204 No Content\r\n\r\n`),
      { kind: 'http-error', status: 204 },
      /an empty body/u,
    ],
    [
      'half an answer, then nothing',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"vers'),
      { kind: 'no-answer' },
      /the answer began and did not end/u,
    ],
    [
      'half an answer, then the end',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"vers'),
      { kind: 'unreachable', failure: 'reset' },
      /closed before the answer was whole/u,
    ],
    [
      'nothing, and the end',
      (socket) => socket.end(),
      { kind: 'unreachable', failure: 'reset' },
      /closed before/u,
    ],
    [
      'a reset',
      (socket) => socket.resetAndDestroy(),
      { kind: 'unreachable', failure: 'reset' },
      /reset|closed before/u,
    ],
    ['nothing at all', () => undefined, { kind: 'no-answer' }, /connected, and no whole answer/u],
    [
      'a header a while, without end',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const timer = setInterval(() => socket.write('X-A: b\r\n'), 50);
        socket.on('close', () => clearInterval(timer));
      },
      { kind: 'no-answer' },
      /no whole answer/u,
    ],
    [
      'a flood of headers',
      (socket) => endless(socket, 'HTTP/1.1 200 OK\r\n', 'X-Flood: 0123456789\r\n'.repeat(500)),
      { kind: 'not-ollama' },
      /headers never end/u,
    ],
    [
      'a body that never ends',
      (socket) => endless(socket, 'HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(65_536)),
      { kind: 'not-ollama' },
      /x{20}/u,
    ],
    [
      'a body of one byte now and then',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n{"version":"');
        const timer = setInterval(() => socket.write('1'), 50);
        socket.on('close', () => clearInterval(timer));
      },
      { kind: 'no-answer' },
      /did not end/u,
    ],
    [
      'chunks that are none',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
      { kind: 'not-ollama' },
      /the answer is not proper HTTP: invalid character in chunk size/u,
    ],
    [
      'two lengths',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nabcdefg'),
      { kind: 'unreachable', failure: 'failed' },
      /failed/u,
    ],
    [
      'an upgrade to another protocol',
      (socket) =>
        socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
      { kind: 'not-ollama' },
      /another protocol/u,
    ],
  ])('%s', async (_, talk, expected, words) => {
    const startedAt = performance.now();
    const answer = await ask(await raw(talk));
    expect(answer).toMatchObject(expected);
    expect(answer.seen).toMatch(words);
    // One deadline a request, and at most four requests side by side or in turn.
    expect(performance.now() - startedAt).toBeLessThan(4 * timeoutMs + 2000);
  });

  it('redirects in a circle, which nobody follows', async () => {
    let requests = 0;
    const port = await http((request, response) => {
      requests += 1;
      response
        .writeHead(302, { location: `http://127.0.0.1:${request.socket.localPort}/again?key=secret` })
        .end();
    });
    expect(await ask(port)).toMatchObject({ kind: 'http-error', status: 302, trouble: 'redirect' });
    expect(requests).toBe(1);
  });

  it('a small body that would be a large one unpacked, and is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    const port = await http((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' }).end(bomb);
    });
    const before = process.memoryUsage().rss;
    const answer = await ask(port);
    expect(answer).toMatchObject({
      kind: 'not-ollama',
      what: 'something that answers, and not as Ollama does (encoded as gzip, which was not asked for)',
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });
});

describe('an Ollama whose answers are unusual', () => {
  const server = (tags: Buffer | string, type = 'application/json') =>
    http((request, response) => {
      if (request.url === '/api/version') response.end('{"version":"0.12.3"}');
      else if (request.url === '/') response.end('Ollama is running');
      else response.writeHead(200, { 'content-type': type }).end(tags);
    });

  it('has 10,000 models', async () => {
    const models = Array.from({ length: 10_000 }, (_, index) => model(`model-${index}:latest`));
    const answer = await ask(await server(JSON.stringify({ models })));
    expect(answer.kind === 'ollama' && answer.models).toHaveLength(10_000);
    expect(answer.seen).toContain('10000 models: model-0:latest, model-1:latest, model-2:latest, …');
  });

  it('has a list of models that never ends: it is one all the same, without a list', async () => {
    const flooding = await http((request, response) => {
      if (request.url === '/api/version') return void response.end('{"version":"0.12.3"}');
      response.writeHead(200);
      const piece = `{"models":[${'{"name":"a"},'.repeat(5000)}`;
      const more = (): void => {
        while (!response.destroyed && response.write(piece)) {
          /* until its buffer is full */
        }
      };
      response.on('drain', more);
      more();
    });
    const answer = await ask(flooding);
    expect(answer).toMatchObject({
      kind: 'ollama',
      version: '0.12.3',
      listTrouble: 'more than 8 MB, of which the rest was not read',
    });
    expect(answer).not.toHaveProperty('models');
  });

  it.each([
    ['bytes that are no UTF-8, and far too many', Buffer.alloc(12 * 1024 * 1024, 0xff), /more than 8 MB/u],
    ['bytes that are no UTF-8 alone', Buffer.alloc(1000, 0xff), /something that answers, and not as Ollama/u],
    ['half of a list', '{"models":[{"name":"llama3.2', /something that answers, and not as Ollama/u],
    ['a page', '<html><title>Login</title></html>', /a web page \("Login"\)/u],
  ])('sends %s in place of its list: what came is said', async (_, body, said) => {
    const answer = await ask(await server(body));
    expect(answer).toMatchObject({ kind: 'ollama', listTrouble: expect.stringMatching(said) as string });
    expect(answer).not.toHaveProperty('models');
  });

  it('sends bytes that are no UTF-8 in a name', async () => {
    const body = Buffer.concat([
      Buffer.from('{"models":[{"name":"b'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('d"}]}'),
    ]);
    const answer = await ask(await server(body));
    expect(answer).toMatchObject({ kind: 'ollama', models: [{ name: 'b\uFFFD\uFFFDd' }] });
  });

  it('calls its JSON text', async () => {
    expect(await ask(await server('{"models":[]}', 'text/plain'))).toMatchObject({
      kind: 'ollama',
      models: [],
    });
  });
});
