import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Container } from '../../src/facts/containers.ts';
import { subjectSchema } from '../../src/report/schema.ts';
import { applicationOf } from '../../src/runtimes/clients/applications.ts';
import { urlFault } from '../../src/runtimes/clients/client-url.ts';
import { apiOf, settingsOfEnvironment } from '../../src/runtimes/clients/settings.ts';
import { clientUrl, findClients, isLogWanted } from '../../src/runtimes/index.ts';

const container = (name: string, changes: Partial<Container> = {}): Container => ({
  runtime: 'docker',
  endpoint: 'unix:///var/run/docker.sock',
  product: 'docker-engine',
  id: `${name}0123456789abcdef`,
  name,
  image: 'app:1',
  state: 'running',
  networkMode: 'bridge',
  networks: [],
  extraHosts: [],
  env: {},
  argumentsWithUrl: [],
  servesOllama: false,
  ports: [],
  ...changes,
});

describe('the URL a client makes of a setting', () => {
  test.each([
    ['http://host.docker.internal:11434', 'http://host.docker.internal:11434/'],
    ['http://h:11434/v1/', 'http://h:11434/v1/'],
    ['h', 'http://h:11434/'],
    ['h:8080', 'http://h:8080/'],
    ['h/v1', 'http://h:11434/v1'],
    ['http://h', 'http://h/'],
    ['https://h', 'https://h/'],
    [' "h:1" ', 'http://h:1/'],
    [':11434', 'http://127.0.0.1:11434/'],
    ['::1', 'http://[::1]:11434/'],
    ['[::1]:99', 'http://[::1]:99/'],
    ['0.0.0.0', 'http://0.0.0.0:11434/'],
    ['http://me:pw@h:11434', 'http://h:11434/'],
  ])('%s is %s', (value, url) => {
    expect(clientUrl(value)?.href).toBe(url);
  });

  test.each(['', '   ', 'ftp://h', 'http://', 'http://h:99999', 'two words', '::1:11434x', 'unix:///x'])(
    '%j is none',
    (value) => {
      expect(clientUrl(value)).toBeUndefined();
    },
  );

  test('no text makes it throw, and what it gives is http or https', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(['http:', 'https:', undefined]).toContain(clientUrl(value)?.protocol);
        expect(clientUrl(value) !== undefined || urlFault(value) !== undefined).toBe(true);
      }),
    );
  });

  test.each([
    ['', 'it is empty'],
    ['${OLLAMA_URL}', 'nothing was filled in for ${OLLAMA_URL}'],
    ['http://${HOST:-h}:11434', 'nothing was filled in for ${HOST:-h}'],
    ['http://$HOST:11434', 'nothing was filled in for $HOST'],
    ['{{ollama_url}}', 'nothing was filled in for {{ollama_url}}'],
    ['"http://h:11434"', 'the quotes are part of the value'],
    ["'http://h:11434'", 'the quotes are part of the value'],
    ['“http://h:11434”', 'its quotes are typographic ones, which are part of the value'],
    ['http//h:11434', 'its scheme is misspelt: http:// is meant'],
    ['http:/h:11434', 'its scheme is misspelt: http:// is meant'],
    ['http:h:11434', 'its scheme is misspelt: http:// is meant'],
    ['htp://h:11434', 'htp:// is not http://'],
    ['tcp://h:11434', 'tcp:// is not http://'],
    ['http://http://h:11434', 'its scheme is there twice'],
    ['http://h:99999', 'there is no port 99999'],
    ['http://h:port', 'port is no port'],
    ['http://:11434', 'it names no host'],
    ['http://<host>:11434', 'its host is a placeholder'],
    ['http://my host:11434', 'there is a space in it'],
    ['http:\\\\h:11434', 'there is a backslash in it'],
    ['http://::1:11434', 'an IPv6 address in a URL wants brackets: http://[::1]:11434'],
  ])('%s is no URL: %s', (value, fault) => {
    expect(urlFault(value, 'OLLAMA_BASE_URL')).toBe(fault);
  });

  test.each(['h', 'http:8080', 'ollama:11434', '[::1]:99', 'http://h/v1', 'https://me:a$b@h'])(
    '%s is one',
    (value) => {
      expect(urlFault(value, 'OLLAMA_BASE_URL')).toBeUndefined();
    },
  );

  test('Ollama takes quotes away from its own variable', () => {
    expect(urlFault('"http://h:11434"', 'OLLAMA_HOST')).toBeUndefined();
  });
});

