import { isIPv4, isIPv6 } from 'node:net';

/**
 * How Go cuts, joins and reads addresses. Ollama is a Go program, so what it makes of a text is what these make of it
 * (Go's net/ipsock.go and net/ip.go).
 */

/** Go's `net.SplitHostPort`: host (brackets taken off) and port, or undefined where Go returns an error. */
export function splitHostPort(text: string): { host: string; port: string } | undefined {
  const lastColon = text.lastIndexOf(':');
  if (lastColon < 0) return undefined;
  let host: string;
  let afterHost = 0;
  let hostStart = 0;
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    if (end < 0 || end + 1 !== lastColon) return undefined;
    host = text.slice(1, end);
    hostStart = 1;
    afterHost = end + 1;
  } else {
    host = text.slice(0, lastColon);
    if (host.includes(':')) return undefined;
  }
  if (text.slice(hostStart).includes('[') || text.slice(afterHost).includes(']')) return undefined;
  return { host, port: text.slice(lastColon + 1) };
}

/** Go's `net.JoinHostPort`: brackets around a host with a colon in it. */
export function joinHostPort(host: string, port: string | number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Go's `net.ParseIP` followed by `String()`: the address in its shortest spelling, an IPv4-mapped one as IPv4, or
 * undefined for what is no address (one with a zone is none to Go here).
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const short = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/u.exec(short);
  if (!mapped) return short;
  const high = Number.parseInt(mapped[1] ?? '0', 16);
  const low = Number.parseInt(mapped[2] ?? '0', 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Go's `strings.TrimSpace`: Unicode white space, which is not quite what `trim()` takes off. */
export function trimSpace(text: string): string {
  return text.replace(/^\p{White_Space}+/u, '').replace(/\p{White_Space}+$/u, '');
}
