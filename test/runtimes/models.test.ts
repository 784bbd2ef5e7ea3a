import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptModelArguments, keptModelSettings, namedModels } from '../../src/runtimes/containers/models.ts';

const named = (env: string[], argv: string[] = [], asks = false): string[] =>
  namedModels(env, argv, asks).map(
    ({ setting, model, embedding }) => `${setting}=${model ?? '?'}${embedding ? ' (embedding)' : ''}`,
  );

describe('models that a container names', () => {
  it.each<[string[], string[]]>([
    [['OLLAMA_MODEL=llama3.2'], ['OLLAMA_MODEL=llama3.2']],
    [['OLLAMA_MODEL_PREF=llama3:8b'], ['OLLAMA_MODEL_PREF=llama3:8b']],
    [['OLLAMA_EMBEDDING_MODEL=nomic-embed-text'], ['OLLAMA_EMBEDDING_MODEL=nomic-embed-text (embedding)']],
    [['MY_OLLAMA_CHAT_MODEL=a/b:c'], ['MY_OLLAMA_CHAT_MODEL=a/b:c']],
    // The server's own folder, which is no model.
    [['OLLAMA_MODELS=/data/models'], []],
    // Of another provider, or nobody knows of which.
    [['LLM_MODEL=gpt-4o'], []],
    [['EMBEDDING_MODEL=text-embedding-3-small', 'OLLAMA_BASE_URL=http://h:11434'], []],
    [['RAG_EMBEDDING_MODEL=sentence-transformers/all-MiniLM-L6-v2'], []],
    [['LLM_PROVIDER=openai', 'LLM_MODEL=gpt-4o'], []],
    [['LLM_PROVIDER=ollama', 'LLM_MODEL=qwen3'], ['LLM_MODEL=qwen3']],
    [['LLM_PROVIDER=ollama', 'EMBEDDING_PROVIDER=openai', 'EMBEDDING_MODEL=text-embedding-3-small'], []],
    [
      ['EMBEDDING_ENGINE=ollama', 'EMBEDDING_MODEL_PREF=nomic-embed-text:latest'],
      ['EMBEDDING_MODEL_PREF=nomic-embed-text:latest (embedding)'],
    ],
    [['RAG_EMBEDDING_ENGINE=ollama'], ['RAG_EMBEDDING_ENGINE=? (embedding)']],
    [['LLM_MODEL=ollama/llama3'], ['LLM_MODEL=llama3']],
    [['MODEL=ollama_chat/qwen3:4b'], ['MODEL=qwen3:4b']],
    [['OLLAMA_MODEL=llama3,mistral'], ['OLLAMA_MODEL=llama3', 'OLLAMA_MODEL=mistral']],
    [['OLLAMA_MODEL='], []],
    [['OLLAMA_MODEL=${MODEL}'], []],
    [['OLLAMA_API_KEY=sk-secret'], []],
  ])('%j: %j', (env, expected) => {
    expect(named(env)).toEqual(expected);
  });

  it('counts flags where the command line asks an Ollama', () => {
    expect(named([], ['app', '--model', 'llama3'], true)).toEqual(['--model=llama3']);
    expect(named([], ['app', '--model', 'llama3'])).toEqual([]);
    expect(named([], ['app', '--ollama-embed-model=nomic-embed-text'])).toEqual([
      '--ollama-embed-model=nomic-embed-text (embedding)',
    ]);
    expect(named([], ['app', '--model=ollama/llama3'])).toEqual(['--model=llama3']);
  });

  it('keeps of an environment and of arguments only what it reads, and reads the same of that', () => {
    const word = fc.constantFrom(
      'OLLAMA',
      'LLM',
      'MODEL',
      'EMBEDDING',
      'PROVIDER',
      'ENGINE',
      'KEY',
      'CHAT',
      'NAME',
    );
    const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('_'));
    const value = fc.oneof(
      fc.constantFrom('ollama', 'llama3:8b', 'ollama/a', 'sk-1 2', 'a,b', ''),
      fc.string(),
    );
    const line = fc.tuple(name, value).map(([one, two]) => `${one}=${two}`);
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 6 }),
        fc.array(fc.oneof(line, fc.constant('--model')), { maxLength: 5 }),
        (env, argv) => {
          const kept = namedModels(keptModelSettings(env), keptModelArguments(argv), true);
          expect(kept).toEqual(namedModels(env, argv, true));
          for (const one of keptModelSettings(env)) expect(one).not.toMatch(/KEY=|\s\S+\s/u);
        },
      ),
      { numRuns: 100 },
    );
  });
});