describe('what names an Ollama', () => {
  const named = (env: Record<string, string>, image = 'app:1'): string[] =>
    settingsOfEnvironment(env, image).map(({ name, value }) => `${name}=${value}`);

  test.each([
    'OLLAMA_BASE_URL',
    'OLLAMA_BASE_URLS',
    'OLLAMA_API_BASE_URL',
    'RAG_OLLAMA_BASE_URL',
    'OLLAMA_BASE_PATH',
    'OLLAMA_HOST',
    'OLLAMA_PROXY_URL',
    'OLLAMA_API_URL',
    'OLLAMA_API_BASE',
    'PGPT_OLLAMA_API_BASE',
    'OLLAMA_URL',
    'OLLAMA_ENDPOINT',
    'ollama_host',
  ])('%s, whatever its value', (name) => {
    expect(named({ [name]: 'somewhere' })).toEqual([`${name}=somewhere`]);
  });

  test.each([
    ['LLM_BASE_URL', 'http://h:11434/v1'],
    ['STIGMER_LLM_BASE_URL', 'http://localhost:11434'],
    ['EMBEDDING_BASE_PATH', 'h:11434'],
    ['ANTHROPIC_BASE_URL', 'http://h:11434'],
    ['OPENAI_BASE_URL', 'http://ollama/v1'],
  ])('%s by its value %s', (name, value) => {
    expect(named({ [name]: value })).toEqual([`${name}=${value}`]);
  });

  test.each([
    ['OPENAI_BASE_URL', 'https://api.openai.com/v1'],
    ['OPENAI_API_BASE', 'http://vllm:8000/v1'],
    ['LLM_BASE_URL', 'https://openrouter.ai/api/v1'],
    ['LLM_MODEL', 'ollama/llama3.2'],
    ['HTTP_PROXY', 'http://proxy:11434'],
    ['OLLAMA_ORIGINS', 'http://localhost:11434'],
    ['CORS_ORIGINS', 'http://localhost:11434'],
    ['OLLAMA_HOST', '0.0.0.0:11434'],
    ['OLLAMA_HOSTNAME', 'ollama.example.com'],
    ['LISTEN', '0.0.0.0:11434'],
    ['OLLAMA_PORT', 'tcp://172.17.0.2:11434'],
    ['OLLAMA_PORT_11434_TCP', 'tcp://172.17.0.2:11434'],
    ['OLLAMA_PORT_11434_TCP_ADDR', '172.17.0.2'],
    ['OLLAMA_SERVICE_HOST', '10.96.0.9'],
    ['OLLAMA_BASE_URL', ''],
    ['OLLAMA_KEEP_ALIVE', '5m'],
    ['PORT', '114340'],
  ])('not %s=%s', (name, value) => {
    expect(named({ [name]: value })).toEqual([]);
  });

  test('lists are taken apart, and a value with a space is not', () => {
    expect(named({ OLLAMA_BASE_URLS: 'http://a:11434; http://b:11434 ;' })).toEqual([
      'OLLAMA_BASE_URLS=http://a:11434',
      'OLLAMA_BASE_URLS=http://b:11434',
    ]);
    expect(named({ OLLAMA_URL: 'http://my host:11434' })).toEqual(['OLLAMA_URL=http://my host:11434']);
  });

  test.each([
    ['OPENAI_BASE_URL', 'openai'],
    ['OPENAI_API_BASE', 'openai'],
    ['OLLAMA_BASE_URL', 'ollama'],
    ['RAG_OLLAMA_BASE_URL', 'ollama'],
    ['OLLAMA_API_BASE', 'unknown'],
    ['LLM_BASE_URL', 'unknown'],
  ] as const)('%s belongs to a program that speaks %s', (name, api) => {
    expect(apiOf(name, undefined)).toBe(api);
  });

  test.each([
    ['ghcr.io/open-webui/open-webui:main', 'Open WebUI'],
    ['ghcr.io/open-webui/open-webui:v0.6.5-slim@sha256:00', 'Open WebUI'],
    ['mintplexlabs/anythingllm', 'AnythingLLM'],
    ['docker.n8n.io/n8nio/n8n:1.100', 'n8n'],
    ['langgenius/dify-api:1.9.0', 'Dify'],
    ['lobehub/lobe-chat', 'LobeChat'],
    ['localhost:5000/n8n', 'n8n'],
    ['my-n8n-exporter:1', undefined],
    ['app:1', undefined],
  ])('the image %s holds %s', (image, name) => {
    expect(applicationOf(image)?.name).toBe(name);
  });
});

