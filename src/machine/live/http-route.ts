import { isIP } from 'node:net';
import type { HttpRequest } from '../machine.ts';

/** Where the bytes of a request go, and what they say. */
export interface HttpRoute {
  ok: true;
  host: string;
  port: number;
  socketPath?: string;
  /** Present when TLS is spoken; empty for an address, for which no name may be sent (RFC 6066). */
  tlsServerName?: string;
  /** What undici takes for the peer. */
  origin: string;
  /** Path and query, or the whole URL for a proxy. */
  path: string;
  headers: Record<string, string>;
}

export type UnroutableHttp = { ok: false; outcome: 'failed' | 'unavailable'; detail: string };

/** Works out the connection and the head of a request; refuses URLs that are none. */
export function routeOf(request: HttpRequest): HttpRoute | UnroutableHttp {
  const url = parse(request.url);
  if (url === undefined)
    return { ok: false, outcome: 'failed', detail: `${request.url} is not an http or https URL` };
  const headers: Record<string, string> = { host: url.host, ...lowerCase(request.headers ?? {}) };
  if (url.username !== '' && headers['authorization'] === undefined) {
    headers['authorization'] = basic(url);
  }
  const path = `${url.pathname}${url.search}`;
  if (request.proxy === undefined) {
    const socketPath = request.socketPath === undefined ? {} : { socketPath: request.socketPath };
    return { ok: true, ...peer(url), ...socketPath, origin: url.origin, path, headers };
  }
  const proxy = parse(request.proxy);
  if (proxy === undefined)
    return { ok: false, outcome: 'failed', detail: `${request.proxy} is not a proxy's URL` };
  if (url.protocol === 'https:') {
    return {
      ok: false,
      outcome: 'unavailable',
      detail: 'https through a proxy is not something this can ask',
    };
  }
  if (proxy.username !== '') headers['proxy-authorization'] = basic(proxy);
  return { ok: true, ...peer(proxy), origin: proxy.origin, path: `${url.origin}${path}`, headers };
}

function peer(url: URL): { host: string; port: number; tlsServerName?: string } {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const tls = url.protocol === 'https:';
  const port = url.port === '' ? (tls ? 443 : 80) : Number(url.port);
  return { host, port, ...(tls ? { tlsServerName: isIP(host) === 0 ? host : '' } : {}) };
}

function parse(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

function basic(url: URL): string {
  const text = `${decode(url.username)}:${decode(url.password)}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
