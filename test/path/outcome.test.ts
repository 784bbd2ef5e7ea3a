import { describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../../src/facts/api.ts';
import { outcomeOf } from '../../src/path/outcome.ts';

const url = 'http://host.docker.internal:11434';
const of = (answer: ApiAnswer, asked = url) => outcomeOf({ url: asked, answer, evidence: [] });
const address = '172.17.0.1';

describe('what a request for Ollama came to', () => {
  it('works when the version and the list of models came', () => {
    const models = [{ name: 'a' }];
    expect(of({ kind: 'ollama', version: '0.32.15', models, elapsedMs: 1, address, via: 'x' })).toEqual({
      works: true,
      outcome: 'ok',
      detail: 'Ollama 0.32.15 answers, 1 model',
      address,
      via: 'x',
    });
  });

  it('does not work without the list', () => {
    expect(of({ kind: 'ollama', version: '0.32.15', elapsedMs: 1 })).toMatchObject({
      works: false,
      outcome: 'http-error',
    });
  });

  it.each([
    ['refused', 'connection: refused at 172.17.0.1:11434'],
    ['timeout', 'connection: timed out at 172.17.0.1:11434'],
    ['host-unreachable', 'route: no route to host at 172.17.0.1:11434'],
    ['network-unreachable', 'route: network unreachable at 172.17.0.1:11434'],
    ['reset', 'connection: reset at 172.17.0.1:11434'],
    ['failed', 'connection: as the system says at 172.17.0.1:11434'],
  ] as const)('%s: says at which step and address', (failure, detail) => {
    expect(of({ kind: 'unreachable', failure, detail: 'as the system says', elapsedMs: 1, address })).toEqual(
      { works: false, outcome: failure, detail, address },
    );
  });

  it('does not say an address twice, and gives IPv6 its brackets', () => {
    const refused = { kind: 'unreachable', failure: 'refused', detail: '', elapsedMs: 1 } as const;
    expect(of({ ...refused, address }, 'http://172.17.0.1:11434').detail).toBe('connection: refused');
    expect(of({ ...refused, address: 'fd00::1' }, 'http://ai').detail).toBe(
      'connection: refused at [fd00::1]:80',
    );
  });

  it.each<[ApiAnswer, string, string]>([
    [{ kind: 'not-ollama', what: 'nginx' }, 'not-ollama', 'Ollama: nginx answers'],
    [
      { kind: 'http-error', status: 502, what: 'a page', trouble: 'unknown' },
      'http-error',
      'HTTP: 502, a page',
    ],
    [{ kind: 'forbidden', because: 'host' }, 'forbidden', 'HTTP: 403 by Ollama, for its host header'],
    [{ kind: 'forbidden', because: 'unknown' }, 'forbidden', 'HTTP: 403 by Ollama'],
    [{ kind: 'no-answer', detail: 'nothing came' }, 'no-answer', 'HTTP: nothing came'],
    [{ kind: 'unavailable', reason: 'no tool' }, 'unavailable', 'could not ask: no tool'],
  ])('%o is no way', (answer, outcome, detail) => {
    expect(of(answer)).toEqual({ works: false, outcome, detail });
  });
});
