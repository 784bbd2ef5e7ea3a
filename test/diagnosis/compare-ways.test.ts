import { describe, expect, it } from 'vitest';
import { compareWays } from '../../src/diagnosis/compare-ways.ts';
import type { OllamaClient } from '../../src/facts/containers.ts';
import type { HttpResult, Machine, ResolveResult } from '../../src/machine/machine.ts';
import { simulate } from '../../src/machine/simulated.ts';
import {
  client,
  container,
  factsOf,
  failed,
  type HostOfValues,
  letsOnlyTheContainerIn,
  loopback,
  ollama,
  rules,
  seen,
} from '../checks/host-of-values.ts';

/** A machine whose containers answer names and requests from these tables, and keeps count of both. */
function insideOf(names: Record<string, string>, answers: Record<string, HttpResult['outcome']>) {
  const asked: string[] = [];
  const inside: Machine = {
    ...simulate({}),
    vantage: 'container:web',
    resolve: async ({ name }): Promise<ResolveResult> => {
      const address = names[name];
      return address === undefined
        ? { outcome: 'name-not-found', detail: 'ENOTFOUND' }
        : { outcome: 'resolved', addresses: [address] };
    },
    request: async ({ url }): Promise<HttpResult> => {
      asked.push(url);
      const { hostname } = new URL(url);
      const address = names[hostname] ?? hostname.replace(/^\[|\]$/gu, '');
      const outcome = answers[address] ?? 'refused';
      if (outcome === 'answered')
        return {
          outcome,
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: url.endsWith('/api/version') ? '{"version":"0.12.3"}' : '{"models":[]}',
          bodyTruncated: false,
          elapsedMs: 1,
          address,
        };
      if (outcome === 'not-recorded') return { outcome };
      return { outcome, detail: outcome, elapsedMs: 1, address };
    },
  };
  return { machine: { ...simulate({}), enter: () => inside }, asked };
}

const names = { localhost: '127.0.0.1', 'host.docker.internal': '172.17.0.1' };
const compare = (
  of: OllamaClient,
  inside: ReturnType<typeof insideOf>,
  change: Partial<HostOfValues> = {},
  always = false,
) =>
  compareWays(inside.machine, factsOf({ answer: failed('refused'), clients: [of], ...change }), of, {
    always,
    timeoutMs: 5000,
    mayAsk: () => true,
  });

describe('all ways side by side', () => {
  it('says for each how it ended and at which hop', async () => {
    const inside = insideOf(names, {});
    const change = { listeners: seen({ listeners: [loopback], ownersKnown: true }), rulesets: rules() };
    const ways = await compare(client(), inside, change);
    expect(ways.map(({ name, url, diesAt }) => [name, url.replace('http://', ''), diesAt])).toEqual([
      ['its own URL', 'host.docker.internal:11434', 'listener'],
      ['localhost', 'localhost:11434', 'client'],
      ['host.containers.internal', 'host.containers.internal:11434', 'name'],
      ['gateway.docker.internal', 'gateway.docker.internal:11434', 'name'],
      ['gateway of app_default', '172.18.0.1:11434', 'listener'],
      ['docker0', '172.17.0.1:11434', 'listener'],
      ['this host', '192.168.1.10:11434', 'listener'],
    ]);
  });

  it('asks no address twice, and the client’s own not again', async () => {
    const inside = insideOf(names, {});
    await compare(client(), inside);
    expect(inside.asked.filter((url) => url.includes('172.17.0.1') || url.includes('host.docker'))).toEqual(
      [],
    );
    expect(new Set(inside.asked).size).toBe(inside.asked.length);
  });

  it('marks what works, and what a rule drops', async () => {
    const inside = insideOf(names, { '172.18.0.1': 'answered', '192.168.1.10': 'timeout' });
    const listing = rules(
      '[1:60] -A INPUT -d 192.168.1.10 -p tcp -m tcp --dport 11434 -j DROP',
      ...letsOnlyTheContainerIn,
    );
    const ways = await compare(client(), inside, { rulesets: listing });
    const at = (host: string) => ways.find((way) => way.url.includes(host));
    expect(at('172.18.0.1')).toMatchObject({ works: true, outcome: 'ok' });
    expect(at('172.18.0.1')).not.toHaveProperty('diesAt');
    expect(at('192.168.1.10')).toMatchObject({ works: false, outcome: 'timeout', diesAt: 'firewall' });
  });

  it('names an Ollama on the same network by its alias', async () => {
    const own = container();
    const [network] = own.networks;
    const server = container({
      id: 'beef',
      name: 'ai-ollama-1',
      servesOllama: true,
      env: {},
      networks: [{ ...network!, address: '172.18.0.9', aliases: ['ollama'] }],
      compose: { project: 'ai', service: 'ollama', configFiles: [] },
    });
    const inside = insideOf({ ...names, ollama: '172.18.0.9' }, { '172.18.0.9': 'answered' });
    const ways = await compare(client(undefined, own), inside, { containers: seen([own, server]) });
    expect(ways.find((way) => way.url === 'http://ollama:11434')).toMatchObject({
      name: 'service alias',
      works: true,
    });
  });

  it('costs nothing where the client’s own URL works, unless it was asked for', async () => {
    const inside = insideOf(names, { '172.17.0.1': 'answered' });
    expect(await compare(client(), inside, { answer: ollama })).toEqual([]);
    expect(inside.asked).toEqual([]);
    const all = await compare(client(), inside, { answer: ollama }, true);
    expect(all.find((way) => way.name === 'its own URL')?.works).toBe(true);
    expect(all.length).toBeGreaterThan(4);
  });

  it('is silent where nothing could be asked: a recording without it, a container that does not run', async () => {
    const everywhere = Object.fromEntries(
      ['127.0.0.1', '172.17.0.1', '172.18.0.1', '192.168.1.10'].map((one) => [one, 'not-recorded'] as const),
    );
    const known = {
      ...names,
      'host.containers.internal': '172.17.0.1',
      'gateway.docker.internal': '172.17.0.1',
    };
    const answer = { kind: 'unavailable', reason: 'not recorded' } as const;
    expect(await compare(client(), insideOf(known, everywhere), { answer })).toEqual([]);
    const stopped = client(undefined, container({ state: 'exited' }));
    expect(await compare(stopped, insideOf(names, {}))).toEqual([]);
  });
});
