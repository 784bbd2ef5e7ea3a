/** An application that is known to use Ollama: what it asks when nobody tells it, and where it keeps what it was told. */
export interface Application {
  name: string;
  /** Its image's repository, without tag and digest. */
  image: RegExp;
  /** The variable that sets its URL; absent where it has none. */
  variable?: string;
  /** What it asks when nothing is set. */
  fallback?: string;
  /** True when it is of little use without Ollama, so that its default is what it uses; others may use another service. */
  needsOllama: boolean;
  /** Which API it speaks. */
  speaks: 'ollama' | 'openai';
  /** Where the URL is kept once it was set, when that is not the environment; a sentence with what to do. */
  keeps?: string;
}

/**
 * Applications by their images (facts from each one's documentation and source: Open WebUI `config.py` and `env.py`,
 * AnythingLLM `server/.env.example`, n8n's Ollama credential, Dify's and LobeChat's provider pages, Archon's settings).
 */
const applications: readonly Application[] = [
  {
    name: 'Open WebUI',
    image: /(?:open|ollama)-?webui(?:-slim)?$/iu,
    variable: 'OLLAMA_BASE_URL',
    fallback: 'http://host.docker.internal:11434',
    needsOllama: true,
    speaks: 'ollama',
    keeps:
      'Open WebUI reads its environment at its first start only and keeps the URL in its database: change it in Admin Settings > Connections, or start it with ENABLE_PERSISTENT_CONFIG=false',
  },
  {
    name: 'AnythingLLM',
    image: /anything-?llm$/iu,
    variable: 'OLLAMA_BASE_PATH',
    fallback: 'http://127.0.0.1:11434',
    needsOllama: false,
    speaks: 'ollama',
    keeps:
      'AnythingLLM saves over its environment what is set in the browser: change it in Settings > AI Providers > LLM as well',
  },
  {
    name: 'n8n',
    image: /(?:^|\/)n8n(?:-ai)?$/iu,
    fallback: 'http://localhost:11434',
    needsOllama: false,
    speaks: 'ollama',
    keeps:
      'n8n keeps the URL in its Ollama credential, which no variable changes: set Base URL there (Credentials > Ollama)',
  },
  {
    name: 'Dify',
    image: /(?:^|\/)dify-(?:api|plugin-daemon)$/iu,
    fallback: 'http://host.docker.internal:11434',
    needsOllama: false,
    speaks: 'ollama',
    keeps:
      'Dify keeps the URL in its database: set Base URL in Settings > Model Provider > Ollama, for each model',
  },
  {
    name: 'LobeChat',
    image: /(?:^|\/)lobe-?(?:chat|hub)(?:-database)?$/iu,
    variable: 'OLLAMA_PROXY_URL',
    fallback: 'http://127.0.0.1:11434',
    needsOllama: false,
    speaks: 'ollama',
    keeps:
      'LobeChat lets each user set an address of their own (Settings > AI Service Provider > Ollama), which counts before the variable',
  },
  {
    name: 'Archon',
    image: /(?:^|\/)archon(?:-(?:server|agents))?$/iu,
    variable: 'LLM_BASE_URL',
    fallback: 'http://host.docker.internal:11434/v1',
    needsOllama: false,
    speaks: 'openai',
    keeps: 'Archon keeps the URL in its database, which counts before the variable: change it in Settings',
  },
  {
    name: 'Flowise',
    image: /(?:^|\/)flowise$/iu,
    fallback: 'http://localhost:11434',
    needsOllama: false,
    speaks: 'ollama',
    keeps: 'Flowise keeps the URL in the flow: set Base URL in its Ollama node',
  },
  {
    name: 'Langflow',
    image: /(?:^|\/)langflow$/iu,
    fallback: 'http://localhost:11434',
    needsOllama: false,
    speaks: 'ollama',
    keeps: 'Langflow keeps the URL in the flow: set Base URL in its Ollama component',
  },
  {
    name: 'Perplexica',
    image: /(?:^|\/)(?:perplexica|vane)(?:-backend)?$/iu,
    variable: 'OLLAMA_BASE_URL',
    fallback: 'http://host.docker.internal:11434',
    needsOllama: false,
    speaks: 'ollama',
    keeps:
      'Perplexica keeps the URL in its settings once they were saved: change it there (older ones: config.toml, [MODELS.OLLAMA])',
  },
  {
    name: 'bolt.diy',
    image: /(?:^|\/)bolt[.-](?:diy|ai)(?:-production)?$/iu,
    variable: 'OLLAMA_API_BASE_URL',
    fallback: 'http://127.0.0.1:11434',
    needsOllama: false,
    speaks: 'ollama',
  },
  {
    name: 'paperless-ai',
    image: /(?:^|\/)paperless-ai$/iu,
    variable: 'OLLAMA_API_URL',
    fallback: 'http://localhost:11434',
    needsOllama: false,
    speaks: 'ollama',
    keeps: 'paperless-ai keeps the URL in its own .env once its setup page was saved: change it there',
  },
  {
    name: 'Chatbot Ollama',
    image: /(?:^|\/)chatbot-ollama$/iu,
    variable: 'OLLAMA_HOST',
    fallback: 'http://127.0.0.1:11434',
    needsOllama: true,
    speaks: 'ollama',
  },
];

/**
 * The application an image holds, by the repository it comes from.
 *
 * @param image `ghcr.io/open-webui/open-webui:main`, also with a digest
 */
export function applicationOf(image: string): Application | undefined {
  const repository = image.replace(/@.*$/u, '').replace(/:[^/:]*$/u, '');
  return applications.find((one) => one.image.test(repository));
}
