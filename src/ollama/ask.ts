import type { ApiAnswer, Asked } from '../facts/api.ts';
import type { Evidence } from '../report/schema.ts';
import type { HttpResult, Machine } from '../machine/machine.ts';
import { readModels, readVersion } from './bodies.ts';
import { lookAlike, looksImitated } from './look-alikes.ts';
import { asEvidence, describeResponse, excerptOf, proxyOf, troubleOf } from './describe-response.ts';
import type { Response } from './describe-response.ts';

export interface AskOptions {
  /** For each request, in milliseconds; the default is the machine's (3500). */
  timeoutMs?: number;
  /** A forward proxy to ask through (`http://proxy:3128`). */
  proxy?: string;
  /** The page's origin, to ask as a browser would: Ollama answers 403 to origins it does not know. */
  origin?: string;
  /** Whether the user's own headers (OLLAMA_DOCTOR_HEADER) go with it: from the host alone. */
  ownHeaders?: boolean;
}

/** /api/tags of 10,000 models is about 5 MB. */
const maxBytesOfTags = 8 * 1024 * 1024;
const maxBytes = 64 * 1024;

/**
 * Asks who answers at a base URL, as an Ollama client asks. A real Ollama costs two requests (`/api/version` and
 * `/api/tags`), an unreachable one a single request; only something else is asked more.
 * @param baseUrl `http://host:port`, with the path a client has in front of `/api`; a `/v1` or `/api` at its end, a query
 * and credentials are left out
 */
export async function askOllama(machine: Machine, baseUrl: URL, options: AskOptions = {}): Promise<Asked> {
  const base = apiBase(baseUrl);
  const evidence: Evidence[] = [];
  const ask: Ask = async (path, changes = {}) => {
    const result = await machine.request({
      method: 'GET',
      url: base + path,
      headers: changes.headers ?? {
        accept: '*/*',
        ...(options.origin !== undefined && { origin: options.origin }),
      },
      maxBytes: changes.maxBytes ?? maxBytes,
      ...(path === '/api/version' && changes.headers === undefined
        ? { next: { url: `${base}/api/tags`, maxBytes: maxBytesOfTags } }
        : {}),
      ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
      ...(options.proxy !== undefined && { proxy: options.proxy }),
      ...(options.ownHeaders === true && { ownHeaders: true as const }),
    });
    evidence.push(asEvidence(base + path, result, changes.note));
    return result;
  };
  return { url: base, answer: await identify(ask, base, options), evidence };
}

/** The part of a client's URL that `/api/…` is put behind: `http://host:11434/v1/` gives `http://host:11434`. */
export function apiBase(url: URL): string {
  return url.origin + url.pathname.replace(/\/+$/u, '').replace(/\/(?:v1|api)(?:\/.*)?$/u, '');
}

type Ask = (
  path: string,
  changes?: { headers?: Record<string, string>; maxBytes?: number; note?: string },
) => Promise<HttpResult>;

async function identify(ask: Ask, base: string, options: AskOptions): Promise<ApiAnswer> {
  const version = await ask('/api/version');
  if (version.outcome !== 'answered') return withoutResponse(version, `${base}/api/version`);
  const where = { ...whence(version) };
  const text = version.status === 200 ? readVersion(version.body) : undefined;
  if (text !== undefined) return serverWithVersion(ask, version, text);

  const by = signedBy(version);
  // Ollama's 403 has no body. A proxy brings it as it is and signs it; nginx's and Apache's own 403 is a page. Without a
  // signature nothing says whose it is, when the name that Ollama always takes is refused as well.
  if (version.status === 403 && version.body === '') {
    const because = await forbiddenHeader(ask, options);
    const hasPages = /nginx|openresty|apache/iu.test(by.by ?? '');
    if (because !== 'unknown' || hasPages) return { kind: 'forbidden', because, ...by, ...where };
  }
  if (isPlainHttpOnTls(version)) {
    const { elapsedMs } = version;
    return {
      kind: 'unreachable',
      failure: 'tls-mismatch',
      detail: 'it speaks TLS: use https',
      elapsedMs,
      ...where,
    };
  }
  // 404 is what servers say that have no such endpoint, and 200 without a version what web applications say of
  // every path: both may be something known. Anything else is an error that says so itself.
  if (version.status !== 404 && version.status !== 200) {
    const { status } = version;
    return {
      kind: 'http-error',
      status,
      what: describeResponse(version),
      trouble: troubleOf(version),
      ...by,
      ...where,
    };
  }
  return serverWithoutVersion(ask, version);
}

