import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HttpRequest, HttpResult } from '../../src/machine/machine.ts';
import { simulate } from '../../src/machine/simulated.ts';
import type { HttpScript } from '../../src/machine/simulated.ts';
import { apiBase, askOllama } from '../../src/ollama/ask.ts';
import type { AskOptions } from '../../src/ollama/ask.ts';

const base = 'http://172.17.0.1:11434';
const json = { 'content-type': 'application/json; charset=utf-8' };
const html = { 'content-type': 'text/html' };

type Answers = Record<string, HttpScript | ((request: HttpRequest) => HttpScript)>;

/** Asks a server that answers so by path; other paths are Ollama's plain 404. */
async function ask(answers: Answers, options: AskOptions = {}, url = `${base}/`) {
  const machine = simulate({
    request: Object.fromEntries(
      ['/', '/api/version', '/api/tags', '/v1/models', '/api/v1/health'].map((path) => [
        base + path,
        answers[path] ?? answers['*'] ?? { status: 404, body: '404 page not found' },
      ]),
    ),
  });
  const asked = await askOllama(machine, new URL(url), options);
  return { ...asked, requests: machine.asked };
}

const model = (name: string, more: object = {}): object => ({
  name,
  model: name,
  modified_at: '2025-05-10T08:06:48-07:00',
  size: 4_683_075_271,
  digest: '0a8c266910232fd3291e71e5ba1e058cc5af9d411192cf88b6d30e92b6e73163',
  details: { parent_model: '', format: 'gguf', family: 'qwen2', families: ['qwen2'] },
  ...more,
});
const ollama = {
  '/': { status: 200, body: 'Ollama is running' },
  '/api/version': { status: 200, headers: json, body: { version: '0.12.3' } },
  '/api/tags': { status: 200, headers: json, body: { models: [model('deepseek-r1:latest')] } },
} satisfies Answers;

describe('a version of 0.0.0 without models', () => {
  const bare = {
    ...ollama,
    '/api/version': { status: 200, headers: json, body: { version: '0.0.0' } },
    '/api/tags': { status: 200, headers: json, body: { models: [] } },
  } satisfies Answers;

  test('is Lemonade where its own health page says so', async () => {
    const health = {
      status: 200,
      headers: json,
      body: { status: 'ok', version: '9.3.0', all_models_loaded: [] },
    };
    const { answer } = await ask({ ...bare, '/api/v1/health': health });
    expect(answer).toMatchObject({ kind: 'not-ollama', what: 'Lemonade' });
  });

  test('is an Ollama that somebody built where there is no such page, or another one', async () => {
    expect((await ask(bare)).answer).toMatchObject({ kind: 'ollama', version: '0.0.0', models: [] });
    const other = { status: 200, headers: json, body: { status: 'ok' } };
    expect((await ask({ ...bare, '/api/v1/health': other })).answer.kind).toBe('ollama');
  });
});

