import type { KnownError, Suspicion } from './known-error.ts';

const silence: Suspicion = {
  meaning: 'The application waited for Ollama and gave up.',
  codes: ['firewall-drop', 'bind-loopback', 'api-timeout'],
};

const silenceOfHost: Suspicion = {
  meaning:
    'The application, in a container, waited for Ollama on the host and gave up: a firewall that drops its packets very often. What Ollama listens on shows only once that is mended.',
  codes: ['firewall-drop', 'bind-loopback', 'api-timeout'],
};

const silenceAt = { host: silenceOfHost, bridge: silenceOfHost } as const;

/** What applications make of it: the reason, where there is one, is in a line nearby. */
export const applications: readonly KnownError[] = [
  {
    id: 'archon-not-running',
    says: [['local ollama service is not running']],
    sample:
      'Local Ollama service is not running. Start the Ollama server and ensure it is reachable at the configured URL.',
    telling: 'wrapper',
    meaning:
      'The application could not reach Ollama at the URL it was given, whatever the reason: Ollama may well be running.',
    codes: ['bind-loopback', 'firewall-drop', 'url-localhost', 'not-running'],
    next: 'container',
    source: 'coleam00/Archon archon-ui-main/src/components/settings/RAGSettings.tsx',
  },
  {
    id: 'archon-health-timeout',
    says: [['health check timeout for http']],
    sample: 'WARNING | Health check timeout for http://host.docker.internal:11434',
    telling: 'wrapper',
    ...silence,
    at: silenceAt,
    next: 'container',
    source: 'coleam00/Archon python/src/server/services/ollama/model_discovery_service.py',
  },
  {
    id: 'archon-discovery-timeout',
    says: [['timeout discovering models from']],
    sample: 'ERROR | Timeout discovering models from http://host.docker.internal:11434',
    telling: 'wrapper',
    ...silence,
    at: silenceAt,
    next: 'container',
    source: 'coleam00/Archon python/src/server/services/ollama/model_discovery_service.py',
  },
  {
    id: 'archon-instance-timeout',
    says: [['timeout connecting to ollama instance']],
    sample: 'Failed to discover models: Timeout connecting to Ollama instance',
    telling: 'wrapper',
    ...silence,
    at: silenceAt,
    next: 'container',
    source: 'coleam00/Archon python/src/server/services/ollama/model_discovery_service.py',
  },
  {
    id: 'stigmer-attempts-failed',
    says: [['executegraphton failed', 'all connection attempts failed']],
    sample: 'ExecuteGraphton failed: All connection attempts failed',
    telling: 'wrapper',
    meaning:
      'The agent runner, in a container, could not connect to any address of the Ollama it was given: refused, or no way there.',
    codes: ['bind-loopback', 'url-localhost', 'not-running', 'dns-wrong-address'],
    next: 'container',
    source: 'stigmer/stigmer backend/services/agent-runner (execute_graphton)',
  },
  {
    id: 'httpx-attempts-failed',
    says: [['all connection attempts failed']],
    sample: 'httpx.ConnectError: All connection attempts failed',
    telling: 'wrapper',
    meaning:
      'A Python program could not connect to any address of the name in its URL: each was refused, or there was no way.',
    codes: ['bind-loopback', 'url-localhost', 'not-running'],
    at: {
      loopback: {
        meaning:
          'A Python program asked the machine it runs on; inside a container that is the container itself.',
        codes: ['url-localhost', 'not-running'],
      },
    },
    next: 'container',
    source: 'agronholm/anyio src/anyio/_core/_sockets.py (connect_tcp)',
  },
  {
    id: 'ollama-cli',
    says: [
      ['could not connect to ollama server'],
      ['could not connect to ollama app'],
      ['could not connect to a running ollama instance'],
      ['ollama server not responding'],
    ],
    sample: "Error: could not connect to ollama server, run 'ollama serve' to start it",
    telling: 'symptom',
    meaning: "Ollama's own command got no answer at the address in its OLLAMA_HOST.",
    codes: ['not-running', 'crash-loop', 'bind-wrong-port'],
    next: 'host',
    source: 'ollama/ollama#9145',
  },
  {
    id: 'ollama-python',
    says: [['failed to connect to ollama. please check that ollama is downloaded']],
    sample:
      'ConnectionError: Failed to connect to Ollama. Please check that Ollama is downloaded, running and accessible. https://ollama.com/download',
    telling: 'wrapper',
    meaning:
      "Ollama's Python client could not connect; without a host of its own it asks 127.0.0.1, which inside a container is the container itself.",
    codes: ['url-localhost', 'not-running', 'bind-loopback'],
    next: 'container',
    source: 'ollama/ollama-python ollama/_client.py',
  },
  {
    id: 'chatollama-unable',
    says: [['unable to establish a connection with', '11434']],
    sample:
      'ChatOllama is unable to establish a connection with http://host.docker.internal:11434, please check:',
    telling: 'wrapper',
    meaning: 'The application could not reach Ollama at this URL, whatever the reason.',
    codes: ['bind-loopback', 'dns-missing', 'firewall-drop', 'not-running'],
    next: 'container',
    source: 'sugarforever/chat-ollama#438',
  },
  {
    id: 'application-cannot-connect',
    says: [
      ["couldn't connect to ollama"],
      ['could not connect to ollama'],
      ['error connecting to ollama api'],
      ['cannot connect to ollama'],
      ['failed to connect to ollama'],
      ['cannot connect to host', ':11434'],
      ['server connection failed', 'ollama'],
    ],
    sample: "Couldn't connect to Ollama at http://127.0.0.1:11434",
    telling: 'wrapper',
    meaning: 'The application could not reach Ollama, whatever the reason.',
    codes: ['bind-loopback', 'url-localhost', 'not-running', 'firewall-drop'],
    at: {
      loopback: {
        meaning:
          'The application asked the machine it runs on. Inside a container that is the container itself, where no Ollama runs.',
        codes: ['url-localhost', 'not-running'],
      },
    },
    next: 'container',
    source: 'wandb/openui#215',
  },
  {
    id: 'n8n-credentials',
    says: [["couldn't connect with these settings"], ['couldn’t connect with these settings']],
    sample: "Couldn't connect with these settings",
    telling: 'wrapper',
    meaning:
      'n8n could not use the base URL of a credential; what stands behind it is the reason. If it is the one of Ollama: in a container, localhost is the container itself.',
    codes: ['url-localhost', 'bind-loopback', 'firewall-drop', 'not-running'],
    next: 'container',
    source: 'n8n-io/n8n#14018',
  },
  {
    id: 'anythingllm-stream',
    says: [['streaming - could not stream chat']],
    sample: 'llama:streaming - could not stream chat. Error: connect failed',
    telling: 'wrapper',
    meaning:
      'AnythingLLM got no answer of its model server; the reason stands behind it. In a container, localhost is the container itself.',
    codes: ['url-localhost', 'bind-loopback', 'not-running', 'api-error'],
    next: 'container',
    source: 'Mintplex-Labs/anything-llm#1208',
  },
  {
    id: 'models-not-fetched',
    says: [
      ['could not fetch models from ollama'],
      ['failed to fetch models from ollama'],
      ['could not fetch ollama models'],
    ],
    sample: 'Could not fetch models from Ollama API endpoint',
    telling: 'wrapper',
    meaning:
      'The application could not read the list of models at the URL it was given, whatever the reason: no connection, a path too much, or an answer that is none.',
    codes: ['url-localhost', 'bind-loopback', 'url-path', 'firewall-drop'],
    next: 'container',
    source: 'danny-avila/LibreChat#5480',
  },
  {
    id: 'max-retries',
    says: [['max retries exceeded with url']],
    sample: "HTTPConnectionPool(host='127.0.0.1', port=11434): Max retries exceeded with url: /api/chat",
    telling: 'wrapper',
    meaning: 'A Python program gave up; the reason stands behind "Caused by".',
    codes: ['reach-refused', 'bind-loopback', 'url-localhost'],
    at: {
      loopback: {
        meaning:
          'A Python program asked the machine it runs on; inside a container that is the container itself.',
        codes: ['url-localhost', 'not-running'],
      },
    },
    next: 'container',
    source: 'ollama/ollama#3200',
  },
  {
    id: 'aggregate-error',
    says: [['aggregateerror']],
    sample: 'AggregateError',
    telling: 'wrapper',
    meaning:
      'Node tried every address of a name, IPv6 and IPv4, and none took it; which ones stands in the lines below. For localhost that is the machine itself, in a container the container.',
    codes: ['url-localhost', 'not-running', 'bind-loopback'],
    next: 'container',
    source: 'nodejs/node lib/net.js (autoSelectFamily)',
  },
  {
    id: 'fetch-failed',
    says: [['fetch failed'], ['failed to fetch'], ['networkerror when attempting to fetch']],
    sample: 'TypeError: fetch failed',
    telling: 'wrapper',
    meaning:
      'A JavaScript program could not fetch; the reason is in its "cause", in a line nearby (ECONNREFUSED, ENOTFOUND, ETIMEDOUT).',
    codes: ['url-localhost', 'bind-loopback', 'dns-missing', 'firewall-drop'],
    next: 'container',
    source: 'ivanfioravanti/chatbot-ollama#21',
  },
  {
    id: 'open-webui-connection',
    says: [['server connection error'], ['server connection failed']],
    sample: 'Open WebUI: Server Connection Error',
    telling: 'wrapper',
    meaning:
      "Open WebUI's server could not get an answer of the Ollama that it was given, whatever the reason; its own log has that.",
    codes: ['url-localhost', 'bind-loopback', 'firewall-drop', 'not-running'],
    next: 'container',
    source: 'ollama/ollama#1584',
  },
];
