import { inNetwork, wire } from './network.ts';
import { run } from './process.ts';

/** What became of a connection; `error` names what fits nowhere else. */
export type Reach = 'connected' | 'refused' | 'timeout' | 'unreachable' | `error ${string}`;

export interface PublicSide {
  /** The host's addresses as the public side calls them; the link-local one has its scope. */
  addresses: { ipv4: string; ula: string; linkLocal: string };
  /** Tries to open a TCP connection to the host from outside; 4 seconds when no time is given. */
  connect: (address: string, port: number, timeoutMs?: number) => Promise<Reach>;
  /** The same for all three of the host's addresses at once, in the order IPv4, unique-local, link-local. */
  connectAll: (port: number, timeoutMs?: number) => Promise<Reach[]>;
}

const tryIt = `
const [host, port, timeout] = process.argv.slice(1);
const socket = require('node:net').connect({ host, port: Number(port) });
const say = (word) => { console.log(word); process.exit(0); };
setTimeout(() => say('timeout'), Number(timeout));
socket.on('connect', () => say('connected'));
socket.on('error', (error) => say(error.code ?? String(error)));
`;

const words: Record<string, Reach> = {
  connected: 'connected',
  timeout: 'timeout',
  ETIMEDOUT: 'timeout',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  // What an IPv6 reject with admin-prohibited makes of connect(2).
  EACCES: 'unreachable',
};

/** @param namespace the network namespace of the public side */
export function publicSideOf(namespace: string): PublicSide {
  const addresses = {
    ipv4: wire.host.ipv4,
    ula: wire.host.ula,
    linkLocal: `${wire.hostLinkLocal}%${wire.public.interface}`,
  };
  const connect = async (address: string, port: number, timeoutMs = 4000): Promise<Reach> => {
    const node = [process.execPath, '-e', tryIt, address, String(port), String(timeoutMs)];
    const result = await run([...inNetwork(namespace), ...node], { timeoutMs: timeoutMs + 10_000 });
    const word = result.stdout.trim();
    return words[word] ?? `error ${word || result.stderr.trim()}`;
  };
  const connectAll = (port: number, timeoutMs?: number): Promise<Reach[]> =>
    Promise.all(Object.values(addresses).map((address) => connect(address, port, timeoutMs)));
  return { addresses, connect, connectAll };
}