describe('a real Ollama', () => {
  test('costs two requests', async () => {
    const { answer, requests, evidence } = await ask(ollama);
    expect(answer).toMatchObject({
      kind: 'ollama',
      version: '0.12.3',
      models: [{ name: 'deepseek-r1:latest', size: 4_683_075_271, family: 'qwen2' }],
    });
    expect(requests).toEqual([`GET ${base}/api/version`, `GET ${base}/api/tags`]);
    expect(evidence).toEqual([
      { source: `GET ${base}/api/version`, text: '200: {"version":"0.12.3"}' },
      { source: `GET ${base}/api/tags`, text: '200: 1 model: deepseek-r1:latest' },
    ]);
  });

  test.each([
    ['none', { models: [] }, []],
    ['a null list', { models: null }, []],
    [
      'an old server without "model"',
      { models: [{ name: 'llama2:latest', size: 1 }] },
      [{ name: 'llama2:latest', size: 1 }],
    ],
    [
      'capabilities',
      { models: [model('a', { capabilities: ['embedding'] })] },
      [{ name: 'a', size: 4_683_075_271, family: 'qwen2', capabilities: ['embedding'] }],
    ],
    [
      'fields of other types',
      { models: [{ name: 'a', size: '', details: { family: null } }, 7, null] },
      [{ name: 'a' }],
    ],
  ])('models: %s', async (_, body, models) => {
    const { answer } = await ask({ ...ollama, '/api/tags': { status: 200, body } });
    expect(answer).toMatchObject({ kind: 'ollama', models });
  });

  test('of 2023 has no /api/version', async () => {
    const { answer } = await ask({ '/': ollama['/'], '/api/tags': ollama['/api/tags'] });
    expect(answer).toMatchObject({
      kind: 'ollama',
      version: 'unknown',
      models: [{ name: 'deepseek-r1:latest' }],
    });
  });

  test.each([
    ['with models', ollama['/api/tags']],
    ['without', { status: 200, headers: json, body: { models: [] } }],
  ])('of 0.0.0, as one built from source says, is no look-alike: %s', async (_, tags) => {
    const version = { status: 200, headers: json, body: { version: '0.0.0' } };
    const { answer } = await ask({ ...ollama, '/api/version': version, '/api/tags': tags });
    expect(answer).toMatchObject({ kind: 'ollama', version: '0.0.0' });
  });

  test.each([
    ['an error of its own', { status: 500, body: { error: 'open /models: permission denied' } }],
    ['no answer', 'timeout'],
    ['more than is read', { status: 200, body: '{"models":[', bodyTruncated: true }],
  ] as [string, HttpScript][])('is one still when its model list is %s', async (_, tags) => {
    const { answer } = await ask({ ...ollama, '/api/tags': tags });
    expect(answer).toMatchObject({ kind: 'ollama', version: '0.12.3' });
    expect(answer).not.toHaveProperty('models');
  });

  test('is asked at the root, whatever path a client uses', async () => {
    const { requests, url } = await ask(ollama, {}, `http://user:secret@172.17.0.1:11434/v1/?key=secret`);
    expect(requests[0]).toBe(`GET ${base}/api/version`);
    expect(url).toBe(base);
  });
});

describe('the base of a URL', () => {
  test.each([
    ['http://h:11434', 'http://h:11434'],
    ['http://h:11434/', 'http://h:11434'],
    ['http://h:11434/v1', 'http://h:11434'],
    ['http://h:11434/v1/chat/completions', 'http://h:11434'],
    ['http://h:11434/api/', 'http://h:11434'],
    ['http://h:11434/api/embeddings', 'http://h:11434'],
    ['https://h/ollama/v1/', 'https://h/ollama'],
    ['http://h/apiary', 'http://h/apiary'],
  ])('%s is %s', (url, expected) => {
    expect(apiBase(new URL(url))).toBe(expected);
  });
});

