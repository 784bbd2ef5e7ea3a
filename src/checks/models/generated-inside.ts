import type { Facts } from '../../diagnosis/collectors.ts';
import type { Finding } from '../../engine/check.ts';
import { forClient, waysOf } from '../clients.ts';
import { generatedFrom } from './generated.ts';

/** Each costs a load of the queue of the server's; who has more containers names the one that is meant. */
const atMost = 2;

/** The containers from which a model is asked once as well (--generate): those that were named, else the first that use it. */
export async function generatingSubjects(facts: Facts): Promise<string[]> {
  if (facts.options.generate === undefined) return [];
  const clients = (await facts.clients()).filter(
    ({ hypothetical, guessed, url }) => !hypothetical && guessed !== true && url !== undefined,
  );
  const named = clients.filter(({ askedFor }) => askedFor);
  const subjects = [...new Set((named.length > 0 ? named : clients).map(({ subject }) => subject))];
  return named.length > 0 ? subjects : subjects.slice(0, atMost);
}

/** What a model says when a container asks it by its own URL; nothing where the container gets no answer at all. */
export async function generatedInside(facts: Facts, subject: string): Promise<Finding[]> {
  if (!(await generatingSubjects(facts)).includes(subject)) return [];
  const way = (await waysOf(facts, subject)).find((one) => one.works);
  const host = await facts.generated();
  if (!way || host === undefined) return [];
  const through = way.proxied?.answer.kind === 'ollama' ? way.proxy?.proxy.href : undefined;
  const seen = await facts.generatedFrom(way.client, through);
  if (seen === undefined) return [];
  return [forClient(way.client, generatedFrom(way.client.container.name, through, host, seen))];
}