/** `/api/version` answered as Ollama does: the model list tells Ollama from its look-alikes. */
async function serverWithVersion(ask: Ask, first: Response, version: string): Promise<ApiAnswer> {
  const tags = await ask('/api/tags', { maxBytes: maxBytesOfTags });
  const where = whence(first);
  const body = tags.outcome === 'answered' ? tags.body : '';
  const owners = looksImitated(body) ? await ask('/v1/models') : undefined;
  const openAiModels = owners?.outcome === 'answered' ? owners.body : '';
  const isBare = version === '0.0.0' && readModels(body)?.length === 0;
  const health = isBare ? await ask('/api/v1/health') : undefined;
  const other = lookAlike({
    version: first.body,
    tags: body,
    openAiModels,
    ...(health?.outcome === 'answered' && { health: health.body }),
  });
  if (other !== undefined) return { kind: 'not-ollama', what: other, ...where };
  const ollama = { kind: 'ollama', version, elapsedMs: first.elapsedMs, ...where } as const;
  if (tags.outcome !== 'answered') return ollama;
  if (tags.bodyTruncated) {
    const listTrouble = `more than ${maxBytesOfTags / 1024 / 1024} MB, of which the rest was not read`;
    return { ...ollama, listTrouble };
  }
  const models = tags.status === 200 ? readModels(body) : undefined;
  if (models !== undefined) return { ...ollama, models };
  // An error in Ollama's own words is Ollama's; a page or a 404 in that place is another server's.
  const listTrouble = describeResponse(tags);
  if (tags.status >= 500 && proxyOf(tags) === undefined) return { ...ollama, listTrouble };
  const root = await ask('/');
  if (root.outcome === 'answered' && root.body === 'Ollama is running') return { ...ollama, listTrouble };
  const page = root.outcome === 'answered' ? root : tags;
  const known = lookAlike({ version: first.body, root: page.body });
  const trouble = troubleOf(tags);
  // A proxy that lets the version through and refuses the rest says nothing about who is behind it.
  if (known === undefined && trouble !== 'unknown' && trouble !== 'ollama') {
    const what = `${listTrouble}, at /api/tags; /api/version gives ${version}`;
    return { kind: 'http-error', status: tags.status, what, trouble, ...signedBy(tags), ...where };
  }
  const what = known ?? describeResponse(page);
  return { kind: 'not-ollama', what: `${what}; it has no model list at /api/tags`, ...where };
}

