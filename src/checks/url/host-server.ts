import type { Facts } from '../../diagnosis/collectors.ts';
import type { Listener } from '../../facts/network.ts';

/** Programs that hold a port for a container and hand its connections on (docker-proxy(1), rootlesskit, passt(1), conmon). */
const forwarders =
  /^(?:docker-proxy|dockerd|rootlesskit|rootlessport|pasta(?:\.avx2)?|passt(?:\.avx2)?|slirp4netns|conmon|com\.docker\.backend|vpnkit|gvproxy|limactl|OrbStack(?: Helper)?)/u;

/** True for a listener that stands for a port which a container publishes. */
function isForwarder(listener: Listener, published: readonly number[]): boolean {
  const { process, port } = listener;
  return process ? forwarders.test(process.name) : published.includes(port);
}

/** Whether an Ollama of this host itself listens here, and not one in a container whose port is published. */
export async function hostServesItself(facts: Facts): Promise<boolean> {
  const [server, containers, services] = await Promise.all([
    facts.server(),
    facts.containers(),
    facts.services(),
  ]);
  if (services.state === 'seen' && services.value.some((one) => one.state === 'running')) return true;
  const all = containers.state === 'seen' ? containers.value : [];
  const published = all.flatMap((one) =>
    one.state === 'running' ? one.ports.map((port) => port.hostPort) : [],
  );
  return (server.listeners ?? []).some((listener) => !isForwarder(listener, published));
}
