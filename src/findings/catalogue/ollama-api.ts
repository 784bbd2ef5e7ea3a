import type { Group } from '../entry.ts';

/** Codes of the check `ollama-api`: whether it is Ollama that answers, and how. */
export const ollamaApi = {
  'not-ollama': {
    title: 'What answers there is not Ollama',
    meaning:
      'Something accepts connections at that address and answers, but not as Ollama does: a web page, a proxy, another model server. Clients then fail with errors that make no sense, such as "invalid character \'<\'".',
    look: [
      { command: 'curl -i http://127.0.0.1:11434/', tells: 'anything but the words: Ollama is running' },
      { command: 'curl http://127.0.0.1:11434/api/version', tells: 'no {"version":"…"}' },
    ],
    mend: 'Find out who holds the port (see port-conflict), and point the client at the real Ollama. Behind a reverse proxy, check the name and path it forwards.',
    recipes: [],
  },
  'forbidden-host': {
    title: 'Ollama refuses the host name it is asked by',
    meaning:
      'While it listens on loopback, Ollama answers 403 with an empty body to requests whose Host header is a name it does not know. It takes addresses of the host, localhost, and names that end in .localhost, .local or .internal. A name of your own, a tunnel or a reverse proxy in front is not among them.',
    look: [
      { command: 'curl -i http://NAME:11434/api/version', tells: '403 and no body' },
      {
        command: 'curl -i -H "Host: localhost" http://NAME:11434/api/version',
        tells: '200: so it is the name',
      },
    ],
    mend: 'Have the proxy send `Host: localhost:11434` (nginx: `proxy_set_header Host localhost:11434;`), or use a name that Ollama takes. Once Ollama listens beyond loopback it takes any name.',
    recipes: [],
  },
  'forbidden-origin': {
    title: 'Ollama refuses the web page that asks',
    meaning:
      'A browser says which page a request comes from, and Ollama answers 403 to pages it was not told of. Only requests with an Origin header are affected, so curl and programs work while the page does not.',
    look: [
      {
        command: 'curl -i -H "Origin: http://PAGE" http://127.0.0.1:11434/api/version',
        tells: '403; without the header 200',
      },
    ],
    mend: 'Add the page to OLLAMA_ORIGINS of the service, with its scheme and without spaces after commas (`OLLAMA_ORIGINS=http://192.168.1.5:3000`), and restart. An entry without a scheme makes Ollama crash at start. With `--origin http://PAGE --fix` the doctor adds exactly that page.',
    recipes: ['allow-origin'],
  },
  'version-mismatch': {
    title: 'Ollama is not of the version that was asked for',
    meaning:
      'Ollama answers, and its version is outside of the range of --require-version. Older servers lack endpoints that newer clients use, and the other way round.',
    look: [
      { command: 'curl http://127.0.0.1:11434/api/version', tells: 'the version of the server that answers' },
      { command: 'ollama --version', tells: "the program's own version beside it, where the two differ" },
    ],
    mend: 'Install the version that is wanted (https://ollama.com/download; install.sh takes OLLAMA_VERSION=…) and restart the server: an updated program does not replace one that runs.',
    recipes: [],
  },
  'api-error': {
    title: "No proper answer from Ollama's address",
    meaning:
      'A plain question such as /api/version got no proper answer. Mostly it is an HTTP error: then it is not the network, and the server, or a proxy in front of it, has a problem of its own. It may also be that the address that was given leads nowhere: a name that is not known here, or a port that nobody takes connections on.',
    look: [
      {
        command: 'curl -i http://127.0.0.1:11434/api/version',
        tells: 'the status, and who signs the answer (Server:)',
      },
      { on: 'linux', command: 'journalctl -u ollama -n 50', tells: 'the error seen from inside' },
    ],
    mend: 'Read what the answer and the log say. 503 with "server busy" is a full queue; 502 or 504 with a web page comes from a proxy that cannot reach Ollama itself.',
    recipes: [],
  },
  'api-timeout': {
    title: "Ollama's address does not answer in time",
    meaning:
      'Not even /api/version is answered in time. Where the connection was accepted, the network is fine: the server hangs, is starved of memory, or something that only looks like it holds the port. Where not even the connection came about, its packets are lost on the way: a firewall that drops them, or an address that nobody has.',
    look: [
      {
        command: 'curl -v -m 5 http://127.0.0.1:11434/api/version',
        tells: 'with -v, whether it connected before it timed out',
      },
      {
        on: 'linux',
        command: 'systemctl status ollama; journalctl -u ollama -n 50',
        tells: 'its state, and the last thing it did',
      },
    ],
    mend: 'Restart Ollama, and look at the memory of the host. If only long generations time out, raise the timeout of the client: that is no fault of the server.',
    recipes: [],
  },
} as const satisfies Group;
