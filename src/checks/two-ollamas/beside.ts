import type { Facts } from '../../diagnosis/collectors.ts';
import { within } from '../../diagnosis/within.ts';
import type { ApiAnswer } from '../../facts/api.ts';
import type { Container } from '../../facts/containers.ts';
import type { Listener } from '../../facts/network.ts';
import { isLoopback, type Server } from '../../path/server.ts';
import { base, isServer, servingPort } from '../../path/ways-to-ollama.ts';
import type { Evidence } from '../../report/schema.ts';
import { allWays, type Way } from '../clients.ts';
import { standsForContainer } from '../url/host-server.ts';

/** Servers asked at the most: a host with more of them is told of the rest without version and models. */
const asked = 3;
/** The share of a run's time for the answer of one from inside its container, and milliseconds at the least. */
const patience = { share: 0.35, leastMs: 4000 };
/** Models named of one server. */
const namedModels = 4;

/** What is known of the Ollamas of a host that has one in a container besides. */
export interface Beside {
  /** One for each Ollama that `localhost` does not reach, with the way to it, as a clause. */
  others: Evidence[];
  /** Which one `localhost` reaches, what each of them is, and which client reaches which. */
  proof: Evidence[];
}

/** The container whose published port a listener stands for; undefined for a program of this host itself. */
export function publisherOf(listener: Listener, containers: readonly Container[]): Container | undefined {
  const running = containers.filter((one) => one.state === 'running');
  const publishes = (one: Container): boolean =>
    one.ports.some(
      ({ hostAddress, hostPort }) =>
        hostPort === listener.port &&
        (listener.wildcard || hostAddress === listener.address || isEverywhere(hostAddress)),
    );
  const published = running.filter(publishes).map(() => listener.port);
  return standsForContainer(listener, published) ? running.find(publishes) : undefined;
}

function isEverywhere(address: string): boolean {
  return address === '' || address === '0.0.0.0' || address === '::';
}

/** The Ollamas in containers beside the one that `localhost` of this host reaches; undefined where there is none. */
export async function besides(facts: Facts, answer: ApiAnswer): Promise<Beside | undefined> {
  const [server, looked] = await Promise.all([facts.server(), facts.containers()]);
  if (looked.state !== 'seen') return undefined;
  const servers = looked.value.filter((one) => isServer(one) && one.networkMode !== 'host');
  const listener = (server.listeners ?? []).find((one) => one.wildcard || isLoopback(one.address));
  const holder = listener ? publisherOf(listener, looked.value) : undefined;
  const others = servers.filter((one) => one.id !== holder?.id);
  if (others.length === 0) return undefined;
  const ways = await allWays(facts);
  const answers = await Promise.all(
    others.slice(0, asked).map(async (one) => clientsAnswer(one, ways) ?? askInside(facts, one)),
  );
  return {
    others: others.map((one) => ({
      source: 'another Ollama',
      text: `another one is in the container ${one.name}${wayTo(one)}`,
    })),
    proof: [
      {
        source: `localhost:${server.port}`,
        text: `${inWords(answer)}: ${holder ? `the one in the container ${holder.name}, by way of ` : ''}${whoListens(listener)}`,
      },
      ...others.map((one, index) => ({
        source: `the Ollama in ${one.name}`,
        text: inWords(answers[index]),
      })),
      ...ways.flatMap((way) => reached(way, { server, servers, holder })),
    ],
  };
}

/** What it answered to a client that has asked it by its own address; undefined where none has. */
function clientsAnswer(container: Container, ways: readonly Way[]): ApiAnswer | undefined {
  const way = ways.find(
    ({ probe, target }) =>
      target.kind === 'container' && target.name === container.name && probe.asked.answer.kind === 'ollama',
  );
  return way?.probe.asked.answer;
}

/** Asked from inside its own container, where it answers whatever is published. */
async function askInside(facts: Facts, container: Container): Promise<ApiAnswer | undefined> {
  const itself = { subject: `container:${container.name}`, container, hypothetical: false, askedFor: false };
  const url = new URL(`${base('127.0.0.1', servingPort(container))}/`);
  const found = facts.askFrom(itself, url).then(({ answer }) => answer);
  const patienceMs = Math.max(patience.leastMs, facts.options.timeoutMs * patience.share);
  return within<ApiAnswer | undefined>(patienceMs, found, undefined);
}

/** How containers reach it, and this host where its port is published. */
function wayTo(one: Container): string {
  const port = servingPort(one);
  const network = one.networks.find(({ name }) => name !== 'bridge' && name !== 'podman');
  const name = one.compose?.service ?? one.name;
  const published = one.ports.find(({ containerPort }) => containerPort === port);
  return [
    ...(network ? [`, which containers on ${network.name} reach at ${base(name, port)}`] : []),
    ...(published ? [`${network ? ' and' : ', which'} this host at ${publishedAt(published)}`] : []),
  ].join('');
}

function publishedAt({ hostAddress, hostPort }: Container['ports'][number]): string {
  return base(isEverywhere(hostAddress) ? '127.0.0.1' : hostAddress, hostPort);
}

/** `Ollama 0.32.15 with llama3.2:latest, phi3:latest and 3 more`, the version and models of one. */
export function inWords(answer: ApiAnswer | undefined): string {
  if (answer?.kind !== 'ollama') return 'not asked, or no answer';
  const { models, version } = answer;
  if (!models) return `Ollama ${version}`;
  const names = models.slice(0, namedModels).map(({ name }) => name);
  const more = models.length - names.length;
  const list = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `Ollama ${version} with ${names.length === 0 ? 'no models' : list}`;
}

function whoListens(listener: Listener | undefined): string {
  if (!listener?.process) return 'a process whose name could not be read';
  return `${listener.process.name} (PID ${listener.process.pid})`;
}

interface Ollamas {
  server: Server;
  servers: readonly Container[];
  /** The container that `localhost` reaches; undefined where it is this host's own. */
  holder: Container | undefined;
}

/** Which of them a client gets its answers from; nothing where it gets none, or that is not known. */
function reached(way: Way, around: Ollamas): Evidence[] {
  const { client, probe } = way;
  if (client.hypothetical || !client.url || probe.asked.answer.kind !== 'ollama') return [];
  const whose = whoseAnswer(way, around);
  if (whose === undefined) return [];
  return [
    { source: `${client.container.name} at ${client.url.origin}`, text: `reaches the Ollama ${whose}` },
  ];
}

function whoseAnswer({ client, target }: Way, { holder, server, servers }: Ollamas): string | undefined {
  const inside = (one: Container): string => `in the container ${one.name}`;
  if (target.kind === 'container') {
    const found = servers.find((one) => one.name === target.name);
    return found && inside(found);
  }
  if (target.kind !== 'host' && target.kind !== 'host-loopback' && target.kind !== 'host-proxy')
    return undefined;
  const port = Number(client.url?.port === '' ? 80 : client.url?.port);
  if (port === server.port) {
    // Two may share the port at different addresses; only what listens everywhere or on loopback was told apart.
    if (
      (server.listeners ?? []).length > 1 &&
      new Set(server.listeners?.map((one) => one.process?.name)).size > 1
    )
      return undefined;
    return holder ? inside(holder) : 'of this host';
  }
  const found = servers.find((one) => one.ports.some(({ hostPort }) => hostPort === port));
  return found && inside(found);
}
