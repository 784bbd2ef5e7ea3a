import type { OllamaClient } from '../facts/containers.ts';
import type { HostNetwork, Rulesets } from '../facts/network.ts';
import { decide } from '../firewall/index.ts';
import type { Machine } from '../machine/machine.ts';
import { apiBase } from '../ollama/ask.ts';
import { hostFacts, packetOverLoopback, packetToHost } from '../path/packet.ts';
import { findTarget, type Target, throughOwnProcess } from '../path/target.ts';
import { waysToCompare } from '../path/ways-compared.ts';
import type { ComparedWay, HopName } from '../report/schema.ts';
import { insideContainer } from '../runtimes/index.ts';
import type { Facts } from './collectors.ts';
import { vantageOf } from './vantage.ts';
import { type Tried, tryEach } from './try-urls.ts';
import { within } from './within.ts';

/** How long a client's own request is waited for: mostly it works, and then nothing is compared. */
const headStartMs = 500;

/**
 * All ways to an Ollama from where a client stands, laid side by side, with the hop at which each ends. Asked only where
 * the client's own URL does not work (or `always`) and `mayAsk` has not had enough, beside its own probe, so that a silent way costs no time of its own.
 *
 * @returns an empty list where there is nothing to compare or nothing could be asked from there
 */
export async function compareWays(
  machine: Machine,
  facts: Facts,
  client: OllamaClient,
  options: { always: boolean; timeoutMs: number; mayAsk: () => boolean },
): Promise<ComparedWay[]> {
  if (client.hypothetical || client.container.state !== 'running') return [];
  await facts.rulesets();
  let works = false;
  const own = facts.probe(client).then(({ asked }) => {
    works = asked.answer.kind === 'ollama';
    return asked;
  });
  if (!options.always) {
    await within(headStartMs, own, undefined);
    if (works) return [];
  }
  if (!options.mayAsk()) return [];
  const { container } = client;
  const [server, network, looked] = await Promise.all([facts.server(), facts.network(), facts.containers()]);
  const containers = looked.state === 'seen' ? looked.value : [];
  const hostNetwork = network.state === 'seen' ? network.value : undefined;
  const ownUrl = client.url === undefined ? undefined : apiBase(client.url);
  const candidates = waysToCompare(container, {
    server,
    network: hostNetwork,
    containers,
    configured: ownUrl === undefined ? [] : [ownUrl],
  });
  const inside = machine.enter(vantageOf(container, looked), (outside) =>
    insideContainer(outside, container, { helper: false }),
  );
  const stop = (): boolean => works && !options.always;
  const urls = candidates.map(({ url }) => url);
  const asking = {
    timeoutMs: options.timeoutMs,
    stop,
    known: new Map(ownUrl === undefined ? [] : [[ownUrl, own]]),
  };
  // One alone: it finds out how one can ask from there at all, which in an image without tools is dear.
  const firstUrl = `http://localhost:${server.port}`;
  const first = await tryEach(inside, [firstUrl], asking);
  if (first[0] === undefined || first[0].outcome === 'unavailable') return [];
  const rest = await tryEach(
    inside,
    urls.filter((url) => url !== firstUrl),
    asking,
  );
  const byUrl = new Map([...first, ...rest].map((one) => [one.url, one]));
  const tried = urls.flatMap((url) => byUrl.get(url) ?? []);
  await own;
  if (stop() || tried.length < urls.length || tried.every((one) => one.outcome === 'unavailable')) return [];
  const rulesets = await facts.rulesets();
  return tried.map((one, index) => {
    const name = candidates[index]?.name ?? '';
    const { url, address, detail, outcome } = one;
    const target = targetOf(client, one, hostNetwork, containers);
    const diesAt = hopOf(
      one,
      target,
      client,
      hostNetwork,
      rulesets.state === 'seen' ? rulesets.value : undefined,
    );
    return {
      name,
      url,
      works: one.works,
      outcome,
      ...(address === undefined ? {} : { address }),
      ...(diesAt === undefined ? {} : { diesAt }),
      detail: explained(detail, target),
    };
  });
}

function targetOf(
  client: OllamaClient,
  { url, address }: Tried,
  network: HostNetwork | undefined,
  containers: Parameters<typeof findTarget>[3],
): Target {
  const literal = new URL(url).hostname.replace(/^\[|\]$/gu, '');
  const addresses = address === undefined ? (literal === 'localhost' ? ['127.0.0.1'] : []) : [address];
  return findTarget({ ...client, url: new URL(url) }, addresses, network, containers);
}

/** Where an address leads, where that says more than how the connection ended. */
function explained(detail: string, target: Target): string {
  if (target.kind === 'self') return `${detail} (the container itself)`;
  if (target.kind === 'engine') return `${detail} (${target.what})`;
  if (target.kind === 'container') return `${detail} (the container ${target.name})`;
  return detail;
}

/** The hop at which it ends; undefined where it works, or could not be asked. */
function hopOf(
  tried: Tried,
  target: Target,
  client: OllamaClient,
  network: HostNetwork | undefined,
  rulesets: Rulesets | undefined,
): HopName | undefined {
  if (tried.works) return undefined;
  switch (tried.outcome) {
    case 'ok':
    case 'unavailable':
      return undefined;
    case 'name-not-found':
      return 'name';
    case 'network-unreachable':
      return 'route';
    case 'tls-mismatch':
    case 'not-http':
    case 'no-answer':
      return 'http';
    case 'http-error':
    case 'forbidden':
    case 'not-ollama':
      return 'ollama';
    case 'refused':
    case 'reset':
    case 'timeout':
    case 'host-unreachable':
    case 'failed':
      break;
  }
  if (target.kind === 'self') return 'client';
  if (target.kind === 'engine') return 'route';
  if (target.kind === 'host' && network && rulesets) {
    const port = Number(new URL(tried.url).port || 80);
    const packet = throughOwnProcess(client.container)
      ? packetOverLoopback(target.address, port)
      : packetToHost(client.container, target.address, port);
    const verdict =
      packet && decide({ rulesets: rulesets.listings, packet, host: hostFacts(network) }).verdict;
    if (verdict === 'drop' || verdict === 'reject') return 'firewall';
  }
  if (tried.outcome === 'refused') return 'listener';
  if (tried.outcome === 'reset') return 'http';
  return target.kind === 'host' ? 'firewall' : 'route';
}
