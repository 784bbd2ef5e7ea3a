import type { Container, RuntimeEndpoint } from '../../facts/containers.ts';
import type { Looked } from '../../facts/looked.ts';
import type { Machine } from '../../machine/machine.ts';
import { type EngineClient, engineClient } from '../docker/client.ts';
import { type EngineNetwork, readNetworks, readPodmanNetworks } from './networks.ts';
import { type Engine, type ListedContainer, fromList, readContainer, readContainerList } from './read.ts';

/** Containers looked at closely per engine; more are listed by name and image alone. */
const inspectedAtMost = 200;
const atOnce = 16;

/** What the engines that answered hold. */
export interface Inventory {
  containers: Container[];
  /** The network a plain `docker run` gets, one for each engine that has it: where a stand-in would stand. */
  defaultNetworks: { engine: Engine; network: EngineNetwork }[];
  /** Every network of these engines, used or not. */
  networks: EngineNetwork[];
  /** Engines that did not list theirs, by endpoint. */
  withoutNetworks: string[];
}

/**
 * All containers of the engines that answered, running ones first within each engine; helpers of our own left out.
 *
 * @returns `absent` when no engine answers, `unavailable` when engines answered and none could list its containers.
 */
export async function listContainers(
  machine: Machine,
  endpoints: readonly RuntimeEndpoint[],
): Promise<Looked<Container[]>> {
  const looked = await takeInventory(machine, endpoints);
  return looked.state === 'seen' ? { ...looked, value: looked.value.containers } : looked;
}

/**
 * As {@link listContainers}, with the default networks besides.
 *
 * @param callMs deadline of each call of an engine's API
 */
export async function takeInventory(
  machine: Machine,
  endpoints: readonly RuntimeEndpoint[],
  callMs?: number,
): Promise<Looked<Inventory>> {
  const engines = endpoints.flatMap(({ runtime, endpoint, state }) =>
    state.state === 'answers'
      ? [
          {
            runtime,
            endpoint,
            product: state.product,
            ...(state.rootless ? { rootless: true } : {}),
            ...(state.version === '' ? {} : { engineVersion: state.version }),
          },
        ]
      : [],
  );
  if (engines.length === 0) return { state: 'absent', evidence: [] };
  const parts = await Promise.allSettled(engines.map((engine) => listOne(machine, engine, callMs)));
  const seen = parts.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : []));
  const failures = parts.flatMap((part, index) =>
    part.status === 'rejected' ? [`${engines[index]?.endpoint}: ${reasonOf(part.reason)}`] : [],
  );
  if (seen.length === 0) {
    return { state: 'unavailable', reason: `the containers could not be listed (${failures.join('; ')})` };
  }
  return {
    state: 'seen',
    value: {
      containers: withoutRepeats(seen.flatMap((part) => part.containers)),
      defaultNetworks: seen.flatMap((part) => part.defaultNetworks),
      networks: seen.flatMap((part) => part.networks),
      withoutNetworks: parts.flatMap((part, index) =>
        part.status === 'fulfilled' ? part.value.withoutNetworks : [engines[index]?.endpoint ?? ''],
      ),
    },
    evidence: failures.map((failure) => ({ source: 'container engine', text: failure })),
  };
}

/** One engine may answer at two sockets (podman-docker makes Docker's socket a link to Podman's). */
function withoutRepeats(containers: Container[]): Container[] {
  const seen = new Set<string>();
  return containers.filter(({ id, runtime }) => {
    const key = `${runtime} ${id}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

async function listOne(machine: Machine, engine: Engine, callMs: number | undefined): Promise<Inventory> {
  const client = await engineClient(machine, engine.endpoint, callMs);
  // Without the networks the containers are still worth having: their own settings hold addresses and gateways.
  const [listed, known] = await Promise.all([
    client.listContainers().then(readContainerList),
    (engine.runtime === 'podman'
      ? client.listPodmanNetworks().then(readPodmanNetworks)
      : client.listNetworks().then(readNetworks)
    ).catch(() => undefined),
  ]);
  const networks = bridgesAreHere(engine) ? (known ?? []) : (known ?? []).map(withoutBridge);
  const order = (one: ListedContainer): number => (one.state === 'running' ? 0 : 1);
  const sorted = [...listed].sort((a, b) => order(a) - order(b));
  const inspected = await inBatches(sorted.slice(0, inspectedAtMost), (one) =>
    inspect(client, one, engine, networks),
  );
  const defaultNetwork = networks.find(
    (network) => network.name === (engine.runtime === 'podman' ? 'podman' : 'bridge'),
  );
  return {
    containers: [
      ...inspected.map((one) => withSharedNetwork(one, inspected)),
      ...sorted.slice(inspectedAtMost).map((one) => fromList(one, engine)),
    ],
    defaultNetworks: defaultNetwork ? [{ engine, network: defaultNetwork }] : [],
    networks,
    withoutNetworks: known === undefined ? [engine.endpoint] : [],
  };
}

/** Bridges of a rootless engine, or of one in a VM, are none of this host's, though one here may have the same name. */
function bridgesAreHere(engine: Engine): boolean {
  return engine.rootless !== true && ['docker-engine', 'podman', 'unknown'].includes(engine.product);
}

function withoutBridge({ bridge: _elsewhere, ...network }: EngineNetwork): EngineNetwork {
  return network;
}

/**
 * A container in another one's network (`container:ID`, compose's `network_mode: service:x`) has no networks of its own
 * in the engine's answer: its packets come from the other's.
 */
function withSharedNetwork(container: Container, all: readonly Container[]): Container {
  const [, owner] = /^container:(.+)$/u.exec(container.networkMode) ?? [];
  const other = all.find((one) => one.id === owner || one.name === owner);
  if (other === undefined) return container;
  return {
    ...container,
    joined: { name: other.name, networkMode: other.networkMode },
    networks: container.networks.length > 0 ? container.networks : other.networks,
  };
}

/** One that went away in between, or that the engine chokes on, costs its own details alone. */
async function inspect(
  client: EngineClient,
  listed: ListedContainer,
  engine: Engine,
  networks: readonly EngineNetwork[],
): Promise<Container> {
  try {
    return (
      readContainer(await client.inspectContainer(listed.id), engine, networks) ?? fromList(listed, engine)
    );
  } catch {
    return fromList(listed, engine);
  }
}

/** Runs over all values, sixteen at a time, results in order. */
async function inBatches<T, R>(values: readonly T[], work: (value: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < values.length; at += atOnce) {
    results.push(...(await Promise.all(values.slice(at, at + atOnce).map(work))));
  }
  return results;
}

function reasonOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
