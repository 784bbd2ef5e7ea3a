/** A path that does not fit the program that is given it, with the requests that prove it. */
export interface PathFault {
  /** A clause for people: `/v1 is for programs that speak OpenAI’s API`. */
  what: string;
  /** The base URL to give in its place, without a slash at its end. */
  better: string;
  /** What the program asks with the URL it has; anything but 200 proves the fault. */
  asked: URL;
  /** What it asks with the better one; 200 proves that the path alone is at fault. */
  right: URL;
}

/**
 * What is wrong with the path of a client's URL. Programs that speak Ollama's own API put `/api/…` behind it, those that
 * speak OpenAI's `/models` and `/chat/completions` behind one that ends in `/v1` (facts: what each application expects;
 * Ollama's server/routes.go for what it answers).
 *
 * @param api which of them the program speaks, as far as its setting tells; where that is unknown only what is wrong for
 *   both counts
 * @param variable name of the setting: OLLAMA_API_BASE_URL of Open WebUI's first versions ended in `/api`
 */
export function pathFault(
  url: URL,
  api: 'ollama' | 'openai' | 'unknown',
  variable: string,
): PathFault | undefined {
  const { pathname } = url;
  // Whole endpoints (`…/api/generate`) are used as they are.
  if (/\/(?:generate|chat|embed|embeddings|completions|chat\/completions|tags|models)\/?$/u.test(pathname))
    return undefined;
  const single = pathname.replaceAll(/\/{2,}/gu, '/').replace(/\/$/u, '');
  const [, front = '', tail = ''] = /^(.*?)((?:\/(?:api|v1))*)$/u.exec(single) ?? [];
  const speaksOpenAi = api === 'openai' || (api === 'unknown' && tail.endsWith('/v1'));
  const wanted = `${front}${speaksOpenAi ? '/v1' : ''}`;
  const what = faultOf(pathname, tail, api, variable);
  if (what === undefined) return undefined;
  const probe = speaksOpenAi ? '/models' : '/api/version';
  return {
    what,
    better: `${url.origin}${wanted}`,
    asked: new URL(`${url.origin}${pathname.replace(/\/$/u, '')}${probe}`),
    right: new URL(`${url.origin}${wanted}${probe}`),
  };
}

function faultOf(
  pathname: string,
  tail: string,
  api: 'ollama' | 'openai' | 'unknown',
  variable: string,
): string | undefined {
  if (pathname.includes('//')) return 'it has two slashes in a row';
  if (tail.split('/').length > 2) return `${tail} is one too many`;
  if (tail === '/v1' && api === 'ollama')
    return '/v1 is for programs that speak OpenAI’s API, and this one speaks Ollama’s';
  if (tail === '/api') {
    if (api === 'openai') return 'programs that speak OpenAI’s API want /v1';
    const isOllamas = api === 'ollama' || /OLLAMA(?!_API)/iu.test(variable);
    if (isOllamas && !/OLLAMA_API_BASE_URL$/iu.test(variable))
      return 'programs that speak Ollama’s API put /api behind it themselves';
  }
  if (tail === '' && api === 'openai') return 'programs that speak OpenAI’s API want /v1 at its end';
  return undefined;
}
