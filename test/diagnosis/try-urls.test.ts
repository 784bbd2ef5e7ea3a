import { describe, expect, it } from 'vitest';
import { tryInOrder } from '../../src/diagnosis/try-urls.ts';
import type { HttpRequest, HttpResult, Machine } from '../../src/machine/machine.ts';
import { type HttpScript, simulate, type SimulationScript } from '../../src/machine/simulated.ts';

const version: HttpScript = { status: 200, body: { version: '0.32.15' } };
const tags: HttpScript = { status: 200, body: { models: [{ name: 'llama3.2:latest' }] } };
const ollamaAt = (...bases: string[]): Record<string, HttpScript> =>
  Object.fromEntries(
    bases.flatMap((base) => [
      [`${base}/api/version`, version],
      [`${base}/api/tags`, tags],
    ]),
  );

const first = 'http://172.18.0.1:11434';
const second = 'http://172.17.0.1:11434';
const named = 'http://host.docker.internal:11434';

async function tried(script: SimulationScript, urls: string[], timeoutMs = 5000) {
  const machine = simulate({ resolve: { 'host.docker.internal': ['172.17.0.1'] }, ...script });
  const all = await tryInOrder(machine, urls, timeoutMs);
  return { all: all.map((one) => [one.url, one.outcome]), asked: machine.asked };
}

/** A machine on which the requests to some places take their time. */
function slow(script: SimulationScript, delays: Record<string, number>) {
  const inner = simulate(script);
  const began: string[] = [];
  const machine: Machine = {
    ...inner,
    async request(request: HttpRequest): Promise<HttpResult> {
      const { origin } = new URL(request.url);
      began.push(origin);
      await new Promise((resolve) => setTimeout(resolve, delays[origin] ?? 0));
      return inner.request(request);
    },
  };
  return { machine, began };
}

describe('trying base URLs in order of preference', () => {
  it('asks at the first alone while that works', async () => {
    const { all, asked } = await tried({ request: ollamaAt(first, second) }, [first, second]);
    expect(all).toEqual([[first, 'ok']]);
    expect(asked.join(' ')).not.toContain(second);
  });

  it('gives the first that works, with those before it', async () => {
    const third = 'http://10.0.0.1:11434';
    const { all } = await tried({ request: ollamaAt(second, third) }, [first, second, third]);
    expect(all).toEqual([
      [first, 'refused'],
      [second, 'ok'],
    ]);
  });

  it('gives all where none works, also what answers and is not Ollama', async () => {
    const request = { ...ollamaAt(first), [`${first}/api/tags`]: { status: 404 } } as const;
    const { all } = await tried({ request }, [first, second]);
    expect(all).toEqual([
      [first, 'not-ollama'],
      [second, 'refused'],
    ]);
  });

  it('does not ask a name that is not known there', async () => {
    const { all, asked } = await tried({ resolve: {} }, [named]);
    expect(all).toEqual([[named, 'name-not-found']]);
    expect(asked).toEqual(['resolve host.docker.internal']);
  });

  it('asks where a name could not be looked up by itself', async () => {
    const resolve = { 'host.docker.internal': { outcome: 'not-recorded' } } as const;
    expect((await tried({ resolve, request: ollamaAt(named) }, [named])).all).toEqual([[named, 'ok']]);
  });

  it('does not ask a silent address again by its other name', async () => {
    const request = { [`${named}/api/version`]: 'timeout' } as const;
    const { all, asked } = await tried({ request }, [named, second]);
    expect(all).toEqual([
      [named, 'timeout'],
      [second, 'timeout'],
    ]);
    expect(asked.filter((one) => one.startsWith('GET'))).toEqual([`GET ${named}/api/version`]);
  });

  it('asks by the address where only the name was refused by what answers', async () => {
    const byName = ({ headers }: HttpRequest): HttpScript =>
      headers?.['host'] === 'localhost' ? version : { status: 403, body: '' };
    const request = { ...ollamaAt(second), [`${named}/api/version`]: byName };
    const { all } = await tried({ request }, [named, second]);
    expect(all).toEqual([
      [named, 'forbidden'],
      [second, 'ok'],
    ]);
  });

  it('asks the others side by side while the first is silent, and waits for the preferred ones', async () => {
    const { machine, began } = slow(
      { request: ollamaAt(first, second) },
      { [first]: 600, [second]: 0, 'http://10.0.0.1:11434': 300 },
    );
    const all = await tryInOrder(machine, [first, second, 'http://10.0.0.1:11434'], 5000);
    expect(all.map((one) => [one.url, one.works])).toEqual([[first, true]]);
    expect(new Set(began)).toEqual(new Set([first, second, 'http://10.0.0.1:11434']));
  });

  it('takes what works among those that answered before the time was up', async () => {
    const { machine } = slow({ request: ollamaAt(first, second) }, { [first]: 19_000 });
    const startedAt = performance.now();
    const all = await tryInOrder(machine, [first, second], 800);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(all.map((one) => [one.url, one.outcome])).toEqual([
      [first, 'unavailable'],
      [second, 'ok'],
    ]);
    expect(all[0]?.detail).toContain('--timeout');
  });

  it('has nothing to say of nothing', async () => {
    expect((await tried({}, [])).all).toEqual([]);
  });
});