describe('what is not Ollama is named', () => {
  const page = (title: string, headers = {}): HttpScript => ({
    status: 200,
    headers: { ...html, ...headers },
    body: `<!DOCTYPE html><html><head><title>${title}</title></head></html>`,
  });

  test.each([
    [
      'KoboldCpp',
      {
        '/api/version': { status: 200, body: { version: '0.7.0' } },
        '/api/tags': {
          status: 200,
          body: { models: [model('koboldcpp', { details: { family: 'koboldcpp' } })] },
        },
      },
      'KoboldCpp',
    ],
    [
      'Lemonade, which answers "Ollama is running" as well',
      {
        ...ollama,
        '/api/version': { status: 200, body: { version: '0.0.0' } },
        '/api/tags': { status: 200, body: { models: [model('m', { digest: `sha256:${'0'.repeat(64)}` })] } },
      },
      'Lemonade',
    ],
    [
      'Lemonade by its digests',
      {
        ...ollama,
        '/api/tags': { status: 200, body: { models: [model('m', { digest: `sha256:${'0'.repeat(64)}` })] } },
      },
      'Lemonade',
    ],
    [
      'llama-server',
      {
        '/api/version': {
          status: 404,
          body: { error: { code: 404, message: 'File Not Found', type: 'not_found_error' } },
        },
        '/v1/models': { status: 200, body: { object: 'list', data: [{ id: 'm', owned_by: 'llamacpp' }] } },
      },
      "llama.cpp's llama-server",
    ],
    [
      'llama-swap',
      {
        '/api/tags': { status: 200, body: '' },
        '/v1/models': { status: 200, body: { object: 'list', data: [{ id: 'm' }] } },
      },
      'llama-swap, by its empty /api/tags',
    ],
    [
      'another OpenAI-style server',
      {
        '*': { status: 404, body: { detail: 'Not Found' } },
        '/v1/models': { status: 200, body: { object: 'list', data: [{ id: 'm' }] } },
      },
      'a server with an OpenAI-style API only (/v1/models)',
    ],
    [
      'LM Studio, which answers 200 to everything',
      {
        '*': { status: 200, body: { error: 'Unexpected endpoint or method. (GET /api/version)' } },
        '/v1/models': {
          status: 200,
          body: { object: 'list', data: [{ id: 'm', owned_by: 'organization_owner' }] },
        },
      },
      'LM Studio',
    ],
    [
      'LM Studio without models',
      {
        '*': { status: 200, body: { error: 'Unexpected endpoint or method. (GET /api/version)' } },
        '/v1/models': { status: 200, body: { object: 'list', data: [] } },
      },
      'LM Studio',
    ],
    [
      'LocalAI, whose digests are made of the names',
      {
        ...ollama,
        '/api/version': { status: 200, body: { version: '0.9.0' } },
        '/api/tags': {
          status: 200,
          body: {
            models: [
              // printf phi-4 | sha256sum
              model('phi-4:latest', {
                digest: 'sha256:fe2b640e0de94ec5d68ce48f1a183b715d985346af72fd9a65dd3f43a75f98d0',
              }),
            ],
          },
        },
      },
      'LocalAI',
    ],
    [
      'Docker Model Runner by its version and its image ids',
      {
        '/api/version': { status: 200, body: { version: '0.1.0' } },
        '/api/tags': {
          status: 200,
          body: { models: [model('ai/smollm2:latest', { digest: `sha256:${'1'.repeat(64)}` })] },
        },
      },
      'Docker Model Runner',
    ],
    [
      'Docker Model Runner of a later version by the owner of its models',
      {
        '/api/version': { status: 200, body: { version: '0.2.0' } },
        '/api/tags': {
          status: 200,
          body: { models: [model('ai/smollm2:latest', { digest: `sha256:${'1'.repeat(64)}` })] },
        },
        '/v1/models': {
          status: 200,
          body: { object: 'list', data: [{ id: 'ai/smollm2', owned_by: 'docker' }] },
        },
      },
      'Docker Model Runner',
    ],
    [
      'FastFlowLM, which has a version and a list as Ollama has',
      {
        '/api/version': { status: 200, body: { version: '0.9.24' } },
        '/api/tags': { status: 200, body: { models: [model('llama3.2:1b', { digest: '' })] } },
        '/v1/models': {
          status: 200,
          body: { object: 'list', data: [{ id: 'llama3.2:1b', owned_by: 'FastFlowLM' }] },
        },
      },
      'FastFlowLM',
    ],
    [
      'vLLM',
      {
        '*': { status: 404, body: { detail: 'Not Found' } },
        '/v1/models': { status: 200, body: { object: 'list', data: [{ id: 'm', owned_by: 'vllm' }] } },
      },
      'vLLM',
    ],
    [
      'Open WebUI, which has a version too',
      {
        '/api/version': { status: 200, body: { version: '0.6.5', deployment_id: '' } },
        '/api/tags': page('Open WebUI'),
        '/': page('Open WebUI'),
      },
      'Open WebUI',
    ],
    [
      'a web page',
      { '*': page('Welcome to nginx!', { server: 'nginx/1.27.0' }) },
      'a web page ("Welcome to nginx!", Server: nginx/1.27.0)',
    ],
    [
      'a file server',
      { '*': { status: 404, headers: { server: 'SimpleHTTP/0.6 Python/3.13' }, body: 'nope' } },
      'a web server without this page (HTTP 404) (Server: SimpleHTTP/0.6 Python/3.13)',
    ],
    [
      'garbage',
      { '*': { status: 200, body: '\u0000\u0001' } },
      'something that answers, and not as Ollama does',
    ],
  ] as [string, Answers, string][])('%s', async (_, answers, what) => {
    expect((await ask(answers)).answer).toEqual(expect.objectContaining({ kind: 'not-ollama', what }));
  });

  test.each([
    [400, 'a web server that turns the request down (HTTP 400)'],
    [500, 'a web server that fails at the request (HTTP 500)'],
  ])('%i is not said to be a page that is missing', async (status, what) => {
    expect((await ask({ '*': { status, body: 'nope' } })).answer).toMatchObject({ kind: 'http-error', what });
  });

  test('a server that does not speak HTTP', async () => {
    expect((await ask({ '*': 'not-http' })).answer).toMatchObject({
      kind: 'not-ollama',
      what: 'something that does not speak HTTP: not-http',
    });
  });
});

