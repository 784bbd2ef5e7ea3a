import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/engine/check.ts';
import type { ApiAnswer } from '../../src/facts/api.ts';
import type { Container } from '../../src/facts/containers.ts';
import {
  client,
  container,
  failed,
  type HostOfValues,
  ollama,
  rowsOf,
  seen,
  absent,
} from './host-of-values.ts';

const only = (rows: Row[], id = 'client-url'): Row | undefined => rows.find((row) => row.id === id);
const asText = (row: Row | undefined): string =>
  [
    row?.summary,
    ...(row?.instructions ?? []),
    ...(row?.evidence ?? []).map((one) => `${one.source}: ${one.text}`),
  ].join('\n');
const refusedAt = (address: string): ApiAnswer => ({
  kind: 'unreachable',
  failure: 'refused',
  detail: 'refused',
  address,
  elapsedMs: 1,
});
const self: Partial<HostOfValues> = {
  answer: refusedAt('127.0.0.1'),
  resolved: { outcome: 'resolved', addresses: ['127.0.0.1'] },
};
const noServerHere: Partial<HostOfValues> = {
  services: absent,
  listeners: seen({ listeners: [], ownersKnown: true }),
  hostAnswer: refusedAt('127.0.0.1'),
};
const inContainer = (change: Partial<Container> = {}): Container =>
  container({
    id: '0bad0bad0bad',
    name: 'app-ollama-1',
    image: 'ollama/ollama',
    servesOllama: true,
    env: {},
    compose: { project: 'app', service: 'ollama', configFiles: [] },
    networks: container().networks.map((own) => ({
      ...own,
      address: '172.18.0.9',
      aliases: ['ollama', '0bad0bad0bad'],
    })),
    ...change,
  });

describe('localhost', () => {
  it('proves the URL that would work, and says that the setting belongs to what starts the container', async () => {
    const agent = container({ env: { STIGMER_LLM_BASE_URL: 'http://localhost:11434' } });
    const of = {
      ...client('http://localhost:11434', agent),
      setting: { name: 'STIGMER_LLM_BASE_URL', value: 'http://localhost:11434' },
    };
    const rows = await rowsOf({
      ...self,
      clients: [of],
      elsewhere: { 'http://host.docker.internal:11434': ollama },
    });
    expect(only(rows)).toMatchObject({ status: 'fail', code: 'url-localhost' });
    expect(only(rows)?.instructions?.[0]).toContain(
      'set STIGMER_LLM_BASE_URL to http://host.docker.internal:11434 where web is started',
    );
    expect(only(rows)?.instructions?.[0]).toContain('the program that starts it');
  });

  it('asks for the name to be given where the container has none, in its compose service', async () => {
    const web = container({
      extraHosts: [],
      compose: { project: 'app', service: 'web', configFiles: ['/srv/app/compose.yml'] },
    });
    const rows = await rowsOf({ ...self, clients: [client('http://127.0.0.1:11434', web)] });
    expect(only(rows)?.instructions).toEqual([
      'set OLLAMA_URL to http://host.docker.internal:11434 in service web of /srv/app/compose.yml, and give it the name: extra_hosts: ["host.docker.internal:host-gateway"]',
      'then: docker compose up -d web',
    ]);
  });

  it('is the virtual machine with --network host on Docker Desktop, and no fault where the probe works', async () => {
    const desktop = container({ product: 'docker-desktop', networkMode: 'host', networks: [] });
    const rows = await rowsOf({ ...self, clients: [client('http://localhost:11434', desktop)] });
    expect(only(rows)).toMatchObject({ code: 'url-localhost' });
    expect(asText(only(rows))).toMatch(/virtual machine[^]*host networking/u);
    const on = await rowsOf({ clients: [client('http://localhost:11434', desktop)] });
    expect(only(on)?.status).toBe('pass');
  });

  it('is not called wrong where nothing could be asked', async () => {
    const rows = await rowsOf({
      clients: [client('http://localhost:11434')],
      answer: { kind: 'unavailable', reason: 'no tool' },
      resolved: undefined,
    });
    expect(only(rows)?.status).toBe('inconclusive');
  });
});

