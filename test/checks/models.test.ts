import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/engine/check.ts';
import type { ApiAnswer, Generated } from '../../src/facts/api.ts';
import type { NamedModel } from '../../src/facts/containers.ts';
import { client, container, failed, type HostOfValues, ollama, rowsOf } from './host-of-values.ts';

const withModels = (...names: string[]): ApiAnswer =>
  ({ ...ollama, models: names.map((name) => ({ name })) }) as ApiAnswer;
const rowsFor = async (change: Partial<HostOfValues>, subject = 'host'): Promise<Row[]> =>
  (await rowsOf(change)).filter((row) => row.id === 'models' && row.subject === subject);

/** A container whose settings name these models, and what it sees of Ollama's. */
function naming(models: NamedModel[], answer: ApiAnswer): Partial<HostOfValues> {
  const web = container({ models });
  return {
    containers: { state: 'seen', value: [web], evidence: [] },
    clients: [client(undefined, web)],
    answer,
  };
}

describe('models on the host', () => {
  it('are counted by kind, with their sizes and what is loaded', async () => {
    const [row] = await rowsFor({
      hostAnswer: {
        ...ollama,
        models: [
          { name: 'llama3.2:latest', size: 2_019_393_189, family: 'llama' },
          { name: 'nomic-embed-text:latest', size: 274_302_450, family: 'nomic-bert' },
        ],
      } as ApiAnswer,
      loaded: [{ name: 'llama3.2:latest', size: 100, sizeVram: 100 }],
    });
    expect(row).toMatchObject({ status: 'pass' });
    expect(row?.summary).toBe(
      '2 models (1 for chat, 1 for embeddings, 2.3 GB): llama3.2:latest, nomic-embed-text:latest; loaded: llama3.2:latest on the GPU',
    );
    expect(row?.evidence?.at(-1)?.text).toBe(
      'llama3.2:latest, for chat, 2.0 GB, loaded on the GPU\nnomic-embed-text:latest, for embeddings, 274 MB',
    );
  });

  it('are thousands, of which a few are named', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `m${index}:latest`);
    const [row] = await rowsFor({ hostAnswer: withModels(...many) });
    expect(row?.summary).toBe('10000 models: m0:latest, m1:latest, m2:latest, m3:latest, …');
    expect(row?.evidence?.at(-1)?.text.split('\n')).toHaveLength(21);
  });

  it('are in the folder of another instance', async () => {
    const folder = { path: '/root/.ollama/models', models: ['llama3:8b', 'mistral:latest'] };
    const [none] = await rowsFor({ hostAnswer: withModels(), modelFolders: [folder] });
    expect(none).toMatchObject({ status: 'warn', code: 'no-models' });
    expect(none?.summary).toContain('/root/.ollama/models has 2 models (llama3:8b, mistral:latest)');
    const [missing] = await rowsFor({
      hostAnswer: withModels('llama3:latest'),
      options: { requireModels: ['llama3:8b'] },
      modelFolders: [folder],
    });
    expect(missing).toMatchObject({ status: 'fail', code: 'model-missing', recipe: 'pull-model' });
    expect(missing?.summary).toBe(
      'the model llama3:8b is not there; there is llama3:latest; /root/.ollama/models has it, the folder of another instance',
    );
    expect(missing?.instructions?.join('\n')).toContain('OLLAMA_MODELS=/root/.ollama/models');
  });
});

describe('models that a container names', () => {
  const subject = 'container:web';
  const wants: NamedModel[] = [{ setting: 'OLLAMA_MODEL', model: 'llama3:8b', embedding: false }];

  it('are there: no word but that', async () => {
    expect(await rowsFor(naming(wants, withModels('llama3:8b')), subject)).toMatchObject([
      { status: 'pass' },
    ]);
  });

  it('are missing: a warning for that container, with what is near, and no cause', async () => {
    const change = naming(wants, withModels('llama3:latest'));
    const [row] = await rowsFor(change, subject);
    expect(row).toMatchObject({ status: 'warn', code: 'model-missing', recipe: 'pull-model' });
    expect(row?.summary).toBe(
      'OLLAMA_MODEL is llama3:8b, a model that http://host.docker.internal:11434/ does not have; there is llama3:latest',
    );
    expect((await rowsOf(change)).filter((one) => one.status === 'fail')).toEqual([]);
  });

  it('are for embeddings, and there is no model for that', async () => {
    const setting: NamedModel[] = [{ setting: 'RAG_EMBEDDING_ENGINE', embedding: true }];
    const [row] = await rowsFor(naming(setting, withModels('llama3:latest')), subject);
    expect(row).toMatchObject({ status: 'warn', code: 'model-missing' });
    expect(row?.summary).toContain('has no model for that');
    expect(await rowsFor(naming(setting, withModels('nomic-embed-text:latest')), subject)).toMatchObject([
      { status: 'pass' },
    ]);
  });

  it('are not looked for while the container gets no answer', async () => {
    const [row] = await rowsFor(naming(wants, failed('timeout')), subject);
    expect(row).toMatchObject({ status: 'blocked', blockedBy: 'container-reach@container:web' });
  });

  it('are no concern where no container names one', async () => {
    expect(await rowsFor({}, subject)).toEqual([]);
  });
});