describe('an HTTP error says whose it is', () => {
  test.each([
    [401, { server: 'nginx' }, '', 'nginx wants credentials (401)'],
    [
      302,
      { location: 'https://login.example.com/oauth?state=secret' },
      '',
      'a proxy wants credentials (302)',
    ],
    [
      301,
      { location: 'https://172.17.0.1/api/version?key=secret' },
      '',
      'the server redirects to https://172.17.0.1/api/version (301)',
    ],
    [
      403,
      { server: 'cloudflare' },
      '<html>',
      "cloudflare refuses the request (403); this is not Ollama's own 403",
    ],
    [502, { server: 'nginx' }, '<html>', 'nginx got no answer from the server behind it (502)'],
    [
      503,
      { via: '1.1 squid (squid/6.6)' },
      '<html>',
      '1.1 squid (squid/6.6) says that the service behind it is unavailable (503)',
    ],
    [
      503,
      {},
      '{"error":"server busy, please try again.  maximum pending requests exceeded"}',
      'HTTP 503: server busy, please try again.  maximum pending requests exceeded',
    ],
    [500, {}, '{"error":"boom"}', 'HTTP 500: boom'],
  ])('%d with %j', async (status, headers, body, what) => {
    const { answer, requests } = await ask({ '*': { status, headers, body } });
    expect(answer).toMatchObject({ kind: 'http-error', status, what });
    expect(requests).toHaveLength(1);
  });
});

describe('a proxy that lets the version through alone', () => {
  test.each([
    [403, 'refused', 'nginx refuses the request (403)'],
    [401, 'credentials', 'nginx wants credentials (401)'],
    [502, 'gateway', 'nginx got no answer from the server behind it (502)'],
  ])(
    'is told with %d as what refuses, and nobody is called another server',
    async (status, trouble, says) => {
      const refusal = { status, headers: { ...html, server: 'nginx' }, body: '<title>No</title>' };
      const { answer } = await ask({ '*': refusal, '/api/version': ollama['/api/version'] });
      expect(answer).toMatchObject({ kind: 'http-error', status, trouble, by: 'nginx' });
      expect(JSON.stringify(answer)).toContain(says);
      expect(JSON.stringify(answer)).toContain('/api/version gives 0.12.3');
    },
  );
});

