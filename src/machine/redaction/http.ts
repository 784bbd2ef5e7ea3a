import type { HttpRequest, HttpResult } from '../machine.ts';
import { keptLog } from '../../runtimes/clients/log.ts';
import { keptOfAnswer } from '../../runtimes/docker/kept.ts';
import { splitStreams } from '../../runtimes/docker/stream.ts';
import { pick } from './json.ts';
import type { Shape } from './json.ts';
import { cutCredentials } from './urls.ts';

type Answered = Extract<HttpResult, { outcome: 'answered' }>;

/** Headers that tell who answered, and why it did not. All others (cookies, tokens) go. */
const keptHeaders =
  /^(?:content-(?:type|length|encoding)|transfer-encoding|date|server|via|location|allow|retry-after|www-authenticate|proxy-(?:authenticate|connection|agent)|x-squid-error|x-cache|x-powered-by|cf-ray|access-control-[\w-]+|api-version|libpod-api-version|docker-experimental|ostype)$/u;

/** Of a page that is no JSON, enough to tell what it is. */
const keptCharacters = 4096;

/** /api/show holds prompts and licences. */
const shownModel = {
  details: true,
  capabilities: true,
  model_info: true,
  modified_at: true,
  error: true,
} as const;

/** Paths of a container engine's API, for one that is asked over TCP. */
const enginePath =
  /^(?:\/v\d[\d.]*)?(?:\/libpod)?\/(?:containers|exec|images|networks|volumes|info|version|_ping)(?:\/|$)/u;

/** An answer without what may be secret in it: by path for container engines and Ollama, cut short for anything else. */
export function redactAnswer(asked: HttpRequest, answer: Answered): Answered {
  const headers = Object.entries(answer.headers)
    .filter(([name]) => keptHeaders.test(name))
    .map(([name, value]): [string, string] => [
      name,
      name === 'location' ? cutQuery(value) : cutCredentials(value),
    ]);
  const isBase64 = asked.bodyAs === 'base64';
  const text = isBase64 ? Buffer.from(answer.body, 'base64').toString('utf8') : answer.body;
  const kept = redactBody(asked, answer, text, isBase64);
  const body = isBase64 ? Buffer.from(kept).toString('base64') : kept;
  return { ...answer, headers: Object.fromEntries(headers), body };
}

function redactBody(asked: HttpRequest, answer: Answered, text: string, isBase64: boolean): string {
  const path = URL.canParse(asked.url) ? new URL(asked.url).pathname : '';
  const kept = keptOfAnswer(path, text);
  if (answer.status < 400 && kept !== undefined) return cutCredentials(kept);
  if (asked.socketPath !== undefined || enginePath.test(path)) {
    // An exec's output, a tar of a container's files: read by nobody but the one who asked for it.
    if (isBase64 && answer.status < 400 && /\/containers\/[^/]+\/logs$/u.test(path)) {
      const { stdout, stderr } = splitStreams(Buffer.from(answer.body, 'base64'));
      return keptLog(`${stdout.toString('utf8')}\n${stderr.toString('utf8')}`);
    }
    const isStream = /\/(?:exec|archive|attach|logs|export)(?:\/|$)/u.test(path);
    return isStream && answer.status < 400 ? '' : pickJson(text, { message: true, cause: true });
  }
  if (path.endsWith('/api/show')) return pickJson(text, shownModel);
  const parsed = parse(text);
  if (parsed !== undefined) return cutCredentials(text);
  return cutCredentials(text.slice(0, keptCharacters));
}

function pickJson(text: string, shape: Shape): string {
  const parsed = parse(text);
  // Not JSON (a proxy's page, an answer cut off): enough of it to be recognised.
  if (parsed === undefined) return /^\s*[[{]/u.test(text) ? '' : cutCredentials(text.slice(0, 200));
  return cutCredentials(JSON.stringify(pick(parsed.value, shape)) ?? '');
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** What stands after a redirect's path may be a session's key. */
function cutQuery(location: string): string {
  return cutCredentials(location).replace(/[?#].*$/u, '');
}