describe('a model that was made to answer', () => {
  const seen = (change: Partial<Generated>): Generated => ({
    model: 'llama3.2',
    kind: 'tokens',
    outcome: 'answered',
    evidence: [],
    ...change,
  });
  const rowsWith = (change: Partial<Generated>): Promise<Row[]> =>
    rowsFor({ generated: seen(change), options: { generate: 'llama3.2' } });

  it('answers, and where it ran is said', async () => {
    const rows = await rowsWith({
      firstMs: 1234,
      totalMs: 1800,
      tokens: 8,
      loadMs: 1100,
      wasLoaded: false,
      memory: { name: 'llama3.2:latest', size: 3e9, sizeVram: 0 },
    });
    expect(rows.map((row) => row.status)).toEqual(['pass', 'pass']);
    expect(rows[1]?.summary).toBe(
      'llama3.2 answers: first token after 1.2 s, 8 in 1.8 s; 1.1 s of that loading it; it runs on the CPU (3.0 GB)',
    );
  });

  it('makes an embedding', async () => {
    const rows = await rowsWith({ kind: 'embedding', dimensions: 768, totalMs: 90, wasLoaded: true });
    expect(rows[1]?.summary).toBe(
      'llama3.2 makes an embedding of 768 numbers in 90 ms; it was loaded already',
    );
  });

  it('is slow, which is a warning', async () => {
    const rows = await rowsWith({
      firstMs: 42_000,
      totalMs: 43_000,
      tokens: 8,
      loadMs: 40_000,
      wasLoaded: false,
    });
    expect(rows[1]).toMatchObject({ status: 'warn', code: 'generate-slow' });
  });

  it.each([
    [true, 'it is loaded'],
    [false, 'it is not loaded yet'],
    [undefined, 'the server does not say'],
  ])('says nothing in time (loaded: %s): %s', async (isLoaded, words) => {
    const rows = await rowsWith({
      outcome: 'timeout',
      totalMs: 120_000,
      ...(isLoaded === undefined ? {} : { isLoaded }),
    });
    expect(rows[1]).toMatchObject({ status: 'fail', code: 'generate-slow' });
    expect(rows[1]?.summary).toContain(words);
  });

  it('fails in the words of the server', async () => {
    const detail = 'HTTP 500: model requires more system memory (8.0 GiB) than is available (3.1 GiB)';
    const rows = await rowsWith({ outcome: 'error', detail });
    expect(rows[1]).toMatchObject({
      status: 'fail',
      code: 'generate-failed',
      summary: `llama3.2 does not answer: ${detail}`,
    });
  });

  it('is held back by a proxy', async () => {
    const rows = await rowsWith({ firstMs: 900, totalMs: 900, tokens: 8, buffered: true });
    expect(rows.map((row) => row.code)).toEqual([undefined, undefined, 'stream-buffered']);
  });

  const fromWeb = async (change: Partial<Generated>, host: Partial<HostOfValues> = {}): Promise<Row[]> =>
    (
      await rowsOf({
        generated: seen({ totalMs: 900 }),
        generatedFrom: seen(change),
        options: { generate: 'llama3.2' },
        ...host,
      })
    ).filter(({ id, subject: whose }) => id === 'models' && whose === 'container:web');

  it('answers a container as well, or is held up on the way to it', async () => {
    expect(await fromWeb({ totalMs: 1100 })).toMatchObject([
      { status: 'pass', summary: 'llama3.2 answers in 1.1 s, asked from web' },
    ]);
    expect(await fromWeb({ totalMs: 60_000 })).toMatchObject([{ status: 'warn', code: 'generate-slow' }]);
    expect(await fromWeb({ outcome: 'timeout', totalMs: 60_000 })).toMatchObject([
      { status: 'fail', code: 'generate-slow' },
    ]);
    const [broken] = await fromWeb({ outcome: 'error', detail: 'HTTP 504: Gateway Timeout' });
    expect(broken).toMatchObject({
      code: 'generate-failed',
      summary:
        'llama3.2 does not answer, asked from web: HTTP 504: Gateway Timeout; this host had its answer in 900 ms',
    });
  });

  it('is asked from no container that gets no answer, and from none where it was not asked for', async () => {
    expect(await fromWeb({}, { answer: failed('timeout') })).toEqual([]);
    expect(await fromWeb({}, { options: {} })).toEqual([]);
  });

  it('is not there, and nothing is asked of it', async () => {
    const rows = await rowsFor({ options: { generate: 'mistral' } });
    expect(rows).toMatchObject([{ status: 'fail', code: 'model-missing' }]);
  });
});
