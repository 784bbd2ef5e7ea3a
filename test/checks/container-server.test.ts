import { describe, expect, it } from 'vitest';
import type { Container } from '../../src/facts/containers.ts';
import type { Row } from '../../src/engine/check.ts';
import {
  absent,
  client,
  container,
  failed,
  type HostOfValues,
  rowsOf,
  seen,
  wildcard,
} from './host-of-values.ts';

const proxy = { ...wildcard, process: { pid: 5, name: 'docker-proxy' } };

/** An Ollama in a container whose port is published here, told this, and a client that gets nothing. */
function served(host: string | undefined, change: Partial<Container> = {}): Partial<HostOfValues> {
  const server = container({
    name: 'ollama',
    id: 'beefbeefbeef',
    servesOllama: true,
    env: host === undefined ? {} : { OLLAMA_HOST: host },
    networkMode: 'bridge',
    networks: [],
    ports: [{ hostAddress: '0.0.0.0', hostPort: 11_434, containerPort: 11_434 }],
    ...change,
  });
  return {
    services: absent,
    containers: seen([container(), server]),
    clients: [client()],
    listeners: seen({ listeners: [proxy], ownersKnown: true }),
    hostAnswer: failed('refused'),
    answer: failed('refused'),
  };
}

const rowOf = async (host: Partial<HostOfValues>, code: string): Promise<Row | undefined> =>
  (await rowsOf(host)).find((row) => row.code === code);

describe('an Ollama in a container that was told to listen where its published port does not lead', () => {
  it.each(['127.0.0.1', 'localhost:11434'])('%s: its own loopback', async (value) => {
    expect(await rowOf(served(value), 'bind-loopback')).toMatchObject({
      status: 'fail',
      affects: ['container:web'],
      instructions: [expect.stringContaining('-e OLLAMA_HOST=0.0.0.0:11434')],
    });
  });

  it('http://0.0.0.0: port 80 of the container', async () => {
    const compose = { project: 'p', service: 'llm', configFiles: [] };
    const found = await rowOf(served('http://0.0.0.0', { compose }), 'bind-wrong-port');
    expect(found?.summary).toContain('listens on port 80 of its container (OLLAMA_HOST=http://0.0.0.0)');
    expect(found?.instructions?.[1]).toContain('docker compose up -d llm');
  });

  it.each([undefined, '0.0.0.0', ':11434', '[::]:11434'])('%s is fine', async (value) => {
    const codes = (await rowsOf(served(value))).map((row) => row.code);
    expect(codes).not.toContain('bind-loopback');
    expect(codes).not.toContain('bind-wrong-port');
  });

  it('is no matter where everybody gets an answer', async () => {
    const { answer: _none, hostAnswer: _neither, ...rest } = served('127.0.0.1');
    expect(await rowOf(rest, 'bind-loopback')).toBeUndefined();
  });
});
