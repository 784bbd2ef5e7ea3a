import { isInRange } from './address-range.ts';
import { isLoopback } from './server.ts';

/** The proxy that a program's environment names for a URL. */
export interface ProxySetting {
  /** `http_proxy`, `HTTP_PROXY`, `ALL_PROXY`. */
  variable: string;
  /** The proxy's own URL, scheme filled in. */
  proxy: URL;
  noProxy?: { variable: string; value: string };
  /** Kinds of programs that go past the proxy for this URL, by what NO_PROXY says to them. */
  past: string[];
  /** Those that ask the proxy. */
  through: string[];
}

/**
 * Which proxy a program in a container asks for a URL, and who goes past it. undefined where none is set.
 *
 * Lower case goes before upper case; only http_proxy and all_proxy concern an `http:` URL. How NO_PROXY is read differs:
 * Go's net/http (golang.org/x/net/http/httpproxy), curl (lib/noproxy.c), Python's requests and urllib
 * (`should_bypass_proxies`, `proxy_bypass_environment`), Node's axios (proxy-from-env). Node's own fetch asks no proxy
 * unless NODE_USE_ENV_PROXY says so.
 */
export function proxyFor(env: Readonly<Record<string, string>>, url: URL): ProxySetting | undefined {
  const scheme = url.protocol.replace(':', '');
  const names = [`${scheme}_proxy`, 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);
  const variable = names.find((name) => (env[name] ?? '').trim() !== '');
  if (variable === undefined) return undefined;
  const proxy = parseProxy(env[variable] ?? '');
  if (!proxy) return undefined;
  const exempting = ['no_proxy', 'NO_PROXY'].find((name) => (env[name] ?? '').trim() !== '');
  const value = exempting === undefined ? '' : (env[exempting] ?? '');
  const host = url.hostname.replace(/^\[|\]$/gu, '').toLowerCase();
  const port = url.port === '' ? (scheme === 'https' ? '443' : '80') : url.port;
  const past = Object.entries(readers).filter(([, covers]) => covers(entriesOf(value), host, port));
  return {
    variable,
    proxy,
    ...(exempting === undefined ? {} : { noProxy: { variable: exempting, value } }),
    past: past.map(([who]) => who),
    through: Object.keys(readers).filter((who) => !past.some(([one]) => one === who)),
  };
}

function parseProxy(text: string): URL | undefined {
  const value = text.trim();
  const whole = value.includes('://') ? value : `http://${value}`;
  return URL.canParse(whole) ? new URL(whole) : undefined;
}

function entriesOf(value: string): string[] {
  return value
    .toLowerCase()
    .split(/[,\s]+/u)
    .filter((entry) => entry !== '');
}

type Reader = (entries: readonly string[], host: string, port: string) => boolean;

const readers: Readonly<Record<string, Reader>> = {
  Go: (entries, host, port) =>
    host === 'localhost' ||
    isLoopback(host) ||
    entries.some((entry) => {
      if (entry === '*' || isInRange(entry, host)) return true;
      const name = withoutPort(entry, port);
      if (name === undefined) return false;
      return name.startsWith('.') || name.startsWith('*.')
        ? host.endsWith(name.replace(/^\*/u, ''))
        : host === name || host.endsWith(`.${name}`);
    }),
  curl: (entries, host) =>
    (entries.length === 1 && entries[0] === '*') ||
    entries.some((entry) => endsWithName(host, entry) || isInRange(entry, host)),
  Python: (entries, host, port) =>
    (entries.length === 1 && entries[0] === '*') ||
    entries.some((entry) => endsWithName(host, withoutPort(entry, port) ?? entry) || isInRange(entry, host)),
  'Node (axios)': (entries, host, port) =>
    entries.some((entry) => {
      if (entry === '*') return true;
      const name = withoutPort(entry, port);
      if (name === undefined) return false;
      return /^[.*]/u.test(name) ? host.endsWith(name.replace(/^\*/u, '')) : host === name;
    }),
};

function endsWithName(host: string, entry: string): boolean {
  const name = entry.replace(/^\./u, '');
  return host === name || host.endsWith(`.${name}`);
}

/** An entry without its port; undefined when it has another one. */
function withoutPort(entry: string, port: string): string | undefined {
  const [, name, own] = /^([^:]+):(\d+)$/u.exec(entry) ?? [];
  if (name === undefined) return entry.replace(/^\[|\]$/gu, '');
  return own === port ? name : undefined;
}
