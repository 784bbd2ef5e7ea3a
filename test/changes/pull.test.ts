import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/changes/change.ts';
import { applyPlans, toReported, undo } from '../../src/changes/index.ts';
import type { HttpRequest } from '../../src/machine/machine.ts';
import { simulate, type HttpScript, type Simulated } from '../../src/machine/simulated.ts';

const url = 'http://127.0.0.1:11434';
const change = { kind: 'pull', summary: 'pull llama3.2', url, model: 'llama3.2', elevated: false } as const;
const plan: Plan = { recipe: 'pull-model', cures: [], changes: [change], gainsAccess: [], notes: [] };

const stream = [
  '{"status":"pulling manifest"}',
  '{"status":"pulling dde5aa3fc5ff","digest":"sha256:dde5","total":2019377376,"completed":504844344}',
  '{"status":"pulling dde5aa3fc5ff","digest":"sha256:dde5","total":2019377376,"completed":2019377376}',
  '{"status":"verifying sha256 digest"}',
  '{"status":"success"}',
].join('\n');

/** A server that pulls, lists and removes; `says` is what it answers to a pull. */
function server(says?: HttpScript): Simulated & { models: Set<string> } {
  const models = new Set<string>();
  const bodyOf = (request: HttpRequest) => (JSON.parse(request.body ?? '{}') as { model: string }).model;
  const machine = simulate({
    identity: { elevated: false, uid: 1000, user: 'dora', home: '/home/dora' },
    request: {
      [`POST ${url}/api/pull`]: (request) => {
        if (says !== undefined) return says;
        models.add(`${bodyOf(request)}:latest`);
        // Cut anywhere, as it comes.
        for (let at = 0; at < stream.length; at += 37) request.onText?.(stream.slice(at, at + 37));
        return { status: 200, body: stream };
      },
      [`GET ${url}/api/tags`]: () => ({
        status: 200,
        body: { models: [...models].map((name) => ({ name })) },
      }),
      [`DELETE ${url}/api/delete`]: (request) => {
        models.delete(`${bodyOf(request)}:latest`);
        return { status: 200 };
      },
    },
  });
  return Object.assign(machine, { models });
}

describe('pulling a model', () => {
  it('has the server pull it, tells how far it is, and undo removes it', async () => {
    const machine = server();
    const told: string[] = [];
    const applied = await applyPlans(machine, [plan], { onProgress: (words) => told.push(words) });
    expect(applied.status).toBe('applied');
    expect([...machine.models]).toEqual(['llama3.2:latest']);
    expect(told).toEqual([
      'pulling llama3.2: pulling manifest',
      'pulling llama3.2: 505 MB of 2.0 GB (25 %)',
      'pulling llama3.2: 2.0 GB of 2.0 GB (100 %)',
      'pulling llama3.2: verifying sha256 digest',
    ]);
    expect(await undo(machine)).toMatchObject({ status: 'undone' });
    expect([...machine.models]).toEqual([]);
    expect(await undo(machine)).not.toMatchObject({ status: 'failed' });
  });

  it('leaves alone what somebody removed since', async () => {
    const machine = server();
    await applyPlans(machine, [plan]);
    machine.models.clear();
    expect(await undo(machine)).toMatchObject({ status: 'undone' });
    expect(machine.asked.some((line) => line.startsWith('DELETE'))).toBe(false);
  });

  it('is not begun for a model that is there by now', async () => {
    const machine = server();
    machine.models.add('llama3.2:latest');
    expect(await applyPlans(machine, [plan])).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('is there already'),
    });
  });

  it.each<[string, HttpScript, string]>([
    [
      'no such model',
      {
        status: 200,
        body: '{"status":"pulling manifest"}\n{"error":"pull model manifest: file does not exist"}',
      },
      'file does not exist',
    ],
    ['an error at once', { status: 400, body: { error: 'invalid model name' } }, 'invalid model name'],
    [
      'an end before the end',
      { status: 200, body: '{"status":"pulling manifest"}\n' },
      'stopped before the end',
    ],
    ['a success that is none', { status: 200, body: '{"status":"success"}' }, 'not in the list'],
    ['no connection', 'refused', 'refused'],
  ])('is taken back when it fails: %s', async (_, says, words) => {
    const applied = await applyPlans(server(says), [plan]);
    expect(applied).toMatchObject({ status: 'rolled-back', reason: expect.stringContaining(words) });
  });

  it('is shown as what a person would type', async () => {
    expect(await toReported(change)).toEqual({
      kind: 'command',
      summary: 'pull llama3.2',
      diff: '',
      commands: ['OLLAMA_HOST=http://127.0.0.1:11434 ollama pull llama3.2'],
      elevated: false,
    });
  });
});
