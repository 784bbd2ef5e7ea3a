import type { Looked } from '../facts/looked.ts';
import type { Listener, Listeners } from '../facts/network.ts';
import type { OllamaService } from '../facts/service.ts';
import { parseOllamaHost, serverUrl } from '../ollama/host-setting.ts';

/** Where Ollama should be on this host, and where it is. */
export interface Server {
  /** The port it was told to use, or listens on. */
  port: number;
  /** What it was told: OLLAMA_HOST of the running process, else of the configuration; undefined when nothing sets it. */
  told?: string;
  /** Listeners on that port; undefined when they could not be read. */
  listeners?: Listener[];
  bind: Bind;
  /** Where to ask it from this host. */
  url: URL;
}

type Bind =
  /** All interfaces. */
  | { kind: 'all' }
  | { kind: 'loopback'; address: string }
  /** Certain addresses only. */
  | { kind: 'addresses'; addresses: string[] }
  /** Nothing listens on the port; `configured` is what it would do when started, where that is known. */
  | { kind: 'none'; configured?: 'all' | 'loopback' | 'address' | 'unknown' }
  | { kind: 'unknown' };

/**
 * Puts together what is known of the server on this host. What a running process has counts before what the files
 * say, and what listens counts before both.
 *
 * @param shellHost OLLAMA_HOST of the doctor's own environment: used where no service says anything.
 * @param url --url, which decides where to ask, and the port.
 */
export function locateServer(
  services: Looked<OllamaService[]>,
  listeners: Looked<Listeners>,
  shellHost: string | undefined,
  url: URL | undefined,
): Server {
  const service = services.state === 'seen' ? services.value[0] : undefined;
  const running = service?.processHost;
  const told = running ? running.value : (service?.configuredHost ?? (service ? undefined : shellHost));
  const setting = parseOllamaHost(told);
  const all = listeners.state === 'seen' ? listeners.value.listeners : undefined;
  const own = all?.filter((listener) => listener.process?.name === 'ollama');
  const configuredPort = setting.port;
  const listening = all?.filter((listener) => listener.port === configuredPort) ?? [];
  // A server that listens elsewhere than its configuration says was started by hand, or not restarted.
  // Of several servers the service's own counts; a port of 0 lets the kernel choose.
  const elsewhere = own?.find((listener) => listener.process?.pid === service?.pid) ?? own?.[0];
  const port = listening.length === 0 ? (elsewhere?.port ?? configuredPort) : configuredPort;
  const onPort = all?.filter((listener) => listener.port === port);
  const asked = url ?? serverUrl({ ...setting, port }) ?? new URL(`http://127.0.0.1:${port}/`);
  return {
    port,
    ...(told === undefined ? {} : { told }),
    ...(onPort ? { listeners: onPort } : {}),
    bind: onPort ? bindOf(onPort, service ? setting.listensOn.kind : undefined) : { kind: 'unknown' },
    url: asked,
  };
}

function bindOf(listeners: Listener[], configured: string | undefined): Bind {
  if (listeners.length === 0) {
    if (configured === undefined) return { kind: 'none' };
    const kind =
      configured === 'all' || configured === 'loopback' || configured === 'address' ? configured : 'unknown';
    return { kind: 'none', configured: kind };
  }
  if (listeners.some((listener) => listener.wildcard && !listener.v6only)) return { kind: 'all' };
  const addresses = listeners.map((listener) => listener.address);
  if (addresses.every(isLoopback)) return { kind: 'loopback', address: addresses[0] ?? '127.0.0.1' };
  return { kind: 'addresses', addresses };
}

/** True for 127.0.0.0/8 and ::1 (also as IPv4-mapped). Takes an address without brackets. */
export function isLoopback(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:/u, '');
  return plain === '::1' || /^127\.\d+\.\d+\.\d+$/u.test(plain);
}
