import type { Facts } from '../../diagnosis/collectors.ts';
import type { Finding } from '../../engine/check.ts';
import type { Evidence } from '../../report/schema.ts';
import { neighbours, type Neighbour } from '../../path/alias.ts';
import { pastGateway } from '../../path/past-gateway.ts';
import { isThisHost, throughProxy } from '../../path/target.ts';
import { base, servingPort } from '../../path/ways-to-ollama.ts';
import { portOf } from '../bind-address.ts';
import type { Way } from '../clients.ts';
import { namesOfTheHost } from '../../runtimes/knowledge/index.ts';
import { propose, setUrl } from './advice.ts';
import { hostServesItself } from './host-server.ts';
import { settingEvidence, shown } from './words.ts';

type UrlWay = Way & { client: { url: URL } };

/** What is wrong with a URL at which no Ollama answered; undefined where the URL is not to blame. */
export async function whyNot(facts: Facts, way: UrlWay): Promise<Finding | undefined> {
  return (
    (await wrongScheme(facts, way)) ??
    (await alias(facts, way)) ??
    (await asksItself(facts, way)) ??
    (await staleGateway(facts, way)) ??
    (await wrongPort(facts, way)) ??
    (await wrongPath(facts, way))
  );
}

async function wrongScheme(facts: Facts, way: UrlWay): Promise<Finding | undefined> {
  const { client, probe } = way;
  if (client.url.protocol !== 'https:') return undefined;
  const { answer } = probe.asked;
  const mismatch = answer.kind === 'unreachable' && answer.failure === 'tls-mismatch';
  const { port } = await facts.server();
  const plain = new URL(client.url.href.replace(/^https:/u, 'http:'));
  if (client.url.port === '') plain.port = String(port);
  const asked = await facts.askFrom(client, plain);
  if (!mismatch && asked.answer.kind !== 'ollama') return undefined;
  const proved = asked.answer.kind === 'ollama';
  return failure(way, 'url-https', {
    summary: proved
      ? `${shown(way.client)}: Ollama speaks plain HTTP there, and the URL says https`
      : `${shown(way.client)}: what answers there speaks plain HTTP, and the URL says https`,
    evidence: [...probe.asked.evidence.slice(0, 1), ...asked.evidence.slice(0, 1)],
    instructions: setUrl(client, { url: asked.url }),
  });
}

/** Ollama is in a container: its name is the way, where a URL with localhost or the host leads past it. */
async function alias(facts: Facts, way: UrlWay): Promise<Finding | undefined> {
  const { client, target, probe } = way;
  const { answer } = probe.asked;
  const toHost =
    target.kind === 'self' || isThisHost(target) || namesOfTheHost.has(client.url.hostname.toLowerCase());
  if (!toHost || answer.kind === 'unavailable') return undefined;
  const containers = await facts.containers();
  const [near] = neighbours(client.container, containers.state === 'seen' ? containers.value : []);
  if (!near || (await hostServesItself(facts))) return undefined;
  const [url] = near.urls;
  const about = `${shown(client)}: Ollama is in the container ${near.server.name}`;
  if (url === undefined) {
    if (near.published !== undefined) return undefined;
    return failure(way, 'url-alias', {
      summary: `${about}, on another network than ${client.container.name}`,
      evidence: [...networkEvidence(way, near), ...probe.asked.evidence.slice(0, 1)],
      instructions: joinNetwork(way, near),
    });
  }
  const asked = await facts.askFrom(client, new URL(url));
  if (asked.answer.kind !== 'ollama') return undefined;
  return failure(way, 'url-alias', {
    summary: `${about} on the same network, where its name is the way: ${url}`,
    evidence: [...probe.asked.evidence.slice(0, 1), ...asked.evidence],
    instructions: setUrl(client, { url }),
  });
}

function networkEvidence(way: UrlWay, near: Neighbour): Evidence[] {
  const names = (of: { networks: { name: string }[] }): string =>
    of.networks.map((own) => own.name).join(', ') || 'none';
  const { container } = way.client;
  const local = near.publishedOnLoopback;
  return [
    { source: `networks of ${container.name}`, text: names(container) },
    { source: `networks of ${near.server.name}`, text: names(near.server) },
    {
      source: `ports of ${near.server.name}`,
      text: local === undefined ? 'none published' : `published on this host’s loopback alone (${local})`,
    },
  ];
}

function joinNetwork(way: UrlWay, { name, network, port, server }: Neighbour): string[] {
  const { container } = way.client;
  const tool = container.runtime;
  const url = base(name, port);
  if (network === undefined)
    return [
      `put both on one network of their own: ${tool} network create ollama; ${tool} network connect ollama ${server.name}; ${tool} network connect ollama ${container.name}`,
      ...setUrl(way.client, { url: base(server.name, port) }),
    ];
  const lasting = container.compose
    ? `put ${container.name} on the network ${network} too, in its compose file (external: true) for good, or now: ${tool} network connect ${network} ${container.name}`
    : `put ${container.name} on the network ${network} too: ${tool} network connect ${network} ${container.name}`;
  return [lasting, ...setUrl(way.client, { url })];
}

