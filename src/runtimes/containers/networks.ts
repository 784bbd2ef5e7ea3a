import type { ContainerNetwork } from '../../facts/containers.ts';
import { fields, list, texts, words } from '../docker/fields.ts';

/** A network of an engine, without any container's part in it. */
export type EngineNetwork = Omit<ContainerNetwork, 'address' | 'addressV6' | 'aliases'>;

/** Reads Docker's answer to `/networks`. */
export function readNetworks(answer: unknown): EngineNetwork[] {
  return list(answer)
    .map(readNetwork)
    .filter((network) => network !== undefined);
}

/**
 * Reads Podman's own list of networks (`/libpod/networks/json`), which names the bridge; its Docker-compatible one does
 * not, and calls the default network by Docker's name.
 */
export function readPodmanNetworks(answer: unknown): EngineNetwork[] {
  return list(answer).flatMap((item) => {
    const network = fields(item);
    const name = words(network['name']);
    if (name === undefined) return [];
    const driver = words(network['driver']) ?? '';
    const bridge = driver === 'bridge' ? words(network['network_interface']) : undefined;
    return [
      {
        name,
        id: words(network['id']) ?? '',
        driver,
        internal: network['internal'] === true,
        subnets: list(network['subnets']).flatMap((part) => {
          const subnet = words(fields(part)['subnet']);
          const gateway = words(fields(part)['gateway']);
          return subnet === undefined ? [] : [{ subnet, ...(gateway === undefined ? {} : { gateway }) }];
        }),
        ...(bridge === undefined ? {} : { bridge }),
        ...(name === 'podman' ? { pinned: true } : {}),
      },
    ];
  });
}

function readNetwork(value: unknown): EngineNetwork | undefined {
  const network = fields(value);
  const name = words(network['Name']);
  if (name === undefined) return undefined;
  const id = words(network['Id']) ?? '';
  const driver = words(network['Driver']) ?? '';
  const subnets = list(fields(network['IPAM'])['Config']).flatMap((item) => {
    const config = fields(item);
    const subnet = words(config['Subnet']);
    const gateway = words(config['Gateway'])?.replace(/\/\d+$/u, '');
    return subnet === undefined ? [] : [{ subnet, ...(gateway === undefined ? {} : { gateway }) }];
  });
  const bridge = bridgeName(name, id, driver, fields(network['Options']));
  const pinned = isPinned(name, driver, subnets);
  return {
    name,
    id,
    driver,
    internal: network['Internal'] === true,
    subnets,
    ...(bridge === undefined ? {} : { bridge }),
    ...(pinned === undefined ? {} : { pinned }),
  };
}

/**
 * The bridge a network's packets come in on: the name given with it,
 * docker0, or `br-` and the first 12 digits of the network's id (moby `drivers/bridge`).
 */
function bridgeName(
  name: string,
  id: string,
  driver: string,
  options: Record<string, unknown>,
): string | undefined {
  if (driver !== 'bridge') return undefined;
  const given = words(options['com.docker.network.bridge.name']);
  if (given !== undefined) return given;
  if (name === 'bridge') return 'docker0';
  return /^[0-9a-f]{12}/u.test(id) ? `br-${id.slice(0, 12)}` : undefined;
}

/**
 * Whether the subnet stays when the network is made again. The default networks are never made again. A subnet with
 * no gateway beside it was written by a person: where the engine chooses it, it writes down both.
 */
function isPinned(name: string, driver: string, subnets: { gateway?: string }[]): boolean | undefined {
  if (driver !== 'bridge') return undefined;
  if (name === 'bridge') return true;
  return subnets.length > 0 && subnets.every((subnet) => subnet.gateway === undefined) ? true : undefined;
}

/**
 * A container's networks: its part (address, aliases) from its inspect, the rest from the list of networks, which may
 * lack one (made a moment ago, or the list could not be read).
 */
export function joinNetworks(settings: unknown, known: readonly EngineNetwork[]): ContainerNetwork[] {
  return Object.entries(fields(settings)).map(([name, value]) => {
    const own = fields(value);
    const id = words(own['NetworkID']) ?? '';
    const network = known.find((one) => one.id === id && id !== '') ?? known.find((one) => one.name === name);
    const address = words(own['IPAddress']);
    const addressV6 = words(own['GlobalIPv6Address']);
    const aliases = [...new Set([...texts(own['Aliases']), ...texts(own['DNSNames'])])];
    return {
      name,
      id: network?.id ?? id,
      driver: network?.driver ?? '',
      internal: network?.internal ?? false,
      subnets: withGateways(network?.subnets ?? [], [words(own['Gateway']), words(own['IPv6Gateway'])]),
      aliases,
      ...(address === undefined ? {} : { address }),
      ...(addressV6 === undefined ? {} : { addressV6 }),
      ...(network?.bridge === undefined ? {} : { bridge: network.bridge }),
      ...(network?.pinned === undefined ? {} : { pinned: network.pinned }),
    };
  });
}

/** A subnet written by a person may have no gateway in the list; the container's own settings then know it. */
function withGateways(
  subnets: ContainerNetwork['subnets'],
  gateways: (string | undefined)[],
): ContainerNetwork['subnets'] {
  return subnets.map((subnet) => {
    if (subnet.gateway !== undefined) return { ...subnet };
    const gateway = gateways.find((one) => one?.includes(':') === subnet.subnet.includes(':'));
    return gateway === undefined ? { ...subnet } : { ...subnet, gateway };
  });
}
