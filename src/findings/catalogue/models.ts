import type { Group } from '../entry.ts';

/** Codes of the check `models`. */
export const models = {
  'no-models': {
    title: 'Ollama has no models',
    meaning:
      'Ollama answers and its list of models is empty, so applications connect and then have nothing to offer. After `ollama serve` was run by hand, or by another user, that may be the wrong Ollama: each user has a models folder of its own.',
    look: [{ command: 'curl http://127.0.0.1:11434/api/tags', tells: '{"models":[]}' }],
    mend: 'Pull one: `ollama pull llama3.2`. If there should be some, look which user and which OLLAMA_MODELS the running server has.',
    recipes: [],
  },
  'model-missing': {
    title: 'A model that was asked for is not there',
    meaning:
      'Ollama answers, and does not have that model under that name. The tag counts: a name without one means :latest, and llama3 is not llama3:8b.',
    look: [
      { command: 'ollama list', tells: 'the names it has' },
      { command: 'curl http://127.0.0.1:11434/api/tags', tells: 'the same, from a client' },
    ],
    mend: 'Pull it (`ollama pull NAME:TAG`), or give the application the name that is in the list.',
    recipes: [],
  },
} as const satisfies Group;
