import type { Facts } from '../../diagnosis/collectors.ts';
import type { Listener } from '../../facts/network.ts';
import { isForwarder } from '../port-holder.ts';

/** True for a listener that stands for a port which a container publishes. */
export function standsForContainer(listener: Listener, published: readonly number[]): boolean {
  const { process, port } = listener;
  return process ? isForwarder(process.name) : published.includes(port);
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
  return (server.listeners ?? []).some((listener) => !standsForContainer(listener, published));
}
