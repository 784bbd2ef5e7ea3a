import { type ComposeFinding, finding } from './finding.ts';
import { setTo } from './suggest.ts';
import type { Use } from './uses.ts';

/** Variables whose applications put `/api/…` behind them (facts: Open WebUI, Perplexica, open-notebook, LiteLLM). */
const native = /^OLLAMA_BASE_URLS?$|^OLLAMA_BASE_PATH$|^OLLAMA_PROXY_URL$|^RAG_OLLAMA_BASE_URL$/u;
/** An argument that names an Ollama: `--ollama-url`. */
const flag = /^--?(?:[\w-]*[-_])?ollama(?:[-_](?:base[-_])?(?:url|host|base|endpoint))?$/iu;
/** Variables of the OpenAI libraries, which put `/chat/completions` behind them. */
const openAi = /^OPENAI_(?:API_)?BASE(?:_URLS?)?$/u;

/** Paths that the kind of client does not want, or misses. Where applications differ it is a warning at most. */
export function judgePath(use: Use): ComposeFinding[] {
  const { name, url, value } = use;
  if (!url) return [];
  const path = url.pathname.replace(/\/+$/u, '');
  if (path.includes('//')) {
    const to = value.replace(/(?<!:)\/{2,}/gu, '/');
    return [finding(use, 'url-path', `${name}=${value}: two slashes in its path`, setTo(use, to))];
  }
  if (openAi.test(name) && url.port === '11434') {
    if (path === '/v1') return [];
    if (path !== '' && path !== '/api') return [];
    const to = `${withoutPath(value)}/v1`;
    return [
      finding(
        use,
        'url-path',
        `${name}=${value}: a client of the OpenAI API wants /v1 at its end`,
        setTo(use, to),
      ),
    ];
  }
  // Nobody but Open WebUI's OLLAMA_API_BASE_URL wants /api, and that is no argument.
  if (flag.test(name) && path === '/api')
    return [
      {
        ...finding(
          use,
          'url-path',
          `${name}=${value}: a client of Ollama adds /api itself, and nearly all do`,
          setTo(use, withoutPath(value)),
        ),
        status: 'warn',
      },
    ];
  if (!native.test(name)) return [];
  if (path === '/v1' || /^\/api(?:\/|$)/u.test(path))
    return [
      finding(
        use,
        'url-path',
        `${name}=${value}: the program adds /api itself, and ${path} is once too often`,
        setTo(use, withoutPath(value)),
      ),
    ];
  return [];
}

/** The value up to the end of its host and port: the slashes of a scheme are no path, also where nothing follows the host. */
function withoutPath(value: string): string {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/]*/isu.exec(value)?.[0] ?? value;
}