describe('a server that says Ollama is running, and has no version to read', () => {
  test.each([
    ['a byte order mark', '\uFEFF{"version":"0.12.3"}'],
    ['a number for a version', '{"version":12}'],
    ['bytes of no character', '{"version":"\uFFFD"}'],
    ['brackets without end', '['.repeat(100_000)],
  ])('says both: %s', async (_, body) => {
    const { answer } = await ask({
      '/': { status: 200, body: 'Ollama is running' },
      '/api/version': { status: 200, body },
      '/v1/models': { status: 200, body: { object: 'list', data: [] } },
    });
    expect(answer).toMatchObject({ kind: 'http-error', status: 200, trouble: 'unknown' });
    expect(JSON.stringify(answer).includes('behind a byte order mark')).toBe(body.startsWith('\uFEFF'));
    expect(JSON.stringify(answer)).toMatch(/Ollama is running.*\/api\/version gives no version/u);
  });
});

describe("Ollama's empty 403", () => {
  /** As server/routes.go decides: the Origin first, then the Host. */
  const rule =
    (allowed: { origin: boolean }) =>
    (request: HttpRequest): HttpScript => {
      if (request.headers?.['origin'] !== undefined && !allowed.origin) return { status: 403, body: '' };
      return request.headers?.['host'] === 'localhost'
        ? { status: 200, body: { version: '0.12.3' } }
        : { status: 403, body: '' };
    };

  test('is about the Host when another Host passes', async () => {
    const { answer, evidence } = await ask({ '*': rule({ origin: true }) });
    expect(answer).toMatchObject({ kind: 'forbidden', because: 'host' });
    expect(evidence.map(({ source }) => source)).toEqual([
      `GET ${base}/api/version`,
      `GET ${base}/api/version (with Host: localhost)`,
    ]);
  });

  test('is about the Origin when it passes without one', async () => {
    const answers = (request: HttpRequest): HttpScript =>
      request.headers?.['origin'] === undefined ? ollama['/api/version'] : { status: 403, body: '' };
    const { answer } = await ask({ '*': answers }, { origin: 'http://app.example.com' });
    expect(answer).toMatchObject({ kind: 'forbidden', because: 'origin' });
  });

  test('is about the Host when neither Origin nor its absence matters', async () => {
    const { answer } = await ask({ '*': rule({ origin: false }) }, { origin: 'http://app.example.com' });
    expect(answer).toMatchObject({ kind: 'forbidden', because: 'host' });
  });

  test('is told through a proxy that brings and signs it', async () => {
    const answers = (request: HttpRequest): HttpScript =>
      request.headers?.['host'] === 'localhost'
        ? ollama['/api/version']
        : { status: 403, body: '', headers: { server: 'nginx/1.26.3' } };
    expect((await ask({ '*': answers })).answer).toMatchObject({
      kind: 'forbidden',
      because: 'host',
      by: 'nginx/1.26.3',
    });
  });

  test('is one also where the proxy sets the name by itself: its own would be a page', async () => {
    const answers: HttpScript = { status: 403, body: '', headers: { server: 'nginx/1.26.3' } };
    expect((await ask({ '*': answers })).answer).toMatchObject({
      kind: 'forbidden',
      because: 'unknown',
      by: 'nginx/1.26.3',
    });
  });

  test("is a proxy's own when another name helps nothing, or leads to another site of it", async () => {
    const own: HttpScript = { status: 403, body: '', headers: { server: 'Caddy' } };
    const otherSite = (request: HttpRequest): HttpScript =>
      request.headers?.['host'] === 'localhost' ? { status: 200, body: '' } : own;
    for (const answers of [own, otherSite])
      expect((await ask({ '*': answers })).answer).toMatchObject({
        kind: 'http-error',
        status: 403,
        trouble: 'refused',
        by: 'Caddy',
      });
  });

  test("is nobody's for certain when nothing helps and nobody signs it: Ollama always takes localhost", async () => {
    expect((await ask({ '*': { status: 403, body: '' } })).answer).toMatchObject({
      kind: 'http-error',
      trouble: 'refused',
      what: 'a proxy or another server, or Ollama behind it, refuses the request (403 with an empty body)',
    });
  });
});

