import { type Around, type PortHolder, type Project, publishedPorts } from '../compose/index.ts';
import type { Container, RuntimeEndpoint } from '../facts/containers.ts';
import type { Machine } from '../machine/machine.ts';
import type { Facts } from './collectors.ts';
import { collectFacts } from './facts.ts';
import { defaultOptions } from './options.ts';
import { within } from './within.ts';

/** Milliseconds for what is asked of this host: a file can be judged without. */
const askingMs = 3000;

/** Programs that hold a port for a container. */
const forwarders =
  /^(?:docker-proxy|rootlessport|rootlesskit|conmon|pasta|slirp4netns|gvproxy|com\.docker\..*)$/u;

/**
 * What this host adds to a compose file: which engine answers, and who has the ports that the file publishes. Nothing
 * of it is needed; where it cannot be seen, it is left out. Changes nothing.
 */
export async function lookAround(machine: Machine, project: Project): Promise<Around> {
  const facts = collectFacts(machine, { ...defaultOptions, timeoutMs: askingMs });
  const { platform } = machine.identity;
  const quietly = async <T>(promise: Promise<T>): Promise<T | undefined> =>
    within(
      askingMs,
      promise.catch(() => undefined),
      undefined,
    );
  const engines = (await quietly(facts.runtimes())) ?? [];
  const ports = new Set(publishedPorts(project).flatMap(({ port }) => range(port.published)));
  const holders = ports.size === 0 ? [] : ((await quietly(holdersOf(facts, ports))) ?? []);
  return { platform, ...engineOf(engines), holders };
}

/** The engine that `docker compose` talks to: Docker's before Podman's. */
function engineOf(engines: readonly RuntimeEndpoint[]): Pick<Around, 'product' | 'rootless'> {
  const answering = engines.flatMap(({ runtime, state }) =>
    state.state === 'answers' ? [{ runtime, product: state.product, rootless: state.rootless }] : [],
  );
  const engine = answering.find((one) => one.runtime === 'docker') ?? answering[0];
  return { product: engine?.product, rootless: engine?.rootless === true };
}

async function holdersOf(facts: Facts, ports: ReadonlySet<number>): Promise<PortHolder[]> {
  const [looked, listeners] = await Promise.all([facts.containers(), facts.listeners()]);
  const containers = looked.state === 'seen' ? looked.value : [];
  const published = containers
    .filter((one) => one.state === 'running')
    .flatMap((one) => heldByContainer(one, ports));
  if (listeners.state !== 'seen') return published;
  const known = new Set(published.map((one) => one.port));
  const others = listeners.value.listeners.flatMap(({ address, port, process }): PortHolder[] => {
    if (!ports.has(port) || known.has(port) || !process || forwarders.test(process.name)) return [];
    return [{ port, address, who: `${process.name} (PID ${process.pid})` }];
  });
  return [...published, ...others];
}

function heldByContainer(container: Container, ports: ReadonlySet<number>): PortHolder[] {
  const { compose, name } = container;
  return container.ports
    .filter((port) => ports.has(port.hostPort))
    .map((port) => ({
      port: port.hostPort,
      address: port.hostAddress,
      who: `the container ${name}`,
      ...(compose ? { compose: { project: compose.project, service: compose.service } } : {}),
    }));
}

function range(published: { from: number; to: number } | undefined): number[] {
  if (!published || published.to - published.from > 100) return [];
  return Array.from({ length: published.to - published.from + 1 }, (_, index) => published.from + index);
}
