import type { ConnectRequest, HttpRequest, ResolveRequest } from '../../machine/machine.ts';
import type { Job } from './job.ts';
import { requestText } from './raw-http.ts';

/** Least time before a silent connection counts as dropped: an IPv6 reject shows only at the second SYN. */
const leastTimeoutMs = 3500;

/** The job that makes an HTTP request, straight or through a forward proxy. */
export function requestJob(request: HttpRequest): Job | { unusable: string } {
  if (request.socketPath !== undefined) return { unusable: 'sockets in a container are not asked' };
  const url = parse(request.url);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    return { unusable: `${request.url} is not a web address` };
  const proxy = request.proxy === undefined ? undefined : parse(request.proxy);
  if (request.proxy !== undefined && (!proxy || url.protocol === 'https:')) {
    return { unusable: 'only http addresses are asked through a proxy' };
  }
  const peer = proxy ?? url;
  const text = requestText(request, url);
  const headers = Object.entries(request.headers ?? {});
  return {
    mode: 'request',
    host: bare(peer.hostname),
    port: portOf(peer),
    tls: peer.protocol === 'https:',
    timeoutMs: Math.max(request.timeoutMs ?? leastTimeoutMs, leastTimeoutMs),
    maxBytes: (request.maxBytes ?? 1024 * 1024) + 65_536,
    // A proxy wants the whole address in the first line (RFC 9112, 3.2.2).
    payload: proxy ? text.replace(' ', ` ${url.origin}`) : text,
    url: url.href,
    curlArguments: [
      ...(proxy ? ['--noproxy', '', '-x', proxy.href] : []),
      ...(request.method === 'HEAD' ? ['-I'] : ['-X', request.method ?? 'GET']),
      ...headers.flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
      ...(request.body === undefined ? [] : ['--data-raw', request.body]),
    ],
    plain: isPlainGet(request),
  };
}

/**
 * The job that makes a request and the one after it on the same connection (pipelining, RFC 9112, 9.3.2), or undefined
 * where they do not fit together. Only the tools that send the payload's bytes make both.
 */
export function requestJobWithNext(request: HttpRequest): Job | undefined {
  const { next } = request;
  const url = parse(request.url);
  const second = next && parse(next.url);
  const job = requestJob(request);
  if (!next || !url || !second || 'unusable' in job || !job.plain || url.origin !== second.origin)
    return undefined;
  const headers = request.headers ?? {};
  return {
    ...job,
    maxBytes: job.maxBytes + (next.maxBytes ?? 1024 * 1024) + 65_536,
    payload: requestText(request, url, 'keep-alive') + requestText({ url: next.url, headers }, second),
  };
}

/** A GET with nothing of its own but what it accepts, asked straight. */
export function isPlainGet(request: HttpRequest): boolean {
  const names = Object.keys(request.headers ?? {});
  return (
    (request.method ?? 'GET') === 'GET' &&
    request.proxy === undefined &&
    request.body === undefined &&
    names.every((name) => name.toLowerCase() === 'accept')
  );
}

/** The job that opens a connection and closes it. */
export function connectJob(request: ConnectRequest): Job {
  const url = `http://${request.host.includes(':') ? `[${request.host}]` : request.host}:${request.port}/`;
  return {
    mode: 'connect',
    host: request.host,
    port: request.port,
    tls: false,
    timeoutMs: Math.max(request.timeoutMs ?? leastTimeoutMs, leastTimeoutMs),
    maxBytes: 65_536,
    payload: '',
    url,
    curlArguments: ['-I'],
    plain: true,
  };
}

/** The job that looks a name up. */
export function resolveJob(request: ResolveRequest): Job {
  return {
    mode: 'resolve',
    host: request.name,
    port: 80,
    tls: false,
    timeoutMs: request.timeoutMs ?? leastTimeoutMs,
    maxBytes: 0,
    payload: '',
    url: '',
    curlArguments: [],
    plain: true,
  };
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/gu, '');
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
