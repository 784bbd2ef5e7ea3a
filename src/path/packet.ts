import type { Container, ContainerNetwork } from '../facts/containers.ts';
import type { HostNetwork } from '../facts/network.ts';
import type { HostFacts, Packet } from '../firewall/types.ts';

/**
 * The first packet of a container's connection to an address of this host, as it comes in on the container's own
 * bridge with the container's own address, whichever bridge the address belongs to. Undefined where the container has
 * no bridge here (host network, rootless, a VM's product).
 */
export function packetToHost(container: Container, address: string, port: number): Packet | undefined {
  const v6 = address.includes(':');
  const network = container.networks.find((own) => own.bridge && sourceOn(own, v6));
  const source = network && sourceOn(network, v6);
  if (!network?.bridge || !source) return undefined;
  return { inInterface: network.bridge, source, destination: address, destinationPort: port };
}

/** The same for a connection that a process of this host makes for a container: from the address to itself, over `lo`. */
export function packetOverLoopback(address: string, port: number): Packet {
  return { inInterface: 'lo', source: address, destination: address, destinationPort: port };
}

/** The container's address there; for a container that nobody runs, one that its subnet would give. */
function sourceOn(network: ContainerNetwork, v6: boolean): string | undefined {
  if (v6) return network.addressV6;
  if (network.address !== undefined) return network.address;
  const subnet = network.subnets.find((one) => one.subnet.includes('.'))?.subnet;
  return subnet?.replace(/\.\d+\/\d+$/u, '.254');
}

/** What the firewall engine needs to know of this host. */
export function hostFacts(network: HostNetwork): HostFacts {
  return {
    addresses: network.addresses,
    routes: network.routes.map((route) => ({
      destination:
        route.destination === 'default' ? (route.family === 6 ? '::/0' : '0.0.0.0/0') : route.destination,
      interface: route.interface,
      ...(route.gateway ? { gateway: route.gateway } : {}),
    })),
    bridgePorts: network.bridgePorts,
    sysctls: network.sysctls,
  };
}
