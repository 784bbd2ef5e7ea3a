import type { HttpTrouble } from '../facts/api.ts';
import type { HttpResult } from '../machine/machine.ts';
import type { Evidence } from '../report/schema.ts';
import { isHtml, pageTitle, readError, readModels } from './bodies.ts';

export type Response = Extract<HttpResult, { outcome: 'answered' }>;

/** The proxy or web server that signed a response; Ollama itself sends no Server header. */
export function proxyOf(response: Response): string | undefined {
  const { headers } = response;
  const server = headers['server']?.trim();
  if (server) return printable(server);
  if (headers['cf-ray'] !== undefined) return 'cloudflare';
  if (headers['x-squid-error'] !== undefined) return 'squid';
  const via = headers['via']?.trim();
  return via ? printable(via) : undefined;
}

/** What answered, in words: `a web page (Server: nginx)`, `nginx, which wants credentials (401)`. */
export function describeResponse(response: Response): string {
  const { status } = response;
  const proxy = proxyOf(response);
  const who = proxy ?? 'the server';
  const location = redirectTarget(response);
  const error = readError(response.body);
  switch (troubleOf(response)) {
    case 'credentials':
      return `${proxy ?? 'a proxy'} wants credentials (${status})`;
    case 'redirect':
      return `${who} redirects to ${printable(location ?? 'nowhere')} (${status})`;
    case 'refused':
      return response.body === ''
        ? `${proxy ?? 'a proxy or another server'}, or Ollama behind it, refuses the request (403 with an empty body)`
        : `${who} refuses the request (403); this is not Ollama's own 403`;
    case 'gateway':
      return status === 503
        ? `${who} says that the service behind it is unavailable (503)`
        : `${proxy ?? 'a proxy'} got no answer from the server behind it (${status})`;
    case 'ollama':
    case 'unknown':
      break;
  }
  if (error !== undefined)
    return status >= 400 ? `HTTP ${status}: ${printable(error)}` : `an error: ${printable(error)}`;
  const title = pageTitle(response.body);
  const encoding = response.headers['content-encoding'];
  const details = [
    ...(title ? [`"${printable(title)}"`] : []),
    ...(proxy ? [`Server: ${proxy}`] : []),
    ...(encoding ? [`encoded as ${printable(encoding)}, which was not asked for`] : []),
  ];
  const suffix = details.length > 0 ? ` (${details.join(', ')})` : '';
  if (isHtml(response.body, response.headers['content-type'])) return `a web page${suffix}`;
  if (status >= 500) return `a web server that fails at the request (HTTP ${status})${suffix}`;
  if (status === 404 || status === 410) return `a web server without this page (HTTP ${status})${suffix}`;
  if (status >= 400) return `a web server that turns the request down (HTTP ${status})${suffix}`;
  return `something that answers, and not as Ollama does${suffix}`;
}

/** The body of an answer, or what stands in its place: `an empty body`, one line of at most 160 characters. */
export function excerptOf({ body }: Response): string {
  return body === '' ? 'an empty body' : printable(body);
}

/** Whose trouble an HTTP status is. A 503 with Ollama's own error is its full queue (server/sched.go, ErrMaxQueue). */
export function troubleOf(response: Response): HttpTrouble {
  const { status } = response;
  const location = redirectTarget(response);
  if (status === 401 || status === 407) return 'credentials';
  if (isRedirect(status)) return wantsLogin(location) ? 'credentials' : 'redirect';
  if (status === 403) return 'refused';
  if (status === 502 || status === 504) return 'gateway';
  const error = readError(response.body);
  if (status === 503 && error === undefined) return 'gateway';
  return status >= 400 && error !== undefined && proxyOf(response) === undefined ? 'ollama' : 'unknown';
}

/** Where a redirect leads; what stands after the path may be a session's key. */
function redirectTarget(response: Response): string | undefined {
  return response.headers['location']?.replace(/[?#].*$/u, '');
}

/** One request and its outcome as a row of evidence. */
export function asEvidence(url: string, result: HttpResult, note?: string): Evidence {
  const via = result.outcome !== 'not-recorded' && result.via !== undefined ? `${result.via}: ` : '';
  return { source: `${via}GET ${url}${note ? ` (${note})` : ''}`, text: outcomeInWords(result) };
}

function outcomeInWords(result: HttpResult): string {
  if (result.outcome === 'not-recorded') return 'not recorded';
  if (result.outcome !== 'answered') {
    const at = result.address === undefined ? '' : ` at ${result.address}`;
    return `${result.outcome}${at} after ${Math.round(result.elapsedMs)} ms: ${printable(result.detail)}`;
  }
  const proxy = proxyOf(result);
  const signed = proxy === undefined ? '' : `, Server: ${proxy}`;
  return `${result.status}${signed}: ${bodyInWords(result)}`;
}

function bodyInWords(response: Response): string {
  const { body } = response;
  if (body === '') return 'an empty body';
  const models = response.status === 200 && body.includes('"models"') ? readModels(body) : undefined;
  if (models !== undefined) {
    const names = models.slice(0, 3).map((model) => model.name);
    const more = models.length > 3 ? ', …' : '';
    return `${models.length} ${models.length === 1 ? 'model' : 'models'}${names.length > 0 ? `: ${printable(names.join(', '))}${more}` : ''}`;
  }
  if (isHtml(body, response.headers['content-type'])) {
    const title = pageTitle(body);
    return title === undefined ? 'a web page' : `a web page titled "${title}"`;
  }
  return printable(body);
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

function wantsLogin(location: string | undefined): boolean {
  return location !== undefined && /log-?in|sign-?in|auth|sso|saml|oauth/iu.test(location);
}

/** One line of what a server sent, safe to print: no control characters, at most 160 characters. */
function printable(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