describe('no answer', () => {
  const failure = (outcome: 'timeout' | 'reset', detail: string): HttpResult => ({
    outcome,
    detail,
    elapsedMs: 3500,
  });

  test.each([
    'refused',
    'timeout',
    'host-unreachable',
    'network-unreachable',
    'reset',
    'name-not-found',
    'tls-mismatch',
    'failed',
  ] as const)('%s costs one request', async (outcome) => {
    const { answer, requests } = await ask({ '*': outcome });
    expect(answer).toMatchObject({ kind: 'unreachable', failure: outcome });
    expect(requests).toHaveLength(1);
  });

  test.each([
    'connected, and no whole answer within 3500 ms',
    'the answer began and did not end within 3500 ms',
  ])('connected and silent: %s', async (detail) => {
    expect((await ask({ '*': failure('timeout', detail) })).answer).toMatchObject({
      kind: 'no-answer',
      detail,
    });
  });

  test('a server that wants TLS and says so', async () => {
    const body = 'Client sent an HTTP request to an HTTPS server.\n';
    expect((await ask({ '*': { status: 400, body } })).answer).toMatchObject({
      kind: 'unreachable',
      failure: 'tls-mismatch',
    });
  });

  test.each(['unavailable', { outcome: 'not-recorded' }] as HttpScript[])(
    '%j: could not ask',
    async (result) => {
      expect((await ask({ '*': result })).answer.kind).toBe('unavailable');
    },
  );

  test('of a recording that holds another address names that', async () => {
    const result: HttpResult = { outcome: 'not-recorded', recorded: ['http://127.0.0.1:8080/api/version'] };
    expect((await ask({ '*': result })).answer).toMatchObject({
      help: expect.stringMatching(/; it holds what came of --url http:\/\/127\.0\.0\.1:8080$/u),
    });
  });

  test('of a recording that does not hold the request says which one, and how to replay it', async () => {
    expect((await ask({ '*': { outcome: 'not-recorded' } })).answer).toEqual({
      kind: 'unavailable',
      reason: `the recording does not hold the request GET ${base}/api/version`,
      help: expect.stringContaining('with the options that it was made with, such as --url'),
    });
  });
});

test('where and how it was asked is kept', async () => {
  const via = 'docker exec web python3';
  const answered = (body: string): HttpResult => ({
    outcome: 'answered',
    status: 200,
    headers: {},
    body,
    bodyTruncated: false,
    address: '172.17.0.1',
    elapsedMs: 3,
    via,
  });
  const { answer, evidence } = await ask({
    '/api/version': answered('{"version":"1.0.0"}'),
    '/api/tags': answered('{"models":[]}'),
  });
  expect(answer).toEqual({
    kind: 'ollama',
    version: '1.0.0',
    models: [],
    address: '172.17.0.1',
    elapsedMs: 3,
    via,
  });
  expect(evidence[0]?.source).toBe(`${via}: GET ${base}/api/version`);
});

test('whatever a server sends, it is one of the answers, and evidence fits on a line', async () => {
  const body = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.jsonValue().map((value) => JSON.stringify(value)),
  );
  const result = fc.record({ status: fc.integer({ min: 100, max: 599 }), body });
  await fc.assert(
    fc.asyncProperty(result, result, async (one, other) => {
      const { answer, evidence } = await ask({ '*': one, '/api/tags': other });
      expect(answer.kind).toMatch(/^[a-z-]+$/u);
      for (const { text } of evidence) {
        expect(text.length).toBeLessThan(300);
        expect(text).not.toMatch(/\p{Cc}/u);
      }
    }),
    { numRuns: 200 },
  );
});
