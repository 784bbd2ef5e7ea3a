/**
 * What kind of place the address in a message is, as the one who printed it sees it:
 * `loopback` itself, `loopback6` itself by IPv6, `host` a name that container engines have for the host, `bridge` an
 * address that bridges of container engines have, `service` a bare name such as a compose service, `elsewhere` all else.
 */
export type Place = 'loopback' | 'loopback6' | 'host' | 'bridge' | 'service' | 'elsewhere';

/** The port of a DNS server in `lookup NAME on 127.0.0.11:53`, which is not where the client wanted to go. */
const dnsPort = '53';
const ollamaPort = '11434';

interface Found {
  place: Place;
  port: string | undefined;
}

/**
 * The place that a line of a log speaks of; undefined when it names none. An address with Ollama's port counts before
 * others, then the last one; of `FROM->TO` it is TO. Never throws, in time linear to the line.
 */
export function placeIn(line: string): Place | undefined {
  const found: Found[] = [];
  for (const word of line.toLowerCase().matchAll(/[\w.:[\]%-]+/gu)) {
    const before = line.slice(Math.max(0, word.index - 3), word.index);
    const named = word[0].length <= 300 ? placeOf(word[0], before) : undefined;
    if (named === undefined || named.port === dnsPort) continue;
    if (before.endsWith('>') && line.charAt(word.index - 2) === '-') found.pop();
    found.push(named);
  }
  return (found.find(({ port }) => port === ollamaPort) ?? found.at(-1))?.place;
}

function placeOf(word: string, before: string): Found | undefined {
  // A full stop, a colon or a bracket behind an address is not a part of it, nor the dash of an arrow.
  const unwrapped = /^\[[\da-f]{0,4}:[\da-f]{0,4}:/u.test(word)
    ? word
    : word.replace(/^\[|\](?=[.:-]{0,3}$)/gu, '');
  const bare = unwrapped.replace(/(?<![.:-])[.:-]{1,3}$/u, '');
  const isLoopback6 = /^\[?::1(?:\]|$)/u.test(bare) || /^::1:\d{4,5}$/u.test(bare);
  if (isLoopback6) return { place: 'loopback6', port: /:(\d{2,5})$/u.exec(bare)?.[1] };
  const [, host = '', port] = /^([^:]*)(?::(\d{1,5}))?$/u.exec(bare) ?? [];
  const inUrl = before === '://';
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/u.test(host)) return { place: placeOfIp(host), port };
  if (host === 'localhost') return { place: 'loopback', port };
  if (/^(?:host|gateway)\.[a-z0-9-]+\.internal$/u.test(host)) return { place: 'host', port };
  const isName = /^[a-z_][\w-]*(?:\.[\w-]+)*$/u.test(host) && (inUrl || port === ollamaPort);
  return isName ? { place: host.includes('.') ? 'elsewhere' : 'service', port } : undefined;
}

/** Docker's first pools lie in 172.16/12, Podman's in 10.88/16 and 10.89/16; 169.254.1.2 is pasta's name for the host. */
function placeOfIp(address: string): Place {
  const [first = 0, second = 0] = address.split('.').map(Number);
  if (first === 127 || address === '0.0.0.0') return 'loopback';
  const isBridge =
    (first === 172 && second >= 16 && second < 32) ||
    (first === 10 && (second === 88 || second === 89)) ||
    address === '169.254.1.2';
  return isBridge ? 'bridge' : 'elsewhere';
}
