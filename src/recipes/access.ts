import type { Container, ContainerNetwork } from '../facts/containers.ts';
import type { HostNetwork } from '../facts/network.ts';
import type { Packet } from '../firewall/index.ts';
import { isIn } from '../path/subnet.ts';

/** One network of a container by which its packets reach this host. */
export interface Approach {
  container: Container;
  network: ContainerNetwork;
  packet: Packet;
  /** The subnet that the packet's source is in, as the engine gives it: `172.18.0.0/16`. */
  subnet: string;
}

/**
 * The ways a container's packets to an address of this host may come in: by the network that the address is on, or,
 * where it is on none of them, by any network that has a way out (which one holds the default route is the engine's
 * choice). Networks whose bridge is not on this host (rootless, a VM's) have no way in that rules here could see.
 */
export function approaches(
  container: Container,
  address: string,
  port: number,
  host: HostNetwork,
): Approach[] {
  const v6 = address.includes(':');
  const all = container.networks.flatMap((network): Approach[] => {
    const source = v6 ? network.addressV6 : network.address;
    const { bridge } = network;
    if (!source || !bridge || !host.addresses.some((own) => own.interface === bridge)) return [];
    const subnet = network.subnets.find((one) => isIn(source, one.subnet))?.subnet;
    if (subnet === undefined) return [];
    const packet = { inInterface: bridge, source, destination: address, destinationPort: port };
    return [{ container, network, packet, subnet }];
  });
  const onLink = all.filter((one) => isIn(address, one.subnet));
  return onLink.length > 0 ? onLink : all.filter((one) => !one.network.internal);
}

/** `container:NAME` of everything that has an address in one of these subnets. */
export function subjectsIn(containers: readonly Container[], subnets: readonly string[]): string[] {
  return containers
    .filter((container) =>
      container.networks.some((own) =>
        [own.address, own.addressV6].some(
          (address) => address !== undefined && subnets.some((subnet) => isIn(address, subnet)),
        ),
      ),
    )
    .map((container) => `container:${container.name}`)
    .toSorted();
}
