import type { RuntimeEndpoint } from '../../facts/containers.ts';
import type { Looked } from '../../facts/looked.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Inventory } from './list.ts';

/** Where Podman as root keeps its networks (containers-common, netavark); its default one is in no file. */
const podmanFolder = '/etc/containers/networks';
const podmanDefault = '10.88.0.0/16';

/**
 * Subnets of every network of every container engine of this host, whether any container uses it or not. Podman's are
 * read from its files, as it mostly runs no service that could be asked.
 * @param endpoints engines as they were found
 * @returns `unavailable` where one of them may have networks that could not be listed
 */
export async function listSubnets(
  machine: Machine,
  endpoints: readonly RuntimeEndpoint[],
  inventory: Looked<Inventory>,
): Promise<Looked<string[]>> {
  const unknown = (reason: string): Looked<string[]> => ({ state: 'unavailable', reason });
  if (machine.identity.env['DOCKER_HOST'] !== undefined)
    return unknown('DOCKER_HOST is set: no other Docker was asked for its networks');
  const silent = endpoints.find(({ runtime, state }) => state.state !== 'answers' && runtime !== 'podman');
  if (silent) return unknown(`${silent.endpoint} was not asked for its networks`);
  if (inventory.state !== 'seen') return unknown('no container engine answered');
  const [failed] = inventory.value.withoutNetworks;
  if (failed !== undefined) return unknown(`${failed} did not list its networks`);
  const podman = await podmanSubnets(machine);
  if (podman === undefined) return unknown(`the networks in ${podmanFolder} could not be read`);
  const listed = inventory.value.networks.flatMap((network) => network.subnets.map(({ subnet }) => subnet));
  return { state: 'seen', value: [...new Set([...listed, ...podman, podmanDefault])], evidence: [] };
}

async function podmanSubnets(machine: Machine): Promise<string[] | undefined> {
  const listed = await machine.list(podmanFolder);
  if (listed.outcome === 'absent') return [];
  if (listed.outcome !== 'listed') return undefined;
  const names = listed.names.filter((name) => name.endsWith('.json'));
  const read = await Promise.all(names.map((name) => machine.read(`${podmanFolder}/${name}`)));
  const texts = read.map((one) => (one.outcome === 'read' ? one.text : undefined));
  if (texts.includes(undefined)) return undefined;
  return texts.flatMap((text) =>
    [...(text ?? '').matchAll(/"subnet"\s*:\s*"([^"]+)"/gu)].map(([, subnet = '']) => subnet),
  );
}
