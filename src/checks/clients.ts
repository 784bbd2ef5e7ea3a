import type { Facts, Probe } from '../diagnosis/collectors.ts';
import type { Asked } from '../facts/api.ts';
import type { OllamaClient } from '../facts/containers.ts';
import { neighbours } from '../path/alias.ts';
import { type ProxySetting, proxyFor } from '../path/proxy.ts';
import { findTarget, isThisHost, type Target } from '../path/target.ts';
import { hostServesItself } from './url/host-server.ts';
import type { Finding } from '../engine/check.ts';
import type { SubjectId } from '../report/schema.ts';

/** A client with all that was seen of its way. */
export interface Way {
  client: OllamaClient;
  probe: Probe;
  target: Target;
  /** The addresses that the URL's host has where the client stands. */
  addresses: string[];
  /** The proxy that the client's environment names for the URL, where a kind of program would ask it. */
  proxy?: ProxySetting;
  /** What is answered by way of that proxy. */
  proxied?: Asked;
  /** True when the Ollama it is after is most likely one in a container, as this host has none of its own. */
  wantsContainer: boolean;
  /** True when Ollama answered there, asked straight or by way of the client's proxy. */
  works: boolean;
}

/** The subjects of every check that looks at containers: each container once, in the order the runtime lists them. */
export async function clientSubjects(facts: Facts): Promise<string[]> {
  return [...new Set((await facts.clients()).map((client) => client.subject))];
}

/** All ways of one subject: a container may name several URLs. */
export async function waysOf(facts: Facts, subject: string): Promise<Way[]> {
  const clients = (await facts.clients()).filter((client) => client.subject === subject);
  return unusedDefaults(await Promise.all(clients.map((client) => wayOf(facts, client))));
}

/** All ways of all subjects that are known to use Ollama. */
export async function allWays(facts: Facts): Promise<Way[]> {
  const known = (await facts.clients()).filter((client) => client.guessed !== true);
  const ways = unusedDefaults(await Promise.all(known.map((client) => wayOf(facts, client))));
  return ways.filter(({ client }) => client.guessed !== true);
}

/** An application's default that gets no answer is no failure where a URL that was set beside it does: it is a guess. */
function unusedDefaults(ways: readonly Way[]): Way[] {
  const served = new Set(
    ways
      .filter(({ client, works }) => works && client.assumed === undefined && !client.hypothetical)
      .map(({ client }) => client.container.id),
  );
  return ways.map((way) => {
    const { client, works } = way;
    const isUnused = !works && client.assumed !== undefined && served.has(client.container.id);
    return isUnused ? { ...way, client: { ...client, guessed: true } } : way;
  });
}

/** What tells the URLs of a container, and containers of one name on two engines, from each other. */
export function aboutClient({ container, url, setting }: OllamaClient): string {
  return `${container.endpoint} ${container.id} ${url?.href ?? setting?.value ?? ''}`;
}

async function wayOf(facts: Facts, client: OllamaClient): Promise<Way> {
  const proxy = client.url && !client.hypothetical ? proxyFor(client.container.env, client.url) : undefined;
  const isAsked = proxy !== undefined && proxy.through.length > 0 && /^https?:$/u.test(proxy.proxy.protocol);
  const [probe, network, containers, proxied] = await Promise.all([
    facts.probe(client),
    facts.network(),
    facts.containers(),
    isAsked && client.url ? facts.askFrom(client, client.url, proxy.proxy.href) : undefined,
  ]);
  const addresses = addressesOf(client, probe);
  const target = findTarget(
    client,
    addresses,
    network.state === 'seen' ? network.value : undefined,
    containers.state === 'seen' ? containers.value : [],
  );
  return {
    client,
    probe,
    target,
    addresses,
    wantsContainer: await seeksContainer(facts, client, target),
    works: probe.asked.answer.kind === 'ollama' || proxied?.answer.kind === 'ollama',
    ...(proxy ? { proxy } : {}),
    ...(proxied ? { proxied } : {}),
  };
}

/** A URL that leads to the container itself or to this host, where the only Ollama is in a container whose port is not there. */
async function seeksContainer(facts: Facts, client: OllamaClient, target: Target): Promise<boolean> {
  if (client.hypothetical || target.kind === 'elsewhere' || target.kind === 'container') return false;
  const containers = await facts.containers();
  const [near] = neighbours(client.container, containers.state === 'seen' ? containers.value : []);
  return near !== undefined && near.published === undefined && !(await hostServesItself(facts));
}

function addressesOf(client: OllamaClient, probe: Probe): string[] {
  const name = client.url?.hostname.replace(/^\[|\]$/gu, '');
  if (name === undefined) return [];
  if (name.includes(':') || /^\d+\.\d+\.\d+\.\d+$/u.test(name)) return [name];
  if (probe.resolved?.outcome === 'resolved') return probe.resolved.addresses;
  const answer = probe.asked.answer;
  const tried = 'address' in answer ? answer.address : undefined;
  if (tried) return [tried];
  return name === 'localhost' ? ['127.0.0.1'] : [];
}

/**
 * What would be broken for a container that nobody runs is a warning: plenty of people keep Ollama on loopback and
 * want it so.
 */
export function forClient(client: OllamaClient, finding: Finding): Finding {
  const subjectId: SubjectId = {
    runtime: client.container.runtime,
    endpoint: client.container.endpoint,
    id: client.container.id,
    name: client.container.name,
  };
  const about = aboutClient(client);
  if (client.guessed === true && finding.status !== 'pass' && finding.status !== 'warn')
    return { status: 'not-applicable', summary: finding.summary, subjectId, about };
  if (!client.hypothetical) return { ...finding, subjectId, about };
  return {
    ...finding,
    status: finding.status === 'fail' ? 'warn' : finding.status,
    matters: false,
  };
}

/** Whether any real client depends on what this host does: its probe did not get through, and it wants this host. */
export function sufferers(ways: readonly Way[]): Way[] {
  return ways.filter((way) => !way.client.hypothetical && !way.works && wantsThisHost(way));
}

/** True when containers use Ollama, and every one of them gets its answer without this host, or asks somebody else. */
export function nobodyAsksThisHost(ways: readonly Way[]): boolean {
  const real = ways.filter((way) => !way.client.hypothetical);
  return (
    real.length > 0 && real.every((way) => !wantsThisHost(way) || (way.works && !isThisHost(way.target)))
  );
}

/** False only when it is known that the client wants something else than this host. */
export function wantsThisHost(way: Way): boolean {
  return way.target.kind !== 'elsewhere' && way.target.kind !== 'container' && !way.wantsContainer;
}
