import type { Container } from '../facts/containers.ts';
import type { Listener } from '../facts/network.ts';

/** Programs that hold a port for a container and hand its connections on (docker-proxy(1), rootlesskit, passt(1), conmon). */
const forwarders =
  /^(?:docker-proxy|dockerd|rootlesskit|rootlessport|pasta(?:\.avx2)?|passt(?:\.avx2)?|slirp4netns|conmon|com\.docker\.backend|vpnkit|gvproxy|limactl|OrbStack(?: Helper)?)/u;

/** Whether a process of this name holds its ports for containers: ending it is no way to end what answers there. */
export function isForwarder(name: string): boolean {
  return forwarders.test(name);
}

/** Who has a port that somebody else wants, and how to see and end it. */
export interface PortHolder {
  /** In words: `python3 (PID 7)`, `the container ollama, by way of docker-proxy (PID 7)`. */
  who: string;
  /** Lines that show what it is; changes nothing. */
  look: string;
  /** The command that ends it; absent where it is not known what would. */
  end?: string;
}

/**
 * @param listener has a process
 * @param containers those that were seen; the one that publishes the port is who holds it, not its forwarder
 */
export function portHolder(
  { port, process }: Pick<Listener, 'port'> & { process: NonNullable<Listener['process']> },
  containers: readonly Container[],
): PortHolder {
  const { name, pid } = process;
  const itself = `${name} (PID ${pid})`;
  if (!isForwarder(name)) return { who: itself, look: `ps -fp ${pid}`, end: `sudo kill ${pid}` };
  const publisher = containers.find(
    (one) => one.state === 'running' && one.ports.some(({ hostPort }) => hostPort === port),
  );
  if (!publisher)
    return { who: `a container, by way of ${itself},`, look: `docker ps --filter publish=${port}` };
  return {
    who: `the ${publisher.servesOllama ? 'Ollama in the ' : ''}container ${publisher.name}, by way of ${itself},`,
    look: `${publisher.runtime} ps --filter name=${publisher.name}`,
    end: `${publisher.runtime} stop ${publisher.name}`,
  };
}
