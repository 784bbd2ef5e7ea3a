import type { Asked } from '../facts/api.ts';
import type { OllamaClient } from '../facts/containers.ts';
import type { Looked } from '../facts/looked.ts';
import { withShorterCommands } from '../machine/bounded.ts';
import type { Machine } from '../machine/machine.ts';
import { askOllama } from '../ollama/ask.ts';
import { generateOnce } from '../ollama/generate.ts';
import { askLoaded } from '../ollama/loaded.ts';
import { kindOf } from '../ollama/model-kind.ts';
import { fullName } from '../ollama/model-names.ts';
import { locateServer, type Server } from '../path/server.ts';
import { platformFor } from '../platforms/index.ts';
import {
  findClients,
  findRuntimes,
  findUnpinned,
  insideContainer,
  type Inventory,
  listSubnets,
  isLogWanted,
  readLogs,
  takeInventory,
} from '../runtimes/index.ts';
import type { Facts, Probe } from './collectors.ts';
import { vantageOf } from './vantage.ts';
import { compareWays } from './compare-ways.ts';
import type { DiagnosisOptions } from './options.ts';

/** The share of a run's time that one command may take: after a hung one there is still time for a probe. */
const commandShare = 0.35;

/** A loaded model says one word within this. */
const leastGenerateMs = 5000;

/**
 * The facts of one run. Nothing is asked until somebody needs it, and nothing twice; what is independent is asked at
 * the same time. Probes start only after the rulesets were read, so that the growth of a counter is the probe's own.
 */
export function collectFacts(whole: Machine, options: DiagnosisOptions): Facts {
  // What a model may take is no time for commands.
  const forLooking =
    options.generate === undefined ? options.timeoutMs : options.timeoutMs - options.generateMs;
  // Podman asks half a dozen programs for their versions before it says its own: on a busy machine that takes seconds.
  const shareMs = Math.max(500, forLooking * commandShare);
  const callMs = Math.max(3500, shareMs);
  const machine = withShorterCommands(whole, shareMs);
  const platform = platformFor(machine.identity);
  const once = memory();
  let compared = 0;
  const mayCompare = (): boolean =>
    (compared += 1) <= (options.compare === 'all' ? 8 : 3) || options.containers.length > 0;

  const inventory = (): Promise<Looked<Inventory>> =>
    once('inventory', async () => takeInventory(machine, await facts.runtimes(), callMs));

  // One for each container: what was learned of the way into it is kept there.
  const inside = (client: OllamaClient): Promise<Machine> =>
    once(`inside ${client.container.endpoint} ${client.container.id}`, async () => {
      const { container } = client;
      const vantage = vantageOf(container, await facts.containers());
      return machine.enter(vantage, (outside) =>
        insideContainer(outside, container, { pull: options.pull, patienceMs: shareMs }),
      );
    });

  const facts: Facts = {
    identity: machine.identity,
    options,
    services: () => once('services', () => platform.services(machine)),
    listeners: () => once('listeners', () => platform.listeners(machine)),
    network: () => once('network', () => platform.network(machine)),
    ownership: () => once('ownership', () => platform.ownership(machine)),
    rulesets: () => once('rulesets', () => platform.rulesets(machine)),
    rulesetsAfterProbes: () =>
      once('rulesets-after', async () => {
        const clients = await facts.clients();
        await Promise.all(clients.map((client) => facts.probe(client)));
        return platform.rulesets(machine);
      }),
    bystanders: () => once('bystanders', () => platform.bystanders(machine)),
    server: () => once('server', () => findServer(facts)),
    host: () =>
      once('host', async () => askOllama(machine, (await facts.server()).url, { ownHeaders: true })),
    fromPage: () =>
      once('from-page', async () => {
        const { origin } = options;
        if (origin === undefined) return undefined;
        return askOllama(machine, (await facts.server()).url, { origin, ownHeaders: true });
      }),
    loaded: () =>
      once('loaded', async () => askLoaded(machine, (await facts.server()).url, { ownHeaders: true })),
    generated: () =>
      once('generated', async () => {
        const { generate: model, generateMs: timeoutMs } = options;
        if (model === undefined) return undefined;
        const [{ answer }, { url }] = await Promise.all([facts.host(), facts.server()]);
        const list = answer.kind === 'ollama' ? (answer.models ?? []) : [];
        const known = list.find((one) => fullName(one.name) === fullName(model));
        const embedding = known !== undefined && kindOf(known) === 'embedding';
        return generateOnce(machine, url, model, { timeoutMs, embedding, ownHeaders: true });
      }),
    generatedFrom: (client, proxy) =>
      once(`generated ${clientKey(client)} ${proxy ?? ''}`, async () => {
        const [seen, { url }] = [await facts.generated(), client];
        if (seen?.outcome !== 'answered' || url === undefined || client.hypothetical) return undefined;
        // What the host's own left of the time for it.
        const timeoutMs = Math.max(leastGenerateMs, options.generateMs - (seen.totalMs ?? 0));
        const vantage = vantageOf(client.container, await facts.containers());
        const place = whole.enter(vantage, (outside) =>
          insideContainer(outside, client.container, { pull: options.pull, patienceMs: timeoutMs + 5000 }),
        );
        const embedding = seen.kind === 'embedding';
        const how = { timeoutMs, embedding, brief: true, ...(proxy === undefined ? {} : { proxy }) };
        const got = await generateOnce(place, url, seen.model, how);
        return got.outcome === 'unavailable' ? undefined : got;
      }),
    modelFolders: () =>
      once('model-folders', async () => {
        const services = await facts.services();
        return (
          (await platform.modelFolders?.(machine, services.state === 'seen' ? services.value : [])) ?? []
        );
      }),
    runtimes: () =>
      once('runtimes', () =>
        findRuntimes(machine, { callMs, ...(options.runtime ? { runtime: options.runtime } : {}) }),
      ),
    containers: () =>
      once('containers', async () => {
        const looked = await inventory();
        return looked.state === 'seen' ? { ...looked, value: looked.value.containers } : looked;
      }),
    subnets: () =>
      once('subnets', async () =>
        options.runtime
          ? { state: 'unavailable', reason: `only ${options.runtime} was asked for its networks` }
          : listSubnets(machine, await facts.runtimes(), await inventory()),
      ),
    unpinned: () =>
      once('unpinned', async () => {
        const containers = await facts.containers();
        return containers.state === 'seen' ? findUnpinned(machine, containers.value) : [];
      }),
    clients: () =>
      once('clients', async () => {
        const [looked, server] = await Promise.all([inventory(), facts.server()]);
        if (looked.state !== 'seen') return [];
        const { containers, defaultNetworks } = looked.value;
        const wanted = { named: options.containers, now: machine.now() };
        const logs = await readLogs(
          machine,
          containers.filter((one) => isLogWanted(one, wanted)),
        );
        const ollamaHere = server.bind.kind !== 'none' || containers.some((one) => one.servesOllama);
        return findClients(containers, {
          ...wanted,
          defaultNetworks,
          port: server.port,
          ollamaHere,
          logs,
        }).clients;
      }),
    probe: (client) => once(`probe ${clientKey(client)}`, () => probe(facts, client, inside)),
    askFrom: (client, url, proxy) =>
      once(`ask ${clientKey(client)} ${url.href} ${proxy ?? ''}`, async () => {
        await facts.rulesets();
        return askOllama(await inside(client), url, proxy === undefined ? {} : { proxy });
      }),
    getFrom: (client, url) =>
      once(`get ${clientKey(client)} ${url.href}`, async () => {
        await facts.rulesets();
        return (await inside(client)).request({
          url: url.href,
          headers: { accept: '*/*' },
          maxBytes: 65_536,
        });
      }),
    comparison: (client) =>
      once(`comparison ${clientKey(client)}`, () =>
        compareWays(machine, facts, client, {
          always: options.compare === 'all',
          timeoutMs: options.timeoutMs,
          mayAsk: mayCompare,
        }),
      ),
  };
  return facts;
}

