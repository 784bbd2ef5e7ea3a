import { describe, expect, it } from 'vitest';
import { client, container } from '../checks/host-of-values.ts';
import { changes, plan } from './planned.ts';

const cause = (subject: string) => ({
  code: 'model-missing',
  subject,
  summary: '',
  affects: [],
  recipe: 'pull-model',
});

describe('the recipe pull-model', () => {
  it('pulls what was required and is missing, once, from the server that answered', async () => {
    const { plans, refusals } = await plan([cause('host'), cause('host')], {
      options: { requireModels: ['mistral', 'llama3.2', 'mistral'] },
    });
    expect(refusals).toEqual([]);
    expect(changes(plans)).toEqual([
      {
        kind: 'pull',
        summary: 'pull mistral',
        url: 'http://127.0.0.1:11434',
        model: 'mistral',
        elevated: false,
      },
    ]);
    expect(plans[0]?.notes.join('\n')).toContain('undo removes it');
  });

  it('pulls what a container names', async () => {
    const web = container({ models: [{ setting: 'OLLAMA_MODEL', model: 'qwen3:4b', embedding: false }] });
    const { plans } = await plan([cause('container:web')], { clients: [client(undefined, web)] }, {}, [
      'pull-model',
    ]);
    expect(changes(plans)).toMatchObject([{ model: 'qwen3:4b' }]);
  });

  it('does nothing where the model came in the meantime, and refuses where the list cannot be had', async () => {
    expect((await plan([cause('host')], { options: { requireModels: ['llama3.2'] } })).plans).toEqual([]);
    const { plans, refusals } = await plan([cause('host')], {
      options: { requireModels: ['mistral'] },
      hostAnswer: { kind: 'ollama', version: '0.12.3', elapsedMs: 1 },
    });
    expect(plans).toEqual([]);
    expect(refusals).toHaveLength(1);
  });
});