describe('Ollama in a container', () => {
  const both = (server: Container): Partial<HostOfValues> => ({
    ...noServerHere,
    containers: seen([container(), server]),
  });

  it('is reached by its alias, not by localhost', async () => {
    const rows = await rowsOf({
      ...both(inContainer()),
      ...self,
      clients: [client('http://localhost:11434')],
      elsewhere: { 'http://ollama:11434': ollama },
    });
    expect(only(rows)).toMatchObject({ status: 'fail', code: 'url-alias' });
    expect(asText(only(rows))).toContain('set OLLAMA_URL to http://ollama:11434');
    expect(only(rows, 'container-reach')?.explainedBy).toBe('url-alias');
  });

  it('is reached by its alias, not by the host’s name, which need not be there', async () => {
    const rows = await rowsOf({
      ...both(inContainer()),
      clients: [client(undefined, container({ extraHosts: [] }))],
      answer: failed('name-not-found'),
      resolved: { outcome: 'name-not-found', detail: '' },
      elsewhere: { 'http://ollama:11434': ollama },
    });
    expect(only(rows)?.code).toBe('url-alias');
    expect(only(rows, 'container-dns')?.explainedBy).toBe('url-alias');
  });

  it('has to share a network first', async () => {
    const apart = inContainer({
      networks: [
        { ...container().networks[0]!, name: 'llm', id: 'ffff', address: '172.19.0.2', aliases: ['ollama'] },
      ],
    });
    const rows = await rowsOf({ ...both(apart), ...self, clients: [client('http://localhost:11434')] });
    expect(only(rows)?.code).toBe('url-alias');
    expect(asText(only(rows))).toContain('docker network connect llm web');
  });

  it('says nothing of an alias where the host has an Ollama, or the alias does not answer', async () => {
    const ours = await rowsOf({
      ...self,
      containers: seen([container(), inContainer()]),
      clients: [client('http://localhost:11434')],
      elsewhere: { 'http://ollama:11434': ollama },
    });
    expect(only(ours)?.code).toBe('url-localhost');
    const silent = await rowsOf({
      ...both(inContainer()),
      ...self,
      clients: [client('http://localhost:11434')],
    });
    expect(only(silent)?.code).toBe('url-localhost');
  });

  it('has the port inside, whatever is published', async () => {
    const rows = await rowsOf({
      ...both(inContainer()),
      clients: [client('http://ollama:8080')],
      answer: refusedAt('172.18.0.9'),
      resolved: { outcome: 'resolved', addresses: ['172.18.0.9'] },
      elsewhere: { 'http://ollama:11434': ollama },
    });
    expect(only(rows)).toMatchObject({ code: 'url-wrong-port' });
    expect(asText(only(rows))).toContain('http://ollama:11434');
  });
});

it('names both where the host has one and a container has another', async () => {
  const rows = await rowsOf({ containers: seen([container(), inContainer()]) });
  expect(only(rows, 'port-owner')).toMatchObject({ status: 'pass' });
  expect(only(rows, 'port-owner')?.summary).toMatch(
    /port 11434 of this host is Ollama 0\.32\.15; another one is in the container app-ollama-1, which containers on app_default reach at http:\/\/ollama:11434/u,
  );
});

describe('https', () => {
  it('is proved by asking in plain HTTP, also where the port is https’s own', async () => {
    const rows = await rowsOf({
      clients: [client('https://host.docker.internal')],
      answer: refusedAt('172.17.0.1'),
      elsewhere: { 'http://host.docker.internal:11434': ollama },
    });
    expect(only(rows)).toMatchObject({ status: 'fail', code: 'url-https' });
    expect(asText(only(rows))).toContain('set OLLAMA_URL to http://host.docker.internal:11434');
  });
});

describe('paths', () => {
  const path = (value: string, name: string, statuses: Record<string, number>) =>
    rowsOf({ clients: [{ ...client(value), setting: { name, value } }], statuses });
  const h = 'http://host.docker.internal:11434';

  it('names /v1 for a program that speaks Ollama, proved by what it would get', async () => {
    const rows = await path(`${h}/v1`, 'OLLAMA_BASE_URL', {
      [`${h}/v1/api/version`]: 404,
      [`${h}/api/version`]: 200,
    });
    expect(only(rows)).toMatchObject({ status: 'fail', code: 'url-path' });
    expect(asText(only(rows))).toMatch(
      /set OLLAMA_BASE_URL to http:\/\/host\.docker\.internal:11434 [^]*HTTP 404/u,
    );
  });

  it('names a missing /v1 for one that speaks OpenAI', async () => {
    const rows = await path(h, 'OPENAI_BASE_URL', { [`${h}/models`]: 404, [`${h}/v1/models`]: 200 });
    expect(only(rows)?.code).toBe('url-path');
    expect(asText(only(rows))).toContain(`set OPENAI_BASE_URL to ${h}/v1`);
  });

  it('is quiet where the request works, or none could be made', async () => {
    const works = await path(`${h}/v1`, 'OLLAMA_BASE_URL', {
      [`${h}/v1/api/version`]: 200,
      [`${h}/api/version`]: 200,
    });
    expect(only(works)?.status).toBe('pass');
    expect(only(await path(`${h}/v1`, 'OLLAMA_BASE_URL', {}))?.status).toBe('pass');
  });
});