async function asksItself(facts: Facts, way: UrlWay): Promise<Finding | undefined> {
  const { client, target, probe } = way;
  if (target.kind !== 'self' || probe.asked.answer.kind === 'unavailable') return undefined;
  // A name for the host that is the container itself is wrong as a name: container-dns says so.
  if (namesOfTheHost.has(client.url.hostname)) return undefined;
  const { container, url } = client;
  const proposal = await propose(facts, client);
  const inVm = container.networkMode === 'host' && throughProxy(container);
  return failure(way, 'url-localhost', {
    summary: inVm
      ? `${shown(client)}: with --network host ${url.hostname} is the engine’s virtual machine here, not this host`
      : `${shown(client)}: inside the container ${url.hostname} is the container itself, not this host`,
    evidence: [
      { source: `network of ${container.name}`, text: container.networkMode },
      ...probe.asked.evidence.slice(0, 1),
      ...proposal.evidence.slice(0, 1),
    ],
    instructions: [
      ...setUrl(client, proposal),
      ...(inVm ? ['or turn on host networking in the settings of Docker Desktop (4.34 and later)'] : []),
    ],
  });
}

async function staleGateway(facts: Facts, way: UrlWay): Promise<Finding | undefined> {
  const { client, target, probe } = way;
  const { answer } = probe.asked;
  if (target.kind !== 'elsewhere' || target.address !== client.url.hostname) return undefined;
  // Whoever refuses or resets has the address, or stands in the way to it: it is no address that is gone.
  if (answer.kind !== 'unreachable' || answer.failure === 'refused' || answer.failure === 'reset')
    return undefined;
  const [network, containers] = await Promise.all([facts.network(), facts.containers()]);
  const past = pastGateway(
    target.address,
    network.state === 'seen' ? network.value : undefined,
    containers.state === 'seen' ? containers.value : [],
  );
  if (!past) return undefined;
  const proposal = await propose(facts, client);
  return failure(way, 'url-stale-gateway', {
    summary: `${shown(client)}: no network or interface here has ${target.address}, and nothing answers there; it has the form of a gateway of a container network, most likely of one that is gone`,
    evidence: [
      { source: 'networks', text: past.current.join('; ') || 'none with subnets' },
      ...probe.asked.evidence.slice(0, 1),
      ...proposal.evidence.slice(0, 1),
    ],
    instructions: setUrl(client, proposal),
  });
}

async function wrongPort(facts: Facts, way: UrlWay): Promise<Finding | undefined> {
  const { client, target, probe } = way;
  const port = portOf(client.url);
  const [server, containers] = await Promise.all([facts.server(), facts.containers()]);
  const all = containers.state === 'seen' ? containers.value : [];
  const other = target.kind === 'container' ? all.find((one) => one.name === target.name) : undefined;
  if (other ? !other.servesOllama : !isThisHost(target)) return undefined;
  const wanted = other ? servingPort(other) : server.port;
  // The client asks for Ollama's own port and Ollama has another: that is the server's doing (bind-wrong-port).
  if (port === wanted || (!other && port === 11_434)) return undefined;
  const better = new URL(client.url.href);
  better.port = String(wanted);
  const asked = await facts.askFrom(client, better);
  const proved = asked.answer.kind === 'ollama';
  if (!proved && (other !== undefined || server.bind.kind === 'unknown')) return undefined;
  const why = other ? `${other.name} listens on port ${wanted} inside` : `Ollama has port ${wanted}`;
  return failure(way, 'url-wrong-port', {
    summary: `${shown(client)} asks for port ${port}, and ${why}`,
    evidence: [...probe.asked.evidence.slice(0, 1), ...asked.evidence.slice(0, 1)],
    instructions: setUrl(client, { url: asked.url }),
  });
}

/** Something answers that is not Ollama's API, and behind the bare address Ollama does. */
async function wrongPath(facts: Facts, way: UrlWay): Promise<Finding | undefined> {
  const { client, probe } = way;
  const { answer } = probe.asked;
  if (client.url.pathname === '/' || (answer.kind !== 'http-error' && answer.kind !== 'not-ollama'))
    return undefined;
  const asked = await facts.askFrom(client, new URL(client.url.origin));
  if (asked.answer.kind !== 'ollama') return undefined;
  return failure(way, 'url-path', {
    summary: `${shown(client)}: Ollama answers there without the path ${client.url.pathname}`,
    evidence: [...probe.asked.evidence.slice(0, 1), ...asked.evidence.slice(0, 1)],
    instructions: setUrl(client, { url: client.url.origin }),
  });
}

function failure(
  way: UrlWay,
  code: string,
  { summary, evidence, instructions }: { summary: string; evidence: Evidence[]; instructions: string[] },
): Finding {
  return {
    status: 'fail',
    code,
    summary,
    evidence: [...settingEvidence(way.client), ...evidence],
    instructions,
  };
}
