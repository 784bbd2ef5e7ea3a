import type { Container } from '../facts/containers.ts';
import type { HostNetwork } from '../facts/network.ts';
import { isEngineInterface, type Outsider, outsiders } from './outsiders.ts';
import { isLoopback, type Server } from './server.ts';

/** A port of this host behind which an Ollama answers. */
export interface Door {
  port: number;
  /** The container that publishes it; undefined for a server of the host's own. */
  container?: string;
  /** The container's own port behind it. */
  containerPort?: number;
  /** Addresses it listens on; undefined for all. */
  addresses?: string[];
  /** False for one of a single family on all its addresses. */
  families: (4 | 6)[];
}

/**
 * The ports by which Ollama can be had from outside: the server's own, and those that containers with an Ollama
 * publish. Docker makes a published port by address translation, so that it may be open although nothing listens
 * (`userland-proxy: false`), and its packets cross FORWARD, not INPUT.
 */
export function doorsOf(server: Server, containers: readonly Container[]): Door[] {
  const doors: Door[] = [];
  for (const container of containers) {
    if (!container.servesOllama || container.state !== 'running') continue;
    const byPort = new Map<number, string[]>();
    const inner = new Map(container.ports.map((one) => [one.hostPort, one.containerPort]));
    for (const { hostAddress, hostPort } of container.ports)
      if (hostPort > 0)
        byPort.set(hostPort, [
          ...(byPort.get(hostPort) ?? []),
          ...(hostAddress === '' ? ['0.0.0.0', '::'] : [hostAddress]),
        ]);
    for (const [port, addresses] of byPort) {
      const anywhere = addresses.filter((address) => address === '0.0.0.0' || address === '::');
      const families = anywhere.map((address) => (address === '::' ? 6 : 4));
      const certain = addresses.filter((address) => !isLoopback(address));
      const door = { port, container: container.name, containerPort: inner.get(port) ?? port };
      if (anywhere.length > 0) doors.push({ ...door, families });
      else if (certain.length > 0) doors.push({ ...door, addresses: certain, families: [4, 6] });
    }
  }
  const { bind, port } = server;
  if (doors.some((door) => door.port === port)) return doors;
  if (bind.kind === 'all') doors.unshift({ port, families: [4, 6] });
  if (bind.kind === 'addresses') doors.unshift({ port, addresses: bind.addresses, families: [4, 6] });
  return doors;
}

/**
 * Packets of outsiders to the door. One that listens on an inner address alone is asked for too: Linux takes packets
 * for any of its addresses on any interface, so that a neighbour need only send them here.
 */
export function callersAt(door: Door, network: HostNetwork, containers: readonly Container[]): Outsider[] {
  const all = outsiders(network, containers, door.port);
  const listens = (address: string) =>
    door.addresses?.includes(address) ?? door.families.includes(address.includes(':') ? 6 : 4);
  const direct = all.filter(({ packet }) => listens(packet.destination));
  const inner = (door.addresses ?? []).filter(
    (address) =>
      !isLoopback(address) &&
      network.addresses.some((own) => own.address === address && isEngineInterface(own.interface)),
  );
  const aside = inner.flatMap((destination) =>
    all
      .filter(
        ({ packet, neighbour }) =>
          neighbour && packet.destination.includes(':') === destination.includes(':'),
      )
      .map(({ packet, who }) => ({
        packet: { ...packet, destination },
        global: false,
        neighbour: true,
        who: `${who} that sends packets for ${destination} here`,
      })),
  );
  return [...direct, ...aside];
}