describe('a proxy', () => {
  const proxied = (env: Record<string, string>): Partial<HostOfValues> => ({
    clients: [client(undefined, container({ env: { ...container().env, ...env } }))],
  });
  const via = 'http://host.docker.internal:11434 via http://proxy:3128';
  const bad: ApiAnswer = { kind: 'http-error', status: 502, what: 'Bad Gateway', trouble: 'gateway' };

  it('that has another answer than Ollama is named, with the NO_PROXY to set', async () => {
    const rows = await rowsOf({
      ...proxied({ HTTP_PROXY: 'http://proxy:3128', NO_PROXY: 'localhost' }),
      elsewhere: { [via]: bad },
    });
    expect(only(rows)).toMatchObject({ status: 'fail', code: 'proxy-hijack' });
    expect(asText(only(rows))).toContain('set NO_PROXY and no_proxy to localhost,host.docker.internal');
  });

  it('that hands the request on is none, nor one that NO_PROXY leaves out', async () => {
    const hands = await rowsOf({
      ...proxied({ http_proxy: 'http://proxy:3128' }),
      elsewhere: { [via]: ollama },
    });
    expect(only(hands)?.status).toBe('pass');
    const out = await rowsOf({
      ...proxied({ http_proxy: 'http://proxy:3128', no_proxy: 'host.docker.internal' }),
      elsewhere: { [via]: bad },
    });
    expect(only(out)?.status).toBe('pass');
  });

  it('is a warning where only some programs would ask it', async () => {
    const rows = await rowsOf({
      ...proxied({ http_proxy: 'http://proxy:3128', no_proxy: 'docker.internal' }),
      elsewhere: { [via]: bad },
    });
    expect(only(rows)).toMatchObject({ status: 'warn', code: 'proxy-hijack' });
    expect(only(rows)?.summary).toContain('Node (axios)');
  });

  it('is a warning in an image of Node, whose own fetch asks none unless told to', async () => {
    const inNode = (more: Record<string, string>) =>
      rowsOf({
        clients: [
          client(
            undefined,
            container({
              image: 'docker.io/library/node:22',
              env: { HTTP_PROXY: 'http://proxy:3128', ...more },
            }),
          ),
        ],
        elsewhere: { [via]: bad },
      });
    const row = only(await inNode({}));
    expect(row).toMatchObject({ status: 'warn', code: 'proxy-hijack' });
    expect(asText(row)).toContain('not Node’s own fetch without NODE_USE_ENV_PROXY=1');
    expect(only(await inNode({ NODE_USE_ENV_PROXY: '1' }))?.status).toBe('fail');
  });

  it('may be the only way there is', async () => {
    const rows = await rowsOf({
      ...proxied({ http_proxy: 'http://proxy:3128' }),
      answer: failed('network-unreachable'),
      elsewhere: { [via]: ollama },
    });
    expect(rows.filter((row) => row.status === 'fail')).toEqual([]);
    expect(only(rows, 'container-reach')?.summary).toContain('by way of the proxy proxy:3128');
  });
});

