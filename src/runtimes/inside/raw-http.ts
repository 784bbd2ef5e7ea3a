import type { HttpRequest } from '../../machine/machine.ts';

/**
 * The bytes of one HTTP/1.1 request, as the probers send them: they only open a connection and copy bytes, so that
 * request and answer are the same whatever tool the container has.
 */
export function requestText(
  request: HttpRequest,
  url: URL,
  connection: 'close' | 'keep-alive' = 'close',
): string {
  const given = Object.entries(request.headers ?? {}).filter(
    ([name, value]) => isPlain(name) && isPlain(value),
  );
  const has = (name: string): boolean => given.some(([one]) => one.toLowerCase() === name);
  const body = request.body ?? '';
  const lines = [
    `${request.method ?? 'GET'} ${url.pathname}${url.search} HTTP/1.1`,
    ...(has('host') ? [] : [`Host: ${url.host}`]),
    ...(has('accept') ? [] : ['Accept: */*']),
    ...given.map(([name, value]) => `${name}: ${value}`),
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    `Connection: ${connection}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** False when the connection ended before the body was whole. */
  complete: boolean;
  /** Bytes of the whole answer; absent where only the end of the connection ends it. */
  length?: number;
}

/** Reads the bytes of an HTTP/1 answer; undefined when they are not one. Never throws. */
export function parseAnswer(bytes: Buffer): RawAnswer | undefined {
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return undefined;
    const [first = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const [, status] = /^HTTP\/1\.\d (\d{3})/u.exec(first) ?? [];
    if (status === undefined) return undefined;
    rest = rest.subarray(end + 4);
    // 100 Continue and its like are followed by the answer itself.
    if (status.startsWith('1')) continue;
    const headers = parseHeaders(lines);
    const { length, ...body } = parseBody(headers, rest);
    const before = bytes.length - rest.length;
    return {
      status: Number(status),
      headers,
      ...body,
      ...(length === undefined ? {} : { length: before + length }),
    };
  }
}

/** `Name: value` lines to lower-case names; repeated ones joined with `, `. */
export function parseHeaders(lines: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*?)\s*$/u.exec(line) ?? [];
    if (name === undefined) continue;
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}

interface Body {
  body: Buffer;
  complete: boolean;
  length?: number;
}

function parseBody(headers: Record<string, string>, bytes: Buffer): Body {
  if (/chunked/iu.test(headers['transfer-encoding'] ?? '')) return unchunk(bytes);
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (!Number.isSafeInteger(length) || length < 0) return { body: bytes, complete: true };
  return { body: bytes.subarray(0, length), complete: bytes.length >= length, length };
}

function unchunk(bytes: Buffer): Body {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    if (end === -1) return { body: Buffer.concat(parts), complete: false };
    const size = Number.parseInt(bytes.subarray(at, end).toString('latin1'), 16);
    if (!Number.isSafeInteger(size) || size < 0) return { body: Buffer.concat(parts), complete: false };
    // The trailer section of an answer without trailers is one empty line.
    if (size === 0) return { body: Buffer.concat(parts), complete: true, length: end + 4 };
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

/** No line end may come in by a header, and no NUL fits into an argument. */
function isPlain(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return !/[\r\n\0]/u.test(text);
}
