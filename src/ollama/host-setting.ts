import { isIPv4, isIPv6 } from 'node:net';
import { canonicalAddress, joinHostPort, splitHostPort, trimSpace } from './go-host-port.ts';

/** OLLAMA_HOST as Ollama understands it. */
export interface HostSetting {
  /** `http` unless the value names another. A server ignores it but for the default port; it has no TLS. */
  scheme: string;
  /** Without brackets; empty means every address of this host. */
  host: string;
  /** 0 to 65535; 0 lets the system choose one at each start. */
  port: number;
  /** What stood after the first `/`, without that slash. Only clients use it. */
  path: string;
  /** What stands for a port and is none: Ollama logs `invalid port, using default`. Absent where it is only left out. */
  badPort?: string;
  /** What a person may not have meant, each as a sentence. */
  warnings: string[];
  /** The addresses a server started with this value listens on. */
  listensOn: ListensOn;
}

type ListensOn =
  /** Every address, IPv4 and IPv6: Go makes one dual-stack socket of `0.0.0.0`, `::` and an empty host. */
  | { kind: 'all' }
  | { kind: 'loopback'; address: string }
  | { kind: 'address'; address: string }
  /** Looked up when the server starts; Go listens on one of its addresses. */
  | { kind: 'name'; name: string }
  /** Neither an address nor a name: the server fails to start. */
  | { kind: 'invalid'; text: string };

/**
 * Reads a value of OLLAMA_HOST as `envconfig.Host()` of Ollama does (envconfig/config.go at fb30760; the table in its
 * TestHost holds here too).
 * @param value the variable's value; undefined when it is not set
 * @returns never throws: every text means something to Ollama
 */
export function parseOllamaHost(value: string | undefined): HostSetting {
  const warnings: string[] = [];
  const text = trimSpace(trimSpace(value ?? '').replace(/^["']+|["']+$/gu, ''));
  const { scheme, rest, defaultPort } = cutScheme(text);
  const slash = rest.indexOf('/');
  const hostPort = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? '' : rest.slice(slash + 1);

  let host: string;
  let port = defaultPort;
  const split = splitHostPort(hostPort);
  if (split) {
    host = split.host;
    port = readPort(split.port) ?? defaultPort;
    if (readPort(split.port) === undefined) {
      warnings.push(`Ollama cannot use the port "${split.port}" and takes ${defaultPort}.`);
    }
  } else {
    host = canonicalAddress(hostPort.replace(/^[[\]]+|[[\]]+$/gu, '')) ?? (hostPort || '127.0.0.1');
  }

  const listensOn = listeningAddresses(host);
  warnings.push(...surprises(text, scheme, port, split !== undefined, hostPort, listensOn));
  const badPort = split && split.port !== '' && readPort(split.port) === undefined ? split.port : undefined;
  return { scheme, host, port, path, ...(badPort !== undefined && { badPort }), warnings, listensOn };
}

/** The setting as Ollama prints it: `http://0.0.0.0:11434`, with the path a client would use. */
export function formatHostSetting(setting: HostSetting): string {
  const path = setting.path ? `/${setting.path}` : '';
  return `${setting.scheme}://${joinHostPort(setting.host, setting.port)}${path}`;
}

/**
 * Where a program on this host reaches a server that was started with this setting: plain HTTP, no path, and loopback
 * in place of "every address" (127.0.0.1, as a wildcard Ollama takes IPv4 and IPv6).
 * @returns undefined where the setting names no address that can be asked (port 0, an invalid host)
 */
export function serverUrl(setting: HostSetting): URL | undefined {
  if (setting.port === 0 || setting.listensOn.kind === 'invalid') return undefined;
  return toUrl(`http://${joinHostPort(reachableHost(setting), setting.port)}/`);
}

/**
 * The URL that Ollama's own command line asks with this setting on this host, with loopback in place of an unspecified
 * address (it dials 0.0.0.0 itself, which on Linux is loopback as well).
 * @returns undefined where no URL can be made of it
 */
export function clientUrl(setting: HostSetting): URL | undefined {
  return toUrl(
    `${setting.scheme}://${joinHostPort(reachableHost(setting), setting.port)}/${encodeURI(setting.path)}`,
  );
}

function cutScheme(text: string): { scheme: string; rest: string; defaultPort: number } {
  const cut = text.indexOf('://');
  if (cut < 0) {
    return text === 'ollama.com'
      ? { scheme: 'https', rest: 'ollama.com:443', defaultPort: 11_434 }
      : { scheme: 'http', rest: text, defaultPort: 11_434 };
  }
  const scheme = text.slice(0, cut);
  const defaultPort = scheme === 'http' ? 80 : scheme === 'https' ? 443 : 11_434;
  return { scheme, rest: text.slice(cut + 3), defaultPort };
}

/** Go's ParseInt in base 10 within 0 to 65535; undefined where Ollama falls back to its default. */
function readPort(text: string): number | undefined {
  if (!/^[+-]?\d+$/u.test(text)) return undefined;
  const port = Number(text);
  return port >= 0 && port <= 65_535 ? Math.abs(port) : undefined;
}

function listeningAddresses(host: string): ListensOn {
  if (host === '') return { kind: 'all' };
  const address = canonicalAddress(host);
  if (address === '0.0.0.0' || address === '::') return { kind: 'all' };
  if (address !== undefined) {
    return { kind: address.startsWith('127.') || address === '::1' ? 'loopback' : 'address', address };
  }
  if (isIPv6(host)) return { kind: 'address', address: host };
  if (host.toLowerCase() === 'localhost') return { kind: 'loopback', address: '127.0.0.1' };
  // A text of digits and dots that is no address is looked up as a name, and no resolver has it.
  if (/^[\d.]+$/u.test(host) || !/^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/u.test(host)) {
    return { kind: 'invalid', text: host };
  }
  return { kind: 'name', name: host };
}

function surprises(
  text: string,
  scheme: string,
  port: number,
  portWritten: boolean,
  hostPort: string,
  listensOn: ListensOn,
): string[] {
  const found: string[] = [];
  if (/[\u2018-\u201f]/u.test(text)) {
    found.push('It has typographic quotes, which Ollama takes as part of the address.');
  }
  if (text.includes('://') && !portWritten && (scheme === 'http' || scheme === 'https')) {
    found.push(`"${scheme}://" without a port means port ${port}, not 11434.`);
  }
  if (scheme === 'https' && text.includes('://')) {
    found.push('The server has no TLS: "https" only changes the port it takes by default.');
  }
  if (port === 0) found.push('Port 0 lets the system choose another port at every start.');
  if (!portWritten && /:\d+$/u.test(hostPort) && !hostPort.includes('[')) {
    const reading = isIPv6(hostPort) ? `the address ${hostPort} with port ${port}` : 'no address at all';
    found.push(`An IPv6 address with a port needs brackets; Ollama reads "${hostPort}" as ${reading}.`);
  } else if (listensOn.kind === 'invalid') {
    found.push(`"${listensOn.text}" is neither an address nor a name: a server cannot listen on it.`);
  }
  return found;
}

function reachableHost(setting: HostSetting): string {
  if (setting.listensOn.kind === 'all') return '127.0.0.1';
  if (setting.listensOn.kind === 'loopback')
    return isIPv4(setting.host) ? setting.host : setting.listensOn.address;
  return setting.host;
}

function toUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
