import type { Container } from '../facts/containers.ts';
import { isLoopback } from './server.ts';
import { base, isServer, namesOf, servingPort } from './ways-to-ollama.ts';

/** An Ollama in a container, as another container can or could reach it. */
export interface Neighbour {
  server: Container;
  /** Base URLs by its names on the networks that both are on, the one that stays longest first; empty where there is none. */
  urls: string[];
  /** A network of its own that the other could join; undefined where it has none with names. */
  network?: string;
  /** The name it has on that network. */
  name: string;
  port: number;
  /** This host's port that leads to it from outside of this host, and the one that does on loopback alone. */
  published?: number;
  publishedOnLoopback?: number;
}

/** The running containers that serve Ollama beside this one, those that share a network with it first. */
export function neighbours(container: Container, containers: readonly Container[]): Neighbour[] {
  return containers
    .filter((one) => isServer(one) && one.endpoint === container.endpoint && one.id !== container.id)
    .map((server) => neighbour(server, container))
    .toSorted((a, b) => Number(b.urls.length > 0) - Number(a.urls.length > 0));
}

function neighbour(server: Container, client: Container): Neighbour {
  const port = servingPort(server);
  const isOwn = ({ name }: { name: string }): boolean => !['bridge', 'podman', 'host', 'none'].includes(name);
  const network = server.networks.find(isOwn)?.name;
  const published = server.ports.filter((one) => one.containerPort === port);
  const open = published.find((one) => !isLoopback(one.hostAddress))?.hostPort;
  const local = published.find((one) => isLoopback(one.hostAddress))?.hostPort;
  return {
    server,
    urls: [...new Set(namesOf(server, client).map((name) => base(name, port)))],
    name: server.compose?.service ?? server.name,
    port,
    ...(network === undefined ? {} : { network }),
    ...(open === undefined ? {} : { published: open }),
    ...(local === undefined ? {} : { publishedOnLoopback: local }),
  };
}
