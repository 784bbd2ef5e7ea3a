import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { takenPort } from '../../src/checks/two-ollamas/cannot-publish.ts';
import type { Row } from '../../src/engine/check.ts';
import type { Container } from '../../src/facts/containers.ts';
import {
  client,
  container,
  failed,
  type HostOfValues,
  ollama,
  rowsOf,
  seen,
  service,
  wildcard,
} from './host-of-values.ts';

const inContainer = (change: Partial<Container> = {}): Container => {
  const [network] = container().networks;
  return container({
    name: 'app-ollama-1',
    id: 'beefbeefbeef',
    servesOllama: true,
    compose: { project: 'app', service: 'ollama', configFiles: ['/srv/app/compose.yaml'] },
    networks: [{ ...network!, address: '172.18.0.9', aliases: ['ollama'] }],
    env: {},
    ...change,
  });
};
const owner = (rows: Row[]): Row | undefined => rows.find((row) => row.id === 'port-owner');
const proof = (rows: Row[]): string =>
  (owner(rows)?.evidence ?? []).map(({ source, text }) => `${source}: ${text}`).join('\n');
const published = { hostAddress: '0.0.0.0', hostPort: 11_434, containerPort: 11_434 };
const other = { ...ollama, version: '0.30.1', models: [{ name: 'phi3:latest' }] };
const error =
  'driver failed programming external connectivity on endpoint app-ollama-1 (5d2c): Error starting userland proxy: listen tcp4 0.0.0.0:11434: bind: address already in use';

describe('one on the host and one in a container, in peace', () => {
  const peace: Partial<HostOfValues> = {
    containers: seen([container(), inContainer()]),
    elsewhere: { 'http://127.0.0.1:11434': other },
  };

  it('are named with version and models of each, and which one localhost reaches', async () => {
    const rows = await rowsOf(peace);
    expect(owner(rows)?.status).toBe('pass');
    expect(proof(rows)).toContain(
      'localhost:11434: Ollama 0.32.15 with llama3.2:latest, nomic-embed-text:latest: ollama (PID 812)',
    );
    expect(proof(rows)).toContain('the Ollama in app-ollama-1: Ollama 0.30.1 with phi3:latest');
    expect(proof(rows)).toContain(
      'web at http://host.docker.internal:11434: reaches the Ollama of this host',
    );
  });

  it('are told apart for the client that asks the one in the container', async () => {
    const rows = await rowsOf({
      ...peace,
      clients: [client('http://ollama:11434')],
      resolved: { outcome: 'resolved', addresses: ['172.18.0.9'] },
    });
    expect(proof(rows)).toContain(
      'web at http://ollama:11434: reaches the Ollama in the container app-ollama-1',
    );
  });

  it('are told apart where localhost is the one in the container', async () => {
    const rows = await rowsOf({
      ...peace,
      services: seen([service({ processHost: { value: '127.0.0.1:11500', source: 'x' } })]),
      listeners: seen({ listeners: [{ ...wildcard, port: 11_500 }], ownersKnown: true }),
      containers: seen([container(), inContainer({ ports: [published] })]),
    });
    expect(owner(rows)?.summary).toContain(
      'the container app-ollama-1, which containers on app_default reach at http://ollama:11434 and this host at http://127.0.0.1:11434',
    );
  });

  it('say nothing of a container that could not be asked, and nothing at all of a lone one', async () => {
    expect(proof(await rowsOf({ containers: peace.containers! }))).toContain(
      'the Ollama in app-ollama-1: not asked, or no answer',
    );
    expect(proof(await rowsOf())).not.toContain('localhost:11434');
  });
});

describe('a service that a container keeps out', () => {
  const line = 'Error: listen tcp 0.0.0.0:11434: bind: address already in use';
  const held: Partial<HostOfValues> = {
    services: seen([service({ state: 'crash-loop', failure: { kind: 'port-in-use', line } })]),
    listeners: seen({
      listeners: [{ ...wildcard, process: { pid: 77, name: 'docker-proxy' } }],
      ownersKnown: true,
    }),
    containers: seen([container(), inContainer({ ports: [published] })]),
  };

  it('is a conflict of the two, named with the container behind the forwarder', async () => {
    const row = owner(await rowsOf({ ...held, answer: failed('refused') }));
    expect(row).toMatchObject({ status: 'fail', code: 'port-conflict' });
    expect(row?.summary).toBe(
      'ollama.service cannot have port 11434: the Ollama in the container app-ollama-1, by way of docker-proxy (PID 77), has it',
    );
    expect(row?.instructions?.join('\n')).toContain('docker stop app-ollama-1');
    expect(row?.instructions?.join('\n')).not.toContain('kill');
  });

  it('is one too where nobody asks yet, and a warning while everybody gets an answer', async () => {
    expect(owner(await rowsOf({ ...held, clients: [] }))?.status).toBe('fail');
    expect(owner(await rowsOf(held))?.status).toBe('warn');
  });
});

describe('a container that cannot publish its port', () => {
  const clash: Partial<HostOfValues> = {
    containers: seen([
      container(),
      inContainer({ state: 'created', networks: [], ended: { exitCode: 128, error, restarts: 0 } }),
    ]),
  };

  it('is a conflict with the Ollama of this host, with the ways out', async () => {
    const row = owner(
      await rowsOf({
        ...clash,
        clients: [client('http://ollama:11434')],
        answer: failed('name-not-found'),
        resolved: { outcome: 'not-found' } as never,
      }),
    );
    expect(row).toMatchObject({ status: 'fail', code: 'port-conflict', affects: ['container:web'] });
    expect(row?.summary).toBe(
      'the Ollama in the container app-ollama-1 cannot start: port 11434 of this host is held by the Ollama of this host (ollama, PID 812)',
    );
    expect(row?.instructions?.[0]).toContain('"11435:11434", in /srv/app/compose.yaml');
  });

  it('is a warning while everybody gets an answer, and nothing once the port is another’s no more', async () => {
    expect(owner(await rowsOf(clash))?.status).toBe('warn');
    const elsewhere = inContainer({
      state: 'exited',
      ended: { exitCode: 0, error: 'OCI runtime create failed', restarts: 0 },
    });
    expect(owner(await rowsOf({ containers: seen([container(), elsewhere]) }))?.status).toBe('pass');
  });
});

test.each([
  [error, 11_434],
  ['Bind for 0.0.0.0:11435 failed: port is already allocated', 11_435],
  ['failed to bind host port for 0.0.0.0:11434:172.18.0.2:11434/tcp: address already in use', 11_434],
  ['rootlessport listen tcp [::]:11434: bind: address already in use', 11_434],
  ['cannot listen on the TCP port: listen tcp4 :11434: bind: address already in use', 11_434],
  ['address already in use', undefined],
  ['no such file or directory', undefined],
  [undefined, undefined],
])('the taken port in %j is %s', (text, port) => {
  expect(takenPort(text)).toBe(port);
});

test('a taken port is read from anything', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const port = takenPort(`${before}listen tcp ${after}: address already in use`);
      expect(port === undefined || (port > 0 && port < 65_536)).toBe(true);
    }),
  );
});
