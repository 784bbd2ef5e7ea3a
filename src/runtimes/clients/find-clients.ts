import type { Container, OllamaClient } from '../../facts/containers.ts';
import type { Inventory } from '../containers/list.ts';
import type { EngineNetwork } from '../containers/networks.ts';
import { clientUrl } from './client-url.ts';
import { clientSettings } from './settings.ts';

export interface FoundClients {
  clients: OllamaClient[];
  /** Names given with --container that no container has. */
  unknown: string[];
}

/** The subject of the stand-in for "any container": no container can be called that. */
const anyContainer = 'container:(any)';

/**
 * Who wants Ollama, and by which URL.
 *
 * With names, exactly those containers, in any state, also without a setting. Otherwise every running container whose
 * variables or arguments point at an Ollama. One client for each distinct URL of a container. Where there is none,
 * one hypothetical: what a container on the default network would meet.
 *
 * @param options.named names, or ids from their first digits on
 * @param options.defaultNetworks from `takeInventory`, for the hypothetical one
 * @param options.port the port Ollama listens on, for the hypothetical one; default 11434
 */
export function findClients(
  containers: readonly Container[],
  options: { named: readonly string[]; defaultNetworks?: Inventory['defaultNetworks']; port?: number },
): FoundClients {
  if (options.named.length > 0) return findNamed(containers, options.named);
  const clients = containers
    .filter((container) => container.state === 'running')
    .flatMap((container) => clientsOf(container, false));
  if (clients.length > 0) return { clients, unknown: [] };
  return {
    clients: [hypotheticalClient(options.defaultNetworks ?? [], containers, options.port ?? 11_434)],
    unknown: [],
  };
}

function findNamed(containers: readonly Container[], named: readonly string[]): FoundClients {
  const found = new Set<Container>();
  const unknown: string[] = [];
  for (const name of named) {
    const exact = containers.filter((container) => container.name === name || container.id === name);
    const byId = /^[0-9a-f]{4,}$/u.test(name)
      ? containers.filter((container) => container.id.startsWith(name))
      : [];
    const matches = exact.length > 0 ? exact : byId;
    if (matches.length === 0) unknown.push(name);
    for (const match of matches) found.add(match);
  }
  const clients = [...found].flatMap((container) => {
    const own = clientsOf(container, true);
    if (own.length > 0) return own;
    return [{ subject: subjectOf(container), container, hypothetical: false, askedFor: true }];
  });
  return { clients, unknown };
}

/** A client for each distinct address; a setting that is no URL is one of its own, as it is a finding. */
function clientsOf(container: Container, askedFor: boolean): OllamaClient[] {
  const byUrl = new Map<string, OllamaClient>();
  for (const { name, value, assumed } of clientSettings(container)) {
    const url = clientUrl(value);
    const key = url?.href.replace(/\/+$/u, '') ?? value;
    if (byUrl.has(key)) continue;
    byUrl.set(key, {
      subject: subjectOf(container),
      container,
      setting: { name, value },
      ...(url ? { url } : {}),
      ...(assumed === undefined ? {} : { assumed }),
      hypothetical: false,
      askedFor,
    });
  }
  return [...byUrl.values()];
}

function subjectOf(container: Container): string {
  return `container:${container.name}`;
}

/**
 * What a container started with no options would meet. On Docker Engine the way to the host is the default bridge's
 * gateway; the others have a name for it (facts: products run the engine in a VM, Podman writes its name by itself).
 */
function hypotheticalClient(
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
