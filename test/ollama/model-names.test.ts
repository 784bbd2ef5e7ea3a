import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OllamaModel } from '../../src/facts/api.ts';
import { processorOf, readLoaded } from '../../src/ollama/loaded.ts';
import { inBytes, kindOf, makesEmbeddings } from '../../src/ollama/model-kind.ts';
import { fullName, hasModel, nearestNames } from '../../src/ollama/model-names.ts';

const list = (...names: string[]) => names.map((name) => ({ name }));

describe('names of models, as Ollama compares them', () => {
  it.each([
    ['llama3', 'llama3:latest'],
    ['llama3:latest', 'llama3:latest'],
    ['Llama3:8B', 'llama3:8b'],
    [' llama3 ', 'llama3:latest'],
    ['library/llama3', 'llama3:latest'],
    ['registry.ollama.ai/library/llama3:8b', 'llama3:8b'],
    ['dora/llama3', 'dora/llama3:latest'],
    ['hf.co/bartowski/Llama-3.2-1B-GGUF:Q4_K_M', 'hf.co/bartowski/llama-3.2-1b-gguf:q4_k_m'],
    ['localhost:5000/a/b', 'localhost:5000/a/b:latest'],
    ['llama3:', 'llama3:latest'],
  ])('%s is %s', (name, full) => {
    expect(fullName(name)).toBe(full);
  });

  it('has a model under its own tag alone', () => {
    expect(hasModel(list('llama3:8b'), 'llama3')).toBe(false);
    expect(hasModel(list('llama3:latest'), 'llama3')).toBe(true);
    expect(hasModel(list('llama3:8b'), 'llama3:8b')).toBe(true);
  });

  it.each([
    ['llama3', ['llama3:8b', 'mistral:latest'], ['llama3:8b']],
    ['dora/llama3', ['llama3:8b'], ['llama3:8b']],
    ['llama', ['llama3:8b', 'llama3.2:latest', 'mistral'], ['llama3:8b', 'llama3.2:latest']],
    ['mistrl', ['llama3:8b', 'mistral:latest'], ['mistral:latest']],
    ['gpt-4o', ['llama3:8b'], []],
    ['x', [], []],
  ])('nearest to %s of %j: %j', (name, models, nearest) => {
    expect(nearestNames(list(...models), name)).toEqual(nearest);
  });

  it('never throws, and a name is near itself', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string({ minLength: 1 }), { maxLength: 5 }), (name, names) => {
        expect(hasModel(list(name, ...names), name)).toBe(true);
        expect(nearestNames(list(...names), name).length).toBeLessThanOrEqual(4);
      }),
      { numRuns: 50 },
    );
  });
});

describe('what a model is for', () => {
  it.each([
    [{ name: 'a', capabilities: ['completion', 'tools'] }, 'chat'],
    [{ name: 'a', capabilities: ['embedding'] }, 'embedding'],
    [{ name: 'a', capabilities: ['image'] }, 'other'],
    [{ name: 'nomic-embed-text:latest', family: 'nomic-bert' }, 'embedding'],
    [{ name: 'mxbai-embed-large:latest', family: 'bert' }, 'embedding'],
    [{ name: 'qwen3-embedding:0.6b', family: 'qwen3' }, 'embedding'],
    [{ name: 'bge-m3:latest' }, 'embedding'],
    [{ name: 'llama3.2:latest', family: 'llama' }, 'chat'],
    [{ name: 'gemma3:4b', family: 'gemma3' }, 'chat'],
    [{ name: 'old:latest' }, 'chat'],
  ] as [OllamaModel, string][])('%j is for %s', (model, kind) => {
    expect(kindOf(model)).toBe(kind);
  });

  it('may be both', () => {
    expect(makesEmbeddings({ name: 'a', capabilities: ['completion', 'embedding'] })).toBe(true);
    expect(makesEmbeddings({ name: 'a', capabilities: ['completion'] })).toBe(false);
  });

  it.each([
    [4_683_075_271, '4.7 GB'],
    [274_302_450, '274 MB'],
    [1_200_000_000_000, '1.2 TB'],
    [12_000, '12 KB'],
  ])('%d bytes are %s', (size, words) => {
    expect(inBytes(size)).toBe(words);
  });
});

describe('what is loaded', () => {
  const body = {
    models: [
      { name: 'mistral:latest', size: 5_137_025_024, size_vram: 5_137_025_024, context_length: 4096 },
      { model: 'a:latest', size: 100, size_vram: 0 },
      { name: 'b', size: 100, size_vram: 52 },
      { name: 'c', size: '', size_vram: -1 },
      null,
      { name: '' },
    ],
  };

  it('is read from /api/ps, whatever is missing in it', () => {
    expect(readLoaded(JSON.stringify(body))).toEqual([
      { name: 'mistral:latest', size: 5_137_025_024, sizeVram: 5_137_025_024, contextLength: 4096 },
      { name: 'a:latest', size: 100, sizeVram: 0 },
      { name: 'b', size: 100, sizeVram: 52 },
      { name: 'c' },
    ]);
    expect(readLoaded('{"models":null}')).toEqual([]);
    expect(readLoaded('404 page not found')).toBeUndefined();
  });

  it('runs where its bytes are', () => {
    expect(readLoaded(JSON.stringify(body))?.map(processorOf)).toEqual([
      'on the GPU',
      'on the CPU',
      '48 % on the CPU and 52 % on the GPU',
      undefined,
    ]);
  });
});
