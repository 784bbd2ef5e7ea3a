import type { Container, OllamaClient } from '../../facts/containers.ts';
import type { Inventory } from '../containers/list.ts';
import type { EngineNetwork } from '../containers/networks.ts';

/** The subject of the stand-in for "any container": no container can be called that. */
const anyContainer = 'container:(any)';

/**
 * What a container started with no options would meet. On Docker Engine the way to the host is the default bridge's
 * gateway; the others have a name for it (facts: products run the engine in a VM, Podman writes its name by itself).
 */
export function hypotheticalClient(
  networks: Inventory['defaultNetworks'],
  containers: readonly Container[],
  port: number,
): OllamaClient {
  const [first] = networks;
  const engine = first?.engine ?? { runtime: 'docker' as const, endpoint: '', product: 'unknown' as const };
  const gateway = first && gatewayOf(first.network, containers);
  const name = engine.runtime === 'podman' ? 'host.containers.internal' : 'host.docker.internal';
  const host = engine.product === 'docker-engine' && gateway !== undefined ? gateway : name;
  const container: Container = {
    ...engine,
    id: '',
    name: '(any)',
    image: '',
    state: 'unknown',
    networkMode: 'bridge',
    networks: first ? [{ ...first.network, aliases: [] }] : [],
    extraHosts: [],
    env: {},
    argumentsWithUrl: [],
    servesOllama: false,
    ports: [],
  };
  return {
    subject: anyContainer,
    container,
    url: new URL(`http://${host}:${port}`),
    hypothetical: true,
    askedFor: false,
  };
}

/**
 * The IPv4 gateway of a default network. Engine 20.10 leaves it out of the network's own description: then a container
 * there knows it, and without one it is the subnet's first address, which the bridge takes unless `bip` says otherwise.
 */
function gatewayOf(network: EngineNetwork, containers: readonly Container[]): string | undefined {
  const places = [
    network,
    ...containers.flatMap((one) => one.networks.filter((own) => own.id === network.id)),
  ];
  const ipv4 = places.flatMap((one) => one.subnets).filter((subnet) => subnet.subnet.includes('.'));
  const given = ipv4.find((subnet) => subnet.gateway !== undefined)?.gateway;
  return given ?? ipv4[0]?.subnet.replace(/\.0\/\d+$/u, '.1');
}
