import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Generated } from '../../src/facts/api.ts';
import { openLiveMachine, type LiveMachine } from '../../src/machine/live.ts';
import { generateOnce } from '../../src/ollama/generate.ts';
import { readStream } from '../../src/ollama/generate-stream.ts';

let machine: LiveMachine;
const closers: (() => void)[] = [];
beforeEach(() => {
  machine = openLiveMachine();
});
afterEach(() => {
  machine.dispose();
  for (const close of closers.splice(0)) close();
});

const asked: string[] = [];

/** A server on loopback, asked to have `m` answer. */
async function generate(
  answers: Record<string, (response: ServerResponse, body: string) => void>,
  options: { embedding?: boolean; timeoutMs?: number; brief?: boolean } = {},
): Promise<Generated> {
  asked.length = 0;
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${body}`);
      const answer = answers[request.url ?? ''];
      if (answer) answer(response, body);
      else response.writeHead(404).end('404 page not found');
    });
  };
  const server = createServer(listener);
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
  return generateOnce(machine, url, 'm', {
    timeoutMs: options.timeoutMs ?? 5000,
    embedding: options.embedding ?? false,
    ...(options.brief === undefined ? {} : { brief: options.brief }),
  });
}

const ps =
  (...models: object[]) =>
  (response: ServerResponse) =>
    response.end(JSON.stringify({ models }));
const line = (response: string, at: number, more: object = {}): string =>
  `${JSON.stringify({ model: 'm', created_at: new Date(at).toISOString(), response, done: false, ...more })}\n`;
const last = (at: number): string =>
  line('', at, { done: true, load_duration: 250_000_000, eval_count: 4, eval_duration: 400_000_000 });

/** Tokens at a steady pace, as Ollama sends them. */
const streamed = (response: ServerResponse): void => {
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    response.write(sent <= 4 ? line('a', Date.now()) : last(Date.now()));
    if (sent <= 4) return;
    clearInterval(timer);
    response.end();
  }, 100);
};

/** The same, held back by a proxy until it is whole. */
const heldBack = (response: ServerResponse): void => {
  const from = Date.now();
  const text = [0, 100, 200, 300].map((after) => line('a', from + after)).join('') + last(from + 400);
  setTimeout(() => response.end(text), 450);
};

describe('having a model answer once', () => {
  it('gives the time to the first token, what the server says of it, and where it runs', async () => {
    const seen = await generate({
      '/api/generate': streamed,
      '/api/ps': ps({ name: 'm:latest', size: 10, size_vram: 10 }),
    });
    expect(seen).toMatchObject({
      kind: 'tokens',
      outcome: 'answered',
      tokens: 4,
      loadMs: 250,
      buffered: false,
      wasLoaded: true,
      isLoaded: true,
      memory: { sizeVram: 10 },
    });
    expect(seen.firstMs).toBeGreaterThanOrEqual(90);
    expect(seen.totalMs).toBeGreaterThan(seen.firstMs ?? Number.POSITIVE_INFINITY);
    expect(asked[1]).toMatch(/^POST \/api\/generate \{"model":"m",.*"num_predict":8/u);
  });

  it('asks for one token and nothing else where requests are dear', async () => {
    const seen = await generate({ '/api/generate': streamed, '/api/ps': ps() }, { brief: true });
    expect(seen).toMatchObject({ outcome: 'answered' });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('"num_predict":1}');
  });

  it('recognises a stream that was held back', async () => {
    expect(await generate({ '/api/generate': heldBack, '/api/ps': ps() })).toMatchObject({
      outcome: 'answered',
      buffered: true,
      isLoaded: false,
    });
  });

  it('makes an embedding where the model is for that, also when only the server knows', async () => {
    const refuses = (response: ServerResponse): void =>
      void response.writeHead(400).end('{"error":"\\"m\\" does not support generate"}');
    const embeds = (response: ServerResponse): void =>
      void response.end('{"model":"m","embeddings":[[0.1,0.2,0.3]],"load_duration":1000000}');
    for (const embedding of [true, false]) {
      const seen = await generate({ '/api/generate': refuses, '/api/embed': embeds }, { embedding });
      expect(seen).toMatchObject({ kind: 'embedding', outcome: 'answered', dimensions: 3 });
    }
  });

  it('uses the older path of an older server', async () => {
    const seen = await generate(
      { '/api/embeddings': (response) => response.end('{"embedding":[1,2]}') },
      { embedding: true },
    );
    expect(seen).toMatchObject({ outcome: 'answered', dimensions: 2 });
    expect(asked.filter((one) => one.startsWith('POST'))).toEqual([
      'POST /api/embed {"model":"m","input":"hello"}',
      'POST /api/embeddings {"model":"m","prompt":"hello"}',
    ]);
    expect(seen).not.toHaveProperty('wasLoaded');
  });

  it.each([
    ['an error', 500, '{"error":"llama runner process has terminated: exit status 2"}', 'terminated'],
    ['a missing model', 404, '{"error":"model \'m\' not found"}', 'not found'],
    [
      'an error within the stream',
      200,
      `${line('a', 0)}{"error":"an error was encountered"}\n`,
      'was encountered',
    ],
    ['half a stream', 200, line('a', 0), 'before its last line'],
    ['a web page', 200, '<html>', 'not a stream'],
    ['nothing', 200, '', 'not a stream'],
  ])('says what went wrong: %s', async (_, status, body, words) => {
    const seen = await generate({ '/api/generate': (response) => void response.writeHead(status).end(body) });
    expect(seen.outcome).toBe('error');
    expect(seen.detail).toContain(words);
  });

  it('waits no longer than it may, and knows whether the model is loaded by then', async () => {
    const startedAt = performance.now();
    const seen = await generate(
      { '/api/generate': () => undefined, '/api/ps': ps({ name: 'm:latest', size: 10, size_vram: 0 }) },
      { timeoutMs: 400 },
    );
    expect(seen).toMatchObject({ outcome: 'timeout', isLoaded: true });
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

it('whatever comes as a stream, it is one of the outcomes', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify(value)),
        ),
      ),
      (lines) => {
        expect(readStream(lines.join('\n'), [{ ms: 1, bytes: 1 }]).outcome).toMatch(/^(?:answered|error)$/u);
      },
    ),
    { numRuns: 100 },
  );
});
