import type { Facts } from '../../diagnosis/collectors.ts';
import type { Finding } from '../../engine/check.ts';
import type { Container } from '../../facts/containers.ts';
import { outcomeOf } from '../../path/outcome.ts';
import type { ProxySetting } from '../../path/proxy.ts';
import { pathFault } from '../../path/url-path.ts';
import type { HttpResult } from '../../machine/machine.ts';
import type { Evidence } from '../../report/schema.ts';
import { apiOf, applicationOf } from '../../runtimes/index.ts';
import type { Way } from '../clients.ts';
import { setUrl } from './advice.ts';
import { settingEvidence, shown } from './words.ts';

type UrlWay = Way & { client: { url: URL } };

/** What keeps a client from an Ollama that answers at its URL; undefined when nothing does. */
export async function whatIsWrongThough(facts: Facts, way: UrlWay): Promise<Finding | undefined> {
  return hijacked(way) ?? (await misplaced(facts, way));
}

/** The doctor asks straight; the program may ask a proxy, which has an answer of its own. */
function hijacked(way: UrlWay): Finding | undefined {
  const { client, proxied, proxy, probe } = way;
  if (!proxy || !proxied || probe.asked.answer.kind !== 'ollama') return undefined;
  if (proxied.answer.kind === 'ollama' || proxied.answer.kind === 'unavailable') return undefined;
  const by = outcomeOf(proxied).detail;
  const who = proxy.past.length === 0 ? 'for programs that obey it' : `for ${proxy.through.join(' and ')}`;
  const isNode = isPlainNode(client.container);
  return {
    status: proxy.past.length === 0 && !isNode ? 'fail' : 'warn',
    code: 'proxy-hijack',
    summary: `${shown(client)}: the proxy of ${proxy.variable} stands in between ${who} (${by}); asked straight, Ollama answers`,
    evidence: [
      { source: `environment of ${client.container.name}`, text: `${proxy.variable}=${proxy.proxy.origin}` },
      {
        source: `environment of ${client.container.name}`,
        text: proxy.noProxy ? `${proxy.noProxy.variable}=${proxy.noProxy.value}` : 'NO_PROXY is not set',
      },
      {
        source: 'who obeys it',
        text: `${proxy.through.join(', ')}; not Node’s own fetch without NODE_USE_ENV_PROXY=1${isNode ? ', and this is an image of Node' : ''}`,
      },
      ...viaProxy(proxied.evidence, proxy),
      ...probe.asked.evidence.slice(0, 1),
    ],
    instructions: exempt(way, proxy),
  };
}

/**
 * True for Node's own image where nothing tells Node's fetch to ask a proxy (nodejs.org, `NODE_USE_ENV_PROXY`): its
 * program obeys the proxy only by a library of its own.
 */
function isPlainNode({ env, image }: Container): boolean {
  const repository = image.replace(/@.*$/u, '').replace(/:[^/:]*$/u, '');
  return /(?:^|\/)node$/u.test(repository) && env['NODE_USE_ENV_PROXY'] !== '1';
}

function viaProxy(evidence: readonly Evidence[], proxy: ProxySetting): Evidence[] {
  return evidence.slice(0, 1).map(({ source, text }) => ({
    source: `${source} by way of ${proxy.proxy.host}`,
    text,
  }));
}

function exempt({ client }: UrlWay, proxy: ProxySetting): string[] {
  const host = client.url.hostname.replace(/^\[|\]$/gu, '');
  const before = proxy.noProxy?.value.replace(/[,\s]+$/u, '') ?? '';
  const value = [before, host].filter((part) => part !== '').join(',');
  const { compose, name } = client.container;
  const where = compose
    ? `in service ${compose.service} of ${compose.configFiles.at(-1) ?? 'its compose file'}`
    : `where ${name} is started (for all containers: noProxy in ~/.docker/config.json)`;
  return [
    `set NO_PROXY and no_proxy to ${value} ${where}`,
    'name the host itself: Go and newer curl take address ranges there, Node and older curl do not; only some programs read the upper-case or the lower-case one alone',
    ...(compose ? [`then: docker compose up -d ${compose.service}`] : []),
  ];
}

async function misplaced(facts: Facts, way: UrlWay): Promise<Finding | undefined> {
  const { client } = way;
  const name = client.setting?.name ?? '';
  const fault = pathFault(client.url, apiOf(name, applicationOf(client.container.image)), name);
  if (!fault) return undefined;
  const [asked, right] = await Promise.all([
    facts.getFrom(client, fault.asked),
    facts.getFrom(client, fault.right),
  ]);
  if (statusOf(right) !== 200 || statusOf(asked) === undefined || statusOf(asked) === 200) return undefined;
  return {
    status: 'fail',
    code: 'url-path',
    summary: `${shown(client)}: ${fault.what}`,
    evidence: [
      ...settingEvidence(client),
      { source: `GET ${fault.asked.href}`, text: `HTTP ${String(statusOf(asked))}` },
      { source: `GET ${fault.right.href}`, text: 'HTTP 200' },
    ],
    instructions: setUrl(client, { url: fault.better }),
  };
}

function statusOf(result: HttpResult): number | undefined {
  return result.outcome === 'answered' ? result.status : undefined;
}
