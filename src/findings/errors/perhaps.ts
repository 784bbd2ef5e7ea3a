import type { KnownError } from './known-error.ts';

/** Messages in words that Ollama has as well, in lines that say nothing of Ollama: other programs print the same. */
export const perhapsOllama: readonly KnownError[] = [
  {
    id: 'some-model-missing',
    says: [
      ["model '", "' not found"],
      ['model \\"', '\\" not found'],
      ['model "', '" not found'],
    ],
    sample: "model 'x' not found",
    telling: 'wrapper',
    meaning:
      'Perhaps not about Ollama: libraries for databases say the same of their own models. If Ollama said it, it was reached, and does not have that model under that name.',
    codes: ['model-missing'],
    next: 'model',
    source: 'ollama/ollama server/routes.go (model not found)',
  },
  {
    id: 'some-page-not-found',
    says: [['404 page not found']],
    sample: '404 page not found',
    telling: 'wrapper',
    meaning:
      'Perhaps not about Ollama: these are the words of many servers written in Go. If it is, it was reached and has no such path: /api or /v1 is missing, or there once too often.',
    codes: ['url-path', 'not-ollama'],
    next: 'container',
    source: 'Go src/net/http/server.go (NotFound)',
  },
];