describe('others', () => {
  it('names an address that was a gateway once', async () => {
    const rows = await rowsOf({
      clients: [client('http://172.23.0.1:11434')],
      answer: { ...refusedAt('172.23.0.1'), failure: 'timeout' } as ApiAnswer,
      resolved: undefined,
    });
    expect(only(rows)).toMatchObject({ status: 'fail', code: 'url-stale-gateway' });
    expect(only(rows, 'container-reach')?.explainedBy).toBe('url-stale-gateway');
    expect(asText(only(rows))).toContain('app_default: 172.18.0.0/16');
  });

  it('says no such thing of an address from which somebody refuses', async () => {
    const rows = await rowsOf({
      clients: [client('http://172.23.0.1:11434')],
      answer: refusedAt('172.23.0.1'),
      resolved: undefined,
    });
    expect(rows.map((row) => row.code)).not.toContain('url-stale-gateway');
  });

  it('calls quotes and unfilled variables by their name', async () => {
    const quoted = await rowsOf({
      clients: [{ ...client(), setting: { name: 'OLLAMA_URL', value: '"http://h:11434"' } }],
    });
    expect(only(quoted)).toMatchObject({ status: 'fail', code: 'url-invalid' });
    expect(only(quoted)?.summary).toContain('the quotes are part of the value');
    const unfilled = await rowsOf({
      clients: [{ ...client('${X}'), setting: { name: 'OLLAMA_URL', value: '${X}' } }],
    });
    expect(only(unfilled)?.summary).toContain('nothing was filled in for ${X}');
  });

  it('says where an application keeps its URL', async () => {
    const webui = container({ image: 'ghcr.io/open-webui/open-webui:main' });
    const rows = await rowsOf({ ...self, clients: [client('http://localhost:11434', webui)] });
    expect(asText(only(rows))).toContain('Admin Settings > Connections');
  });

  it('warns of a guessed one, and makes nothing else of it', async () => {
    const n8n = container({ image: 'n8nio/n8n', env: {} });
    const guess = {
      ...client('http://localhost:11434', n8n),
      assumed: 'the default of n8n, which sets no URL here',
      guessed: true,
    };
    const rows = await rowsOf({ ...self, clients: [guess] });
    expect(only(rows)).toMatchObject({ status: 'warn', code: 'url-localhost' });
    expect(asText(only(rows))).toMatch(/assumed: the default of n8n[^]*Credentials > Ollama/u);
    expect(rows.filter((row) => row.status === 'fail' || row.status === 'inconclusive')).toEqual([]);
  });

  it('leaves one alone that has a way to Ollama: its own setting is not seen', async () => {
    const n8n = container({ image: 'n8nio/n8n', env: {} });
    const guess = { ...client('http://localhost:11434', n8n), assumed: 'the default of n8n', guessed: true };
    const elsewhere = { 'http://host.docker.internal:11434': ollama };
    const rows = await rowsOf({ ...self, clients: [guess], elsewhere });
    expect(only(rows)).toMatchObject({ status: 'pass' });
    expect(only(rows)?.summary).toContain('http://host.docker.internal:11434 works from there');
    expect(rows.filter((row) => row.status !== 'pass' && row.status !== 'not-applicable')).toEqual([]);
    const named = await rowsOf({ ...self, clients: [{ ...guess, askedFor: true }], elsewhere });
    expect(only(named)).toMatchObject({ status: 'warn', code: 'url-localhost' });
  });

  it('has no complaint about a default that is not in use, where a URL that was set works', async () => {
    const webui = container({ image: 'ghcr.io/open-webui/open-webui:main' });
    const refused = {
      asked: { url: 'http://localhost:11434', answer: refusedAt('127.0.0.1'), evidence: [] },
      resolved: { outcome: 'resolved' as const, addresses: ['127.0.0.1'] },
    };
    const unused = { ...client('http://localhost:11434', webui), assumed: 'the default of Open WebUI' };
    const byUrl = { 'http://localhost:11434/': refused };
    const elsewhere = { 'http://host.docker.internal:11434': ollama };
    const rows = await rowsOf({ clients: [client(undefined, webui), unused], byUrl, elsewhere });
    expect(rows.filter((row) => row.status === 'fail' || row.status === 'warn')).toEqual([]);
    // Alone it is what the application asks.
    expect(only(await rowsOf({ clients: [unused], byUrl }))?.status).toBe('fail');
  });

  it('asks no route of a setting that is no address', async () => {
    const of = { ...client(), setting: { name: 'OLLAMA_URL', value: 'not a url' } };
    const { url: _, ...nowhere } = of;
    const rows = await rowsOf({ clients: [nowhere], answer: failed('refused'), resolved: undefined });
    expect(only(rows)?.code).toBe('url-invalid');
    expect(rows.filter((row) => row.status === 'inconclusive')).toEqual([]);
  });

  it('judges each URL of a container by itself', async () => {
    const rows = await rowsOf({
      clients: [client(), client('http://localhost:11434')],
      byUrl: {
        'http://localhost:11434/': {
          asked: { url: 'http://localhost:11434', answer: refusedAt('127.0.0.1'), evidence: [] },
          resolved: { outcome: 'resolved', addresses: ['127.0.0.1'] },
        },
      },
    });
    expect(rows.filter((row) => row.id === 'client-url').map((row) => row.status)).toEqual(['pass', 'fail']);
    expect(
      rows.filter((row) => row.id === 'container-reach').map((row) => [row.status, row.explainedBy]),
    ).toEqual([
      ['pass', undefined],
      ['fail', 'url-localhost'],
    ]);
  });

  it('says that a container does not run, and what its stand-in saw', async () => {
    const down = container({ state: 'restarting', ended: { exitCode: 1, restarts: 7 } });
    const rows = await rowsOf({ clients: [{ ...client(undefined, down), logged: 'connection refused' }] });
    const row = rows.find((one) => one.code === 'container-down');
    expect(row).toMatchObject({ status: 'fail', id: 'container-reach' });
    expect(asText(row)).toMatch(
      /keeps restarting \(exit code 1, started again 7 times\)[^]*in its place[^]*connection refused/u,
    );
    const ended = container({ state: 'exited', ended: { exitCode: 1, restarts: 0 } });
    expect(
      (await rowsOf({ clients: [client(undefined, ended)] })).find((one) => one.code === 'container-down')
        ?.status,
    ).toBe('warn');
  });
});