async function findServer(facts: Facts): Promise<Server> {
  const [services, listeners] = await Promise.all([facts.services(), facts.listeners()]);
  const url = facts.options.url === undefined ? undefined : new URL(facts.options.url);
  return locateServer(services, listeners, facts.identity.env['OLLAMA_HOST'], url);
}

async function probe(
  facts: Facts,
  client: OllamaClient,
  inside: (client: OllamaClient) => Promise<Machine>,
): Promise<Probe> {
  if (client.hypothetical) return { asked: notAsked(client, 'no container here uses Ollama') };
  if (!client.url) return { asked: notAsked(client, 'its setting is not a URL') };
  // The counters shown as evidence are their growth across this probe, so the rules are read first.
  await facts.rulesets();
  const { url } = client;
  const place = await inside(client);
  const asked = await askOllama(place, url);
  const name = url.hostname.replace(/^\[|\]$/gu, '');
  if (isAddress(name)) return { asked };
  return { asked, resolved: await place.resolve({ name }) };
}

function notAsked(client: OllamaClient, reason: string): Asked {
  return { url: client.url?.href ?? '', answer: { kind: 'unavailable', reason }, evidence: [] };
}

/** Engines side by side may have containers of one name. */
function clientKey({ container, url }: OllamaClient): string {
  return `${container.endpoint} ${container.id} ${container.name} ${url?.href ?? ''}`;
}

function isAddress(name: string): boolean {
  return name.includes(':') || /^\d+\.\d+\.\d+\.\d+$/u.test(name);
}

/** Runs a collector at most once for a key and gives everyone who asks the same promise. */
function memory(): <T>(key: string, collect: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<unknown>>();
  return <T>(key: string, collect: () => Promise<T>): Promise<T> => {
    const known = kept.get(key);
    if (known) return known as Promise<T>;
    const fresh = collect();
    kept.set(key, fresh);
    return fresh;
  };
}
