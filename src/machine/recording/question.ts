import { createHash } from 'node:crypto';
import type { ConnectRequest, HttpRequest, ResolveRequest, RunRequest } from '../machine.ts';
import { cutCredentials } from '../redaction/urls.ts';

/** What was asked of a machine, in the form by which a recording finds it again. */
export interface Question {
  /** Vantage point, kind and the arguments that every entry names. */
  key: string;
  /** What tells questions of one key apart; an entry that leaves one out answers whatever it is. */
  conditions: Conditions;
}

export interface Conditions {
  /** The first 16 hex digits of the SHA-256 of a program's standard input. */
  inputSha256?: string;
  /** The same of a request's body. */
  bodySha256?: string;
  /** A Host header that is not the URL's. */
  hostHeader?: string;
  /** An Origin header; Ollama refuses some. */
  origin?: string;
}

// Everything that decides about the answer is in the key or the conditions. Deadlines, limits and other headers are not:
// they differ between versions of the doctor, and headers may hold passwords.

export function askRun(vantage: string, request: Pick<RunRequest, 'argv' | 'input'>): Question {
  const key = keyOf(vantage, 'run', ...request.argv.map(cutCredentials));
  return { key, conditions: request.input === undefined ? {} : { inputSha256: shortHash(request.input) } };
}

export function askRead(vantage: string, path: string): Question {
  return { key: keyOf(vantage, 'read', path), conditions: {} };
}

export function askList(vantage: string, path: string): Question {
  return { key: keyOf(vantage, 'list', path), conditions: {} };
}

export function askConnect(vantage: string, request: Pick<ConnectRequest, 'host' | 'port'>): Question {
  return { key: keyOf(vantage, 'connect', hostAndPort(request)), conditions: {} };
}

/** `172.17.0.1:11434`, `[::1]:11434`. */
export function hostAndPort({ host, port }: Pick<ConnectRequest, 'host' | 'port'>): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function askResolve(vantage: string, request: Pick<ResolveRequest, 'name'>): Question {
  return { key: keyOf(vantage, 'resolve', request.name), conditions: {} };
}

export function askRequest(vantage: string, request: HttpRequest): Question {
  const headers = Object.entries(request.headers ?? {});
  const header = (wanted: string): string | undefined =>
    headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const hostHeader = header('host');
  const origin = header('origin');
  const ownHost = URL.canParse(request.url) ? new URL(request.url).host : undefined;
  return {
    key: requestKey(vantage, {
      target: requestTarget(request),
      socket: request.socketPath,
      proxy: request.proxy,
    }),
    conditions: {
      ...(request.body === undefined ? {} : { bodySha256: shortHash(request.body) }),
      ...(hostHeader === undefined || hostHeader === ownHost
        ? {}
        : { hostHeader: cutCredentials(hostHeader) }),
      ...(origin === undefined ? {} : { origin: cutCredentials(origin) }),
    },
  };
}

/** `GET http://127.0.0.1:11434/api/tags`, the URL written as WHATWG does and without credentials. */
export function requestTarget(request: Pick<HttpRequest, 'method' | 'url'>): string {
  return `${request.method ?? 'GET'} ${canonicalUrl(request.url)}`;
}

export function requestKey(
  vantage: string,
  { target, socket, proxy }: { target: string; socket: string | undefined; proxy: string | undefined },
): string {
  return keyOf(vantage, 'request', target, socket ?? '', proxy === undefined ? '' : canonicalUrl(proxy));
}

/** Of recorded keys the URLs that were asked the same as `key` asks, at another address from the same place; at most three. */
export function sameAskedElsewhere(keys: Iterable<string>, key: string): string[] {
  const partsOf = (one: string): string[] => JSON.parse(one) as string[];
  const [vantage, kind, target = '', socket] = partsOf(key);
  const [method = '', url = ''] = target.split(' ', 2);
  if (kind !== 'request' || socket !== '' || !URL.canParse(url)) return [];
  const path = new URL(url).pathname;
  const found = new Set<string>();
  for (const one of keys) {
    const [place, what, asked = '', at] = partsOf(one);
    const [how, where = ''] = asked.split(' ', 2);
    const isSame = place === vantage && what === 'request' && at === '' && how === method;
    if (isSame && URL.canParse(where) && new URL(where).pathname === path) found.add(where);
  }
  return [...found].filter((one) => one !== url).slice(0, 3);
}

export function canonicalUrl(text: string): string {
  return cutCredentials(URL.canParse(text) ? new URL(text).href : text);
}

/** How a recording names a vantage point: `container:web` reached from the host, `wsl:Debian/container:web` from another. */
export function placeWithin(outer: string, vantage: string): string {
  return outer === 'host' ? vantage : `${outer}/${vantage}`;
}

function keyOf(...parts: string[]): string {
  return JSON.stringify(parts);
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
