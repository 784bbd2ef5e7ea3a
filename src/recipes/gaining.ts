import type { HostNetwork } from '../facts/network.ts';
import { approaches } from './access.ts';
import { verdicts } from './firewall/controls.ts';
import type { Planning } from './recipe.ts';

/**
 * `container:NAME` of every running container whose packets to the port the rules of the draft let through, at any
 * address of this host: all who can reach an Ollama that listens there on every address.
 */
export async function containersLetIn(
  { draft, facts }: Planning,
  network: HostNetwork,
  port: number,
): Promise<string[]> {
  const containers = await facts.containers();
  const { listings } = draft;
  if (containers.state !== 'seen' || !listings) return [];
  const addresses = network.addresses.filter((own) => own.interface !== 'lo' && own.up);
  return containers.value
    .filter((container) => container.state === 'running')
    .filter((container) => {
      const packets = addresses.flatMap((own) =>
        approaches(container, own.address, port, network).map(({ packet }) => packet),
      );
      return verdicts(listings, packets, network).includes('accept');
    })
    .map((container) => `container:${container.name}`)
    .toSorted();
}