describe('who uses Ollama', () => {
  const none = { named: [] };

  test('running containers whose variables or arguments point at it, one client for each address', () => {
    const web = container('web', {
      env: {
        OLLAMA_BASE_URLS: 'http://a:11434;http://b:11434',
        OPENAI_API_BASE_URL: 'http://a:11434/',
        PORT: '1',
      },
      argumentsWithUrl: ['--ollama-url=http://c:11434'],
    });
    const { clients } = findClients([web, container('db')], none);
    expect(clients.map((one) => [one.subject, one.setting?.name, one.url?.href])).toEqual([
      ['container:web', 'OLLAMA_BASE_URLS', 'http://a:11434/'],
      ['container:web', 'OLLAMA_BASE_URLS', 'http://b:11434/'],
      ['container:web', '--ollama-url', 'http://c:11434/'],
    ]);
  });

  test('a server is no client of itself, and other LLM servers are not Ollama', () => {
    const found = findClients(
      [
        container('ollama', { servesOllama: true, env: { OLLAMA_HOST: '0.0.0.0:11434' } }),
        container('gpt', {
          env: { OPENAI_BASE_URL: 'https://api.openai.com/v1', LLM_BASE_URL: 'http://vllm:8000' },
        }),
        container('old', { state: 'exited', env: { OLLAMA_URL: 'http://h:11434' } }),
        container('proxied', { env: { HTTP_PROXY: 'http://proxy:11434' } }),
      ],
      none,
    );
    expect(found.clients.map((one) => one.hypothetical)).toEqual([true]);
  });

  test('OLLAMA_HOST is a client’s setting elsewhere, and the name ollama counts without its port', () => {
    const { clients } = findClients(
      [
        container('a', { env: { OLLAMA_HOST: 'host.docker.internal' } }),
        container('b', { env: { LLM_BASE_URL: 'http://ollama/v1' } }),
      ],
      none,
    );
    expect(clients.map((one) => one.url?.href)).toEqual([
      'http://host.docker.internal:11434/',
      'http://ollama/v1',
    ]);
  });

  test('a setting that is no URL is a client without one', () => {
    const { clients } = findClients([container('a', { env: { OLLAMA_URL: 'ftp://h' } })], none);
    expect(clients).toMatchObject([
      { subject: 'container:a', setting: { name: 'OLLAMA_URL', value: 'ftp://h' } },
    ]);
    expect(clients[0]).not.toHaveProperty('url');
  });

  test('Open WebUI’s /ollama is its default address, said to be assumed', () => {
    const webui = container('ui', {
      image: 'ghcr.io/open-webui/open-webui:main',
      env: { OLLAMA_BASE_URL: '/ollama' },
    });
    expect(findClients([webui], none).clients).toMatchObject([
      {
        url: new URL('http://host.docker.internal:11434'),
        assumed: expect.stringMatching(/Open WebUI/u) as unknown,
      },
    ]);
  });

  test('a known application’s default is assumed, and guessed at where it may use something else', () => {
    const webui = container('ui', { image: 'ghcr.io/open-webui/open-webui:main' });
    expect(findClients([webui], none).clients).toMatchObject([
      {
        url: new URL('http://host.docker.internal:11434'),
        assumed: 'the default of Open WebUI, which sets no URL here',
      },
    ]);
    const n8n = container('n8n', { image: 'n8nio/n8n' });
    expect(findClients([n8n], none).clients.map((one) => one.hypothetical)).toEqual([true]);
    expect(findClients([n8n], { ...none, ollamaHere: true }).clients).toMatchObject([
      { hypothetical: true },
      { url: new URL('http://localhost:11434'), guessed: true },
    ]);
  });

  test('its log tells the one it uses, and what went wrong there', () => {
    const n8n = container('n8n', { image: 'n8nio/n8n' });
    const logs = new Map([
      [n8n.id, [{ address: 'http://ollama:11434/api/tags', trouble: 'name not found' }]],
    ]);
    expect(isLogWanted(n8n, none)).toBe(true);
    const [client] = findClients([n8n], { ...none, logs }).clients;
    expect(client).toMatchObject({
      url: new URL('http://ollama:11434'),
      assumed: 'an address in the last lines of its log',
      logged: 'name not found',
      hypothetical: false,
    });
    expect(client).not.toHaveProperty('guessed');
    expect(isLogWanted(container('web', { env: { OLLAMA_URL: 'http://h' } }), none)).toBe(false);
  });

  test('a service that waits for one of Ollama’s may be its client', () => {
    const project = (service: string) => ({ project: 'ai', service, configFiles: [] });
    const all = [
      container('ai-ollama-1', { servesOllama: true, compose: project('ollama') }),
      container('ai-app-1', { dependsOn: ['db', 'ollama'], compose: project('app') }),
    ];
    expect(findClients(all, { ...none, ollamaHere: true }).clients[1]).toMatchObject({
      subject: 'container:ai-app-1',
      url: new URL('http://ollama:11434'),
      guessed: true,
    });
  });

  test.each([
    ['restarting', { exitCode: 1, restarts: 3 }, 1],
    ['exited', { exitCode: 1, restarts: 0, at: '2026-01-02T00:00:00Z' }, 1],
    ['exited', { exitCode: 1, restarts: 0, at: '2025-12-02T00:00:00Z' }, 0],
    ['exited', { exitCode: 0, restarts: 0, at: '2026-01-02T00:00:00Z' }, 0],
    ['exited', { exitCode: 143, restarts: 0, at: '2026-01-02T00:00:00Z' }, 0],
    ['created', { exitCode: 128, restarts: 0, error: 'no such program' }, 1],
    ['created', { exitCode: 0, restarts: 0 }, 0],
  ] as const)('one that is %s with %j', (state, ended, count) => {
    const down = container('a', { state, ended, env: { OLLAMA_URL: 'http://h' } });
    const found = findClients([down], { ...none, now: Date.parse('2026-01-02T10:00:00Z') }).clients;
    expect(found.filter((one) => !one.hypothetical)).toHaveLength(count);
  });

  test('named ones alone, in any state, by name or id; unknown names are told', () => {
    const all = [
      container('web', { env: { OLLAMA_URL: 'http://h:11434' } }),
      container('db', { id: 'feedbeef01', state: 'exited' }),
    ];
    const { clients, unknown } = findClients(all, { named: ['feedbeef', 'nosuch'] });
    expect(clients).toMatchObject([{ subject: 'container:db', askedFor: true, hypothetical: false }]);
    expect(unknown).toEqual(['nosuch']);
  });

  test('where no container uses it, one hypothetical on the default network, which no container can be called', () => {
    const bridge = {
      name: 'bridge',
      id: 'b1',
      driver: 'bridge',
      internal: false,
      subnets: [{ subnet: '172.17.0.0/16' }],
      bridge: 'docker0',
    };
    const engine = { runtime: 'docker', endpoint: 'unix:///d.sock', product: 'docker-engine' } as const;
    const { clients } = findClients([], { named: [], defaultNetworks: [{ engine, network: bridge }] });
    expect(clients).toMatchObject([
      {
        subject: 'container:(any)',
        hypothetical: true,
        askedFor: false,
        url: new URL('http://172.17.0.1:11434'),
        container: { networks: [{ bridge: 'docker0' }] },
      },
    ]);
    expect(subjectSchema.safeParse(clients[0]?.subject).success).toBe(true);
    const desktop = { ...engine, product: 'docker-desktop' } as const;
    expect(
      findClients([], { named: [], defaultNetworks: [{ engine: desktop, network: bridge }], port: 9000 })
        .clients[0]?.url?.href,
    ).toBe('http://host.docker.internal:9000/');
  });
});
