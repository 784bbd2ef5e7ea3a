import type { Listener } from '../../facts/network.ts';

const listening = '0A';

/**
 * Reads the TCP listeners of `/proc/net/tcp` or `/proc/net/tcp6` (proc_pid_net(5), kernel's net/ipv4/tcp_ipv4.c and
 * net/ipv6/tcp_ipv6.c): addresses are hexadecimal words in the machine's own byte order. A socket that takes IPv4 and
 * IPv6 is in the second file alone, and nothing there tells it from one for IPv6 only: `v6only` is false for both.
 * @param text the whole file; lines that are no socket are left out
 * @param bigEndian true on s390x and other big-endian machines
 */
export function parseProcNetTcp(text: string, bigEndian = false): Listener[] {
  return text.split('\n').flatMap((line) => {
    const match =
      /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ ([0-9A-F]{2}) \S+ \S+ \S+ +(\d+) /u.exec(line);
    const [, hexAddress, hexPort, state, uid] = match ?? [];
    if (hexAddress === undefined || hexPort === undefined || state !== listening) return [];
    const bytes = addressBytes(hexAddress, bigEndian);
    const address = bytes.length === 4 ? bytes.join('.') : addressOf16(bytes);
    return [
      {
        address,
        port: Number.parseInt(hexPort, 16),
        family: bytes.length === 4 ? 4 : 6,
        wildcard: address === '0.0.0.0' || address === '::',
        v6only: false,
        uid: Number(uid),
      } satisfies Listener,
    ];
  });
}

function addressBytes(hex: string, bigEndian: boolean): number[] {
  const words = hex.match(/.{8}/gu) ?? [];
  return words.flatMap((word) => {
    const bytes = (word.match(/../gu) ?? []).map((byte) => Number.parseInt(byte, 16));
    return bigEndian ? bytes : bytes.toReversed();
  });
}

/** The 16 bytes in RFC 5952's spelling; an IPv4-mapped one (a socket bound to `::ffff:1.2.3.4`) as `::ffff:1.2.3.4`. */
function addressOf16(bytes: readonly number[]): string {
  const isMapped = bytes.slice(0, 12).every((byte, at) => byte === (at < 10 ? 0 : 255));
  if (isMapped) return `::ffff:${bytes.slice(12).join('.')}`;
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2)
    groups.push((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
