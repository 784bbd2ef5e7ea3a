import type { HttpResult, Machine } from './machine.ts';
import { leftOut } from './redaction/urls.ts';

/** Headers that a user gives for a proxy in front of Ollama, and what of them nobody may see. */
export interface OwnHeaders {
  headers: Readonly<Record<string, string>>;
  /** Every text that must not come out anywhere, the longest first. */
  secrets: readonly string[];
}

/** A name of a header is a token (RFC 9110, 5.6.2). */
const headerLine = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(\S(?:.*\S)?)[ \t]*$/u;

/** Headers that would make another request of it. */
const notOurs = /^(?:host|content-length|transfer-encoding|connection|upgrade|te|trailer|expect)$/iu;

/**
 * Reads what OLLAMA_DOCTOR_HEADER holds: `Authorization: Bearer …`, several on lines of their own.
 * @returns why it is none, in words without the value, where it is not such a line
 */
export function parseOwnHeaders(text: string): OwnHeaders | { problem: string } {
  const headers: Record<string, string> = {};
  const secrets: string[] = [];
  for (const line of text.split(/\r?\n/u)) {
    if (line.trim() === '') continue;
    const [, name, value] = headerLine.exec(line.trim()) ?? [];
    if (name === undefined || value === undefined) return { problem: 'it is not a header' };
    // Bytes that no header may hold would only be refused later, in words that show them.
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]+$/u.test(value))
      return { problem: 'it holds characters that no header may' };
    if (notOurs.test(name)) return { problem: `${name} is not a header that can be given` };
    headers[name.toLowerCase()] = value;
    secrets.push(...secretsOf(value));
  }
  if (secrets.length === 0) return { problem: 'it is empty' };
  const all = secrets.flatMap((secret) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
  ]);
  return { headers, secrets: [...new Set(all)].sort((a, b) => b.length - a.length) };
}

/** The value, the credentials behind a scheme's name, and what is in those of `Basic` (RFC 7617). */
function secretsOf(value: string): string[] {
  const [, scheme, credentials] = /^([A-Za-z][\w-]*)[ \t]+(\S.*)$/u.exec(value) ?? [];
  if (scheme === undefined || credentials === undefined) return [value];
  if (scheme.toLowerCase() !== 'basic') return [value, credentials];
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  const password = pair.slice(pair.indexOf(':') + 1);
  return [value, credentials, pair, password].filter((text) => text.length > 2);
}

/**
 * The same machine, which sends these headers with requests that ask for it, and cuts them out of whatever comes back:
 * a server that repeats what it was sent must not get a password into a report or a recording. Machines entered through
 * it never send them: an exec's arguments are in the engine's log for everyone to read.
 */
export function withOwnHeaders(machine: Machine, own: OwnHeaders): Machine {
  return {
    vantage: machine.vantage,
    identity: machine.identity,
    run: (request) => machine.run(request),
    read: (path, options) => machine.read(path, options),
    list: (path) => machine.list(path),
    connect: (request) => machine.connect(request),
    resolve: (request) => machine.resolve(request),
    async request(request) {
      if (request.ownHeaders !== true || request.socketPath !== undefined) return machine.request(request);
      const headers = { ...own.headers, ...request.headers };
      return withoutSecrets(await machine.request({ ...request, headers }), own.secrets);
    },
    now: () => machine.now(),
    enter: (vantage, build) => machine.enter(vantage, build),
    writer: machine.writer,
  };
}

/** From this length on a value is cut wherever it stands; a shorter one may be a piece of any word. */
const longEnough = 8;

/**
 * A short value (`Bearer ollama`, `X-Id: 1`) is cut only where it stands by itself, and a number or a word of JSON
 * nowhere: cut out of the middle of an answer it would make something else of it, which then is not Ollama.
 */
function cutSecret(text: string, secret: string): string {
  if (secret.length >= longEnough) return text.replaceAll(secret, leftOut);
  if (/^(?:[\d.+-]+|true|false|null)$/u.test(secret)) return text;
  const alone = (at: number): boolean =>
    !/[\w.:/-]/u.test(text.charAt(at - 1)) && !/[\w.:/-]/u.test(text.charAt(at + secret.length));
  return text.replaceAll(secret, (found, at: number) => (alone(at) ? leftOut : found));
}

function withoutSecrets(result: HttpResult, secrets: readonly string[]): HttpResult {
  const clean = (text: string): string => secrets.reduce(cutSecret, text);
  if (result.outcome === 'not-recorded') return result;
  if (result.outcome !== 'answered') return { ...result, detail: clean(result.detail) };
  const headers = Object.fromEntries(
    Object.entries(result.headers).map(([name, value]) => [clean(name), clean(value)]),
  );
  return { ...result, headers, body: clean(result.body) };
}
