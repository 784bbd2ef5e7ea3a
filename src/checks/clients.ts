import type { Facts, Probe } from '../diagnosis/collectors.ts';
import type { OllamaClient } from '../facts/containers.ts';
import { findTarget, isThisHost, type Target } from '../path/target.ts';
import type { Finding } from '../engine/check.ts';
import type { SubjectId } from '../report/schema.ts';

/** A client with all that was seen of its way. */
export interface Way {
  client: OllamaClient;
  probe: Probe;
  target: Target;
  /** The addresses that the URL's host has where the client stands. */
  addresses: string[];
  /** True when Ollama answered there. */
  works: boolean;
}

/** The subjects of every check that looks at containers: each container once, in the order the runtime lists them. */
export async function clientSubjects(facts: Facts): Promise<string[]> {
  return [...new Set((await facts.clients()).map((client) => client.subject))];
}

/** All ways of one subject: a container may name several URLs. */
export async function waysOf(facts: Facts, subject: string): Promise<Way[]> {
  const clients = (await facts.clients()).filter((client) => client.subject === subject);
  return Promise.all(clients.map((client) => wayOf(facts, client)));
}

/** All ways of all subjects. */
export async function allWays(facts: Facts): Promise<Way[]> {
  return Promise.all((await facts.clients()).map((client) => wayOf(facts, client)));
}

async function wayOf(facts: Facts, client: OllamaClient): Promise<Way> {
  const [probe, network, containers] = await Promise.all([
    facts.probe(client),
    facts.network(),
    facts.containers(),
  ]);
  const addresses = addressesOf(client, probe);
  const target = findTarget(
    client,
    addresses,
    network.state === 'seen' ? network.value : undefined,
    containers.state === 'seen' ? containers.value : [],
  );
  return { client, probe, target, addresses, works: probe.asked.answer.kind === 'ollama' };
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
  if (!client.hypothetical) return { ...finding, subjectId };
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
  return way.target.kind !== 'elsewhere' && way.target.kind !== 'container';
}
