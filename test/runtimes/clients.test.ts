import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Container } from '../../src/facts/containers.ts';
import { subjectSchema } from '../../src/report/schema.ts';
import { clientUrl, findClients } from '../../src/runtimes/index.ts';

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
      }),
    );
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