/** Something that answers HTTP and has no version to give: old Ollama, a part look-alike, a web page, anything. */
async function serverWithoutVersion(ask: Ask, first: Response): Promise<ApiAnswer> {
  const [root, tags, openAi] = await Promise.all([
    ask('/'),
    ask('/api/tags', { maxBytes: maxBytesOfTags }),
    ask('/v1/models', { maxBytes: maxBytesOfTags }),
  ]);
  const where = whence(first);
  const body = (result: HttpResult): string => (result.outcome === 'answered' ? result.body : '');
  const known = lookAlike({
    version: first.body,
    root: body(root),
    tags: body(tags),
    openAiModels: body(openAi),
  });
  if (known !== undefined) return { kind: 'not-ollama', what: known, ...where };
  const models = tags.outcome === 'answered' && tags.status === 200 ? readModels(tags.body) : undefined;
  if (body(root) === 'Ollama is running' && (models !== undefined || first.status === 404)) {
    const ollama = { kind: 'ollama', version: 'unknown', elapsedMs: first.elapsedMs, ...where } as const;
    return models === undefined ? ollama : { ...ollama, models };
  }
  if (body(root) === 'Ollama is running') {
    const what = `/ says "Ollama is running", and /api/version gives no version that can be read: ${excerptOf(first)}${first.body.startsWith('\uFEFF') ? ', behind a byte order mark' : ''}`;
    return {
      kind: 'http-error',
      status: first.status,
      what,
      trouble: 'unknown',
      ...signedBy(first),
      ...where,
    };
  }
  if (openAi.outcome === 'answered' && openAi.status === 200 && /^\s*\{[^]*"data"/u.test(openAi.body)) {
    // llama-swap answers /api/tags with an empty page (llama-swap#200).
    const empty = tags.outcome === 'answered' && tags.status === 200 && tags.body === '';
    const what = empty
      ? 'llama-swap, by its empty /api/tags'
      : 'a server with an OpenAI-style API only (/v1/models)';
    return { kind: 'not-ollama', what, ...where };
  }
  const page = root.outcome === 'answered' ? root : first;
  return { kind: 'not-ollama', what: describeResponse(page), ...where };
}

/**
 * Which header Ollama's empty 403 is about, by asking again with one of them changed: without the Origin when one was
 * sent (that rule runs first), otherwise with a Host that always passes (server/routes.go, allowedHostsMiddleware).
 */
async function forbiddenHeader(ask: Ask, options: AskOptions): Promise<'host' | 'origin' | 'unknown'> {
  if (options.origin !== undefined) {
    const plain = await ask('/api/version', { headers: { accept: '*/*' }, note: 'without an Origin' });
    if (isVersion(plain)) return 'origin';
  }
  const local = await ask('/api/version', {
    headers: { accept: '*/*', host: 'localhost' },
    note: 'with Host: localhost',
  });
  return isVersion(local) ? 'host' : 'unknown';
}

/** Another site of a proxy may answer 200 as well; only a version is Ollama's. */
function isVersion(result: HttpResult): boolean {
  return result.outcome === 'answered' && result.status === 200 && readVersion(result.body) !== undefined;
}

function signedBy(response: Response): { by?: string } {
  const by = proxyOf(response);
  return by === undefined ? {} : { by };
}

function withoutResponse(result: Exclude<HttpResult, { outcome: 'answered' }>, url: string): ApiAnswer {
  if (result.outcome === 'not-recorded') {
    return {
      kind: 'unavailable',
      reason: `the recording does not hold the request GET ${url}`,
      help: `replay it with the options that it was made with, such as --url, --origin and --container${heldIn(result.recorded)}`,
    };
  }
  const where = whence(result);
  const { detail, elapsedMs } = result;
  if (result.outcome === 'unavailable') return { kind: 'unavailable', reason: detail };
  if (result.outcome === 'not-http') {
    return { kind: 'not-ollama', what: `something that does not speak HTTP: ${detail}`, ...where };
  }
  // How a machine words a timeout after the connection was there (src/machine/live/request.ts).
  if (result.outcome === 'timeout' && /^(?:connected|the answer began)/u.test(detail)) {
    return { kind: 'no-answer', detail, ...where };
  }
  return { kind: 'unreachable', failure: result.outcome, detail, elapsedMs, ...where };
}

/** Which addresses a recording was asked at, when it was asked the same elsewhere. */
function heldIn(urls: readonly string[] | undefined): string {
  if (urls === undefined) return '';
  const options = urls.map((url) => `--url ${apiBase(new URL(url))}`);
  return `; it holds what came of ${options.join(', of ')}`;
}

/** What Go's and nginx's TLS servers say to a client that did not start TLS. */
function isPlainHttpOnTls(response: Response): boolean {
  return (
    response.status === 400 &&
    /HTTP request (?:was sent )?to (?:an )?HTTPS (?:server|port)/iu.test(response.body)
  );
}

function whence(result: { address?: string; via?: string }): { address?: string; via?: string } {
  return {
    ...(result.address !== undefined && { address: result.address }),
    ...(result.via !== undefined && { via: result.via }),
  };
}
