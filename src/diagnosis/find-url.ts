import type { Container, RuntimeEndpoint, RuntimeName } from '../facts/containers.ts';
import type { Looked } from '../facts/looked.ts';
import type { Machine } from '../machine/machine.ts';
import { apiBase } from '../ollama/ask.ts';
import { clientUrl, parseOllamaHost } from '../ollama/host-setting.ts';
import { type Surroundings, waysFromContainer, waysFromHost } from '../path/ways-to-ollama.ts';
import { insideContainer } from '../runtimes/index.ts';
import type { Facts } from './collectors.ts';
import { collectFacts } from './facts.ts';
import { assertContainersExist } from './known-containers.ts';
import { defaultOptions } from './options.ts';
import { vantageOf } from './vantage.ts';
import { type Tried, tryInOrder } from './try-urls.ts';
import { within } from './within.ts';

export interface UrlQuestion {
  /** A container's name or id; undefined is this host. */
  from?: string;
  /** Try this base URL alone. */
  url?: string;
  runtime?: RuntimeName;
  /** Milliseconds for the whole. */
  timeoutMs: number;
}

export interface FoundUrl {
  /** `host` or `container:NAME`. */
  from: string;
  /** The base URL that works from there, without a slash at its end. */
  url: string | null;
  tried: Tried[];
  /** Why nothing could be tried, for people. */
  problem?: string;
}

/** More than one container of that name: engines side by side. */
export class AmbiguousContainerError extends Error {
  override readonly name = 'AmbiguousContainerError';
}

/**
 * Finds a base URL by which Ollama is reached from a container or from this host, proved by a request from there. Changes
 * nothing. Ends within `timeoutMs` plus what cannot be interrupted of a system call.
 *
 * @throws UnknownContainerError and AmbiguousContainerError for a name that is not that of one container
 */
export async function findUrl(machine: Machine, question: UrlQuestion): Promise<FoundUrl> {
  const startedAt = performance.now();
  const left = (): number => Math.max(0, question.timeoutMs - (performance.now() - startedAt));
  const { from, runtime } = question;
  const facts = collectFacts(machine, {
    ...defaultOptions,
    containers: from === undefined ? [] : [from],
    timeoutMs: question.timeoutMs,
    ...(runtime === undefined ? {} : { runtime }),
  });
  if (from === undefined) return fromHost(machine, facts, question, left);

  const subject = `container:${from}`;
  const place = await within(left(), findContainer(facts), {
    problem: 'the container engines did not answer in time',
  });
  if ('problem' in place) return { from: subject, url: null, tried: [], problem: place.problem };
  const { container } = place;
  const inside = machine.enter(vantageOf(container, await facts.containers()), (outside) =>
    insideContainer(outside, container),
  );
  const urls =
    question.url === undefined ? await within(left(), waysOf(facts, container), []) : [question.url];
  const tried = await tryInOrder(inside, urls, left());
  return { from: `container:${container.name}`, url: winner(tried), tried };
}

/** Containers are asked for only where the server of this host itself is of no help. */
async function fromHost(
  machine: Machine,
  facts: Facts,
  question: UrlQuestion,
  left: () => number,
): Promise<FoundUrl> {
  if (question.url !== undefined) {
    const only = await tryInOrder(machine, [question.url], left());
    return { from: 'host', url: winner(only), tried: only };
  }
  const ways = async (containers: readonly Container[]): Promise<string[]> => {
    const setting = machine.identity.env['OLLAMA_HOST'];
    const own = setting === undefined ? undefined : clientUrl(parseOllamaHost(setting));
    return waysFromHost({
      server: await facts.server(),
      network: undefined,
      containers,
      configured: own === undefined ? [] : [apiBase(own)],
    });
  };
  const first = await tryInOrder(machine, await within(left(), ways([]), []), left());
  if (winner(first) !== null) return { from: 'host', url: winner(first), tried: first };
  const looked = await within(left(), facts.containers(), undefined);
  const known = first.map((one) => one.url);
  const more = looked?.state === 'seen' ? await ways(looked.value) : [];
  const rest = await tryInOrder(
    machine,
    more.filter((url) => !known.includes(url)),
    left(),
  );
  return { from: 'host', url: winner(rest), tried: [...first, ...rest] };
}

async function findContainer(facts: Facts): Promise<{ container: Container } | { problem: string }> {
  const looked = await facts.containers();
  if (looked.state !== 'seen') return { problem: noEngine(looked, await facts.runtimes()) };
  await assertContainersExist(facts);
  const [wanted = ''] = facts.options.containers;
  const exact = looked.value.filter((one) => one.name === wanted || one.id === wanted);
  const all = exact.length > 0 ? exact : looked.value.filter((one) => one.id.startsWith(wanted));
  const running = all.filter((one) => one.state === 'running');
  const [container, ...rest] = running.length > 0 ? running : all;
  // One engine may be reached at two sockets.
  const others = rest.filter((one) => one.id !== container?.id);
  if (container === undefined) return { problem: `no container is called ${wanted}` };
  if (others.length > 0) {
    const engines = [container, ...others].map((one) => `${one.runtime} (${one.endpoint})`);
    throw new AmbiguousContainerError(`${wanted} is a container of ${engines.join(' and ')}`);
  }
  if (container.state !== 'running')
    return { problem: `the container is ${container.state}: nothing can be asked from there` };
  return { container };
}

function noEngine(looked: Exclude<Looked<unknown>, { state: 'seen' }>, engines: RuntimeEndpoint[]): string {
  if (looked.state === 'unavailable') return looked.reason;
  const reasons = engines.flatMap(({ endpoint, state }) => {
    if (state.state === 'answers') return [];
    const help = 'help' in state && state.help !== undefined ? ` (${state.help})` : '';
    return [`${endpoint}: ${state.detail}${help}`];
  });
  return ['no container engine answers', ...reasons].join('; ');
}

async function waysOf(facts: Facts, container: Container): Promise<string[]> {
  const [server, network, looked, clients] = await Promise.all([
    facts.server(),
    facts.network(),
    facts.containers(),
    facts.clients(),
  ]);
  const around: Surroundings = {
    server,
    network: network.state === 'seen' ? network.value : undefined,
    containers: looked.state === 'seen' ? looked.value : [],
    configured: clients.flatMap((one) =>
      one.container.id === container.id && one.url !== undefined ? [apiBase(one.url)] : [],
    ),
  };
  return waysFromContainer(container, around);
}

function winner(tried: readonly Tried[]): string | null {
  return tried.find((one) => one.works)?.url ?? null;
}
