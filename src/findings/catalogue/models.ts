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
    recipes: ['pull-model'],
  },
  'generate-failed': {
    title: 'A model does not answer',
    meaning:
      'Ollama is reached, and the model that was tried (--generate) ends with an error: memory that is not there, a runner that crashes, a file that is damaged. Connections are fine; every application will get the same error.',
    look: [
      {
        command:
          'curl http://127.0.0.1:11434/api/generate -d \'{"model":"NAME","prompt":"hi","stream":false}\'',
        tells: 'the same error',
      },
      { on: 'linux', command: 'journalctl -u ollama -n 100', tells: 'what the runner said before it ended' },
    ],
    mend: 'Take a smaller model or quantization when memory is short, pull it again when its file is damaged, update Ollama when it does not know the architecture.',
    recipes: [],
  },
  'generate-slow': {
    title: 'A model answers too late',
    meaning:
      'Ollama is reached, and the first token comes after longer than applications wait, or did not come in time at all. Loading a large model from disk takes as long as reading it, and one that does not fit into the graphics card computes on the CPU. It is not the network: "connected, and then it times out" is this.',
    look: [
      { command: 'ollama ps', tells: 'whether it is loaded, and how much of it is on the GPU' },
      { command: 'ollama run NAME hi --verbose', tells: 'load duration and eval rate' },
    ],
    mend: 'Raise the timeout of the application, keep the model loaded (OLLAMA_KEEP_ALIVE), or take one that fits into the graphics card.',
    recipes: [],
  },
  'stream-buffered': {
    title: 'A proxy holds answers back',
    meaning:
      'The tokens were made one after the other, and arrived all at once: a proxy in front of Ollama collects the answer before it passes it on. Applications show nothing for a long while, and time out on long answers.',
    look: [
      {
        command: 'curl -N http://NAME/api/generate -d \'{"model":"MODEL","prompt":"count to 20"}\'',
        tells: 'lines that come all at once, and one by one when Ollama itself is asked',
      },
    ],
    mend: 'Switch buffering off in the proxy (nginx: `proxy_buffering off;`, Caddy: `flush_interval -1`) and raise its read timeout.',
    recipes: [],
  },
} as const satisfies Group;
