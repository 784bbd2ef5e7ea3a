import { ollamaAddresses } from '../containers/environment.ts';

/** An Ollama's address that a container's log speaks of, and what the log says went wrong there. */
export interface LoggedAddress {
  /** As written: `http://localhost:11434/api/chat`, `127.0.0.1:11434`. */
  address: string;
  trouble?: string;
}

/** How clients word their failures (facts: error strings of Node, Python, Go, curl and undici), and our own words. */
const troubles: readonly [RegExp, string][] = [
  [/ECONNREFUSED|connection refused|Connect call failed/iu, 'connection refused'],
  [
    /ENOTFOUND|EAI_AGAIN|no such host|Name or service not known|name resolution|Could not resolve|name not found/iu,
    'name not found',
  ],
  [/EHOSTUNREACH|No route to host/iu, 'no route to host'],
  [/ENETUNREACH|Network is unreachable/iu, 'network unreachable'],
  [/ETIMEDOUT|timed out|i\/o timeout|deadline exceeded|ConnectTimeout/iu, 'timed out'],
  [/ECONNRESET|socket hang up|connection reset|Empty reply/iu, 'connection reset'],
  [
    /wrong version number|EPROTO|gave HTTP response to HTTPS client|TLS and plain HTTP do not match/iu,
    'TLS and plain HTTP do not match',
  ],
  [
    /(?:^|\D)(?:502|503|504)(?:\D|$)|Bad Gateway|Gateway Time-?out|Service Unavailable|gateway’s error/iu,
    'a gateway’s error',
  ],
  [/(?:^|\D)40[45](?:\D|$)|path not found/u, 'path not found'],
];

/** Lines longer than this are data, and only their beginning is looked at. */
const lineAtMost = 2000;

/**
 * The addresses with port 11434 in the last lines of a log, each once, the latest first. Nothing else of a log is
 * looked at: what else stands there is somebody's data.
 *
 * @param text as the engine gives it, colours and all; bounded by whoever read it
 */
export function loggedAddresses(text: string): LoggedAddress[] {
  const found = new Map<string, LoggedAddress>();
  for (const line of text.split('\n')) {
    const plain = withoutColours(line.slice(0, lineAtMost));
    const trouble = troubles.find(([pattern]) => pattern.test(plain))?.[1];
    for (const address of addressesOf(plain)) {
      const known = found.get(address);
      found.delete(address);
      const latest = trouble ?? known?.trouble;
      found.set(address, latest === undefined ? { address } : { address, trouble: latest });
    }
  }
  return [...found.values()].toReversed();
}

/** The same as lines, for a recording: reading them again gives the same. */
export function keptLog(text: string): string {
  return loggedAddresses(text)
    .toReversed()
    .map(({ address, trouble }) => (trouble === undefined ? `${address}\n` : `${address} ${trouble}\n`))
    .join('');
}

function addressesOf(line: string): string[] {
  // urllib3 tells host and port apart: HTTPConnectionPool(host='localhost', port=11434).
  const pools = [...line.matchAll(/host='([\w.-]+)', port=11434\b/gu)].map(
    (match) => `${match[1] ?? ''}:11434`,
  );
  return [...pools, ...ollamaAddresses(line)]
    .map((address) => address.replace(/[).,:\]]+$/u, ''))
    .filter((address) => !/^(?:[a-z]+:\/\/)?(?:0\.0\.0\.0|\[::\]|\*)?:11434/iu.test(address));
}

function withoutColours(line: string): string {
  // eslint-disable-next-line no-control-regex
  return line.replace(/\u001B\[[\d;]*[A-Za-z]/gu, '');
}
