import type { Finding } from '../../engine/check.ts';
import type { ApiAnswer, Asked } from '../../facts/api.ts';
import type { Listener } from '../../facts/network.ts';
import { blockedBy } from '../context.ts';

/** Programs that take connections for somebody else, who may be gone. */
const forwarder =
  /^(?:docker-proxy|com\.docker\.backend|vpnkit|rootlessport|rootlesskit|pasta(?:\.avx2)?|slirp4netns|conmon|socat|ssh|sshd|iphlpsvc|svchost|wslrelay|gvproxy|haproxy|systemd-socket-proxyd)(?:\.exe)?$/iu;

const serverLog = "look at the server's log: journalctl -u ollama -n 50";

/** Where no connection held. */
export interface Place {
  /** The check that says why nothing takes connections. */
  before: string;
  /** Its service does not run, which that check says. */
  fallen: boolean;
  /** It is an address of the user's own (--url), of which no other check says why it refuses. */
  named: boolean;
  /** What listens on the port here. */
  listeners: readonly Listener[];
}

/** Connections that nobody took, nor cut off. */
const lost: ReadonlySet<string> = new Set(['timeout', 'host-unreachable', 'network-unreachable', 'failed']);

/** Connected, and silence. */
export function silent(detail: string, { url, evidence }: Asked, listeners: readonly Listener[]): Finding {
  const holder = holderOf(listeners);
  const who =
    holder === undefined ? '' : ` (${holder.process?.name}, process ${holder.process?.pid}, has the port)`;
  return {
    status: 'fail',
    code: 'api-timeout',
    summary: `${url} takes the connection and does not answer: ${detail}${who}`,
    evidence,
    instructions: [serverLog, 'restart it when it hangs: sudo systemctl restart ollama'],
  };
}

/**
 * No connection that holds.
 */
export function unreachable(
  answer: Extract<ApiAnswer, { kind: 'unreachable' }>,
  { url, evidence }: Asked,
  { before, fallen, named, listeners }: Place,
): Finding {
  const { failure, detail } = answer;
  if (failure === 'name-not-found') return unknownName(detail, { url, evidence });
  if (failure === 'refused' && named)
    return {
      status: 'fail',
      code: 'api-error',
      summary: `nothing takes connections at ${url}, the address given by --url: ${detail}`,
      evidence,
      instructions: [
        'see what listens there, and on which address and port: sudo ss -ltnp',
        'give the address that Ollama listens on, or leave --url out: then the doctor looks for it',
      ],
    };
  // An address that this host does not have may swallow packets; why no server has it is another check's.
  if (failure === 'refused' || (fallen && listeners.length === 0 && lost.has(failure)))
    return { ...blockedBy(before, 'host', `nothing takes connections at ${url}`), evidence };
  if (failure === 'tls-mismatch') {
    const asked = url.startsWith('https:');
    return {
      status: 'fail',
      code: asked ? 'api-error' : 'not-ollama',
      summary: asked
        ? `${url} cannot be asked with https: ${detail}. Ollama speaks plain http, and no TLS at all`
        : `${url} wants TLS, which Ollama never does: a proxy or another server has the port`,
      evidence,
      instructions: [
        asked
          ? `use ${url.replace(/^https:/u, 'http:')}`
          : `use ${url.replace(/^http:/u, 'https:')} when it is a proxy in front of Ollama`,
      ],
    };
  }
  if (failure === 'reset') return cutOff(detail, { url, evidence }, listeners);
  return {
    status: 'fail',
    code: failure === 'timeout' ? 'api-timeout' : 'api-error',
    summary: `${url} cannot be reached from this host: ${detail}`,
    evidence,
    instructions: ['see what listens: ss -ltn', serverLog],
  };
}

/** A name that the resolver of this host does not have. */
function unknownName(detail: string, { url, evidence }: Pick<Asked, 'url' | 'evidence'>): Finding {
  const name = URL.canParse(url) ? new URL(url).hostname : url;
  return {
    status: 'fail',
    code: 'api-error',
    summary: `the name ${name} is not known on this host, so nothing could be asked at ${url}: ${detail}`,
    evidence,
    instructions: [
      `check its spelling, and whether this host knows it: ping -c 1 ${name}`,
      'a name that only containers know (a compose service, host.docker.internal) is tried from there: ollama-doctor url --from NAME',
    ],
  };
}

/** Accepted and cut off: a forwarder without anybody behind it, where one is seen to hold the port. */
function cutOff(
  detail: string,
  { url, evidence }: Pick<Asked, 'url' | 'evidence'>,
  listeners: readonly Listener[],
): Finding {
  const holder = holderOf(listeners);
  if (holder?.process && forwarder.test(holder.process.name))
    return {
      status: 'fail',
      code: 'not-ollama',
      summary: `${url} is a forwarded port: ${holder.process.name} (process ${holder.process.pid}) takes the connection and cuts it off, as nobody answers behind it`,
      evidence,
      instructions: [
        'start what the port is forwarded to, or take the forwarding away: docker ps shows published ports',
      ],
    };
  return {
    status: 'fail',
    code: 'api-error',
    summary: `${url} takes the connection and cuts it off: ${detail}. A forwarding whose target is gone does so, and a server that fails`,
    evidence,
    instructions: ['see who has the port: sudo ss -ltnp', serverLog],
  };
}

function holderOf(listeners: readonly Listener[]): Listener | undefined {
  return listeners.find((listener) => listener.process && listener.process.name !== 'ollama');
}
