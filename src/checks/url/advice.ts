import type { Facts } from '../../diagnosis/collectors.ts';
import type { OllamaClient } from '../../facts/containers.ts';
import { neighbours } from '../../path/alias.ts';
import { hostFor } from '../../path/host-advice.ts';
import { base } from '../../path/ways-to-ollama.ts';
import type { Evidence } from '../../report/schema.ts';
import { applicationOf } from '../../runtimes/index.ts';
import { hostServesItself } from './host-server.ts';

/** A URL for a client to use in place of its own. */
export interface Proposal {
  url: string;
  /** True when Ollama answered there, asked from where the client stands. */
  proved: boolean;
  evidence: Evidence[];
  /** What has to be done besides, so that the name in it is known there: a clause. */
  needs?: string;
}

/**
 * What a client could use: the name of an Ollama in a container beside it, or this host by the name its runtime has for
 * it. What was seen to work from there comes first; where nothing does, what works once the rest is mended.
 */
export async function propose(facts: Facts, client: OllamaClient): Promise<Proposal> {
  const [server, containers] = await Promise.all([facts.server(), facts.containers()]);
  const all = containers.state === 'seen' ? containers.value : [];
  const aliases = neighbours(client.container, all).flatMap((one) => one.urls.slice(0, 1));
  const { host, needs } = hostFor(client.container);
  const onHost = base(host, server.port);
  const hostFirst = await hostServesItself(facts);
  const candidates = hostFirst ? [onHost, ...aliases] : [...aliases, onHost];
  const asked = await Promise.all(
    candidates.slice(0, 3).map(async (url) => ({ url, asked: await facts.askFrom(client, new URL(url)) })),
  );
  const works = asked.find((one) => one.asked.answer.kind === 'ollama');
  if (works) return { url: works.url, proved: true, evidence: works.asked.evidence };
  const [url = onHost] = candidates;
  return { url, proved: false, evidence: [], ...(url === onHost && needs !== undefined ? { needs } : {}) };
}

/** What to type, or where to write it, so that a client gets another URL. */
export function setUrl(client: OllamaClient, { url, needs }: Pick<Proposal, 'url' | 'needs'>): string[] {
  const { container, setting, assumed } = client;
  const application = applicationOf(container.image);
  const name = setting?.name ?? 'its Ollama URL';
  const line = needs === undefined ? '' : `, and ${needs}`;
  const isVariable = /^\w+$/u.test(name);
  const tool = container.runtime === 'podman' ? 'podman compose' : 'docker compose';
  const { compose } = container;
  const where = whereToSet(client, url, isVariable ? name : undefined);
  const onlyInApplication = !isVariable && assumed !== undefined && application?.keeps !== undefined;
  return [
    ...(onlyInApplication ? [`set the URL to ${url}`] : [`${where}${line}`]),
    ...(application?.keeps === undefined ? [] : [application.keeps]),
    ...(compose && !onlyInApplication ? [`then: ${tool} up -d ${compose.service}`] : []),
  ];
}

function whereToSet({ container, setting }: OllamaClient, url: string, variable: string | undefined): string {
  const { compose } = container;
  const what =
    variable === undefined
      ? setting?.name.startsWith('-') === true
        ? `start it with ${setting.name}=${url}`
        : `give it the URL ${url} in place of ${setting?.value ?? 'what it has'}`
      : `set ${variable} to ${url}`;
  if (compose) {
    const file = compose.configFiles.at(-1) ?? 'its compose file';
    return `${what} in service ${compose.service} of ${file}`;
  }
  return (
    `${what} where ${container.name} is started: in its ${container.runtime} run, or in the settings of the program that ` +
    'starts it, which would give a container made again by hand the old value the next time'
  );
}
