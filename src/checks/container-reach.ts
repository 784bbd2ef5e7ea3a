import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import type { ApiAnswer } from '../facts/api.ts';
import type { Looked } from '../facts/looked.ts';
import type { Listeners } from '../facts/network.ts';
import type { NetworkFailure } from '../machine/machine.ts';
import { parseUrl } from '../path/url.ts';
import { portOf } from './bind-address.ts';
import { containerDown } from './container-down.ts';
import { clientSubjects, forClient, type Way, waysOf } from './clients.ts';
import { blockedBy, couldNotLook, type FactCheck, notApplicable, pass } from './context.ts';
import { ollamaOf } from '../ollama/product.ts';

/** The real thing: what the container itself gets when it asks for Ollama. */
export const containerReach: FactCheck = {
  id: 'container-reach',
  needs: ['container-runtime'],
  subjects: clientSubjects,
  notApplicable: 'no container to look at',
  async run(facts, subject) {
    const ways = await waysOf(facts, subject);
    const found = await Promise.all(ways.map(async (way) => forClient(way.client, await judge(facts, way))));
    return [...downFindings(ways, facts), ...found];
  },
};

/** One word about each container that does not run, however many URLs it has. */
function downFindings(ways: readonly Way[], facts: Facts): Finding[] {
  const byContainer = new Map(
    ways.map((way) => [`${way.client.container.endpoint} ${way.client.container.id}`, way]),
  );
  return [...byContainer.values()].flatMap((way) => {
    const found = containerDown(way, facts.options.containers.length > 0);
    return found ? [forClient(way.client, found)] : [];
  });
}

async function judge(facts: Facts, way: Way): Promise<Finding> {
  const { client, probe, proxied, proxy } = way;
  if (client.hypothetical) return notApplicable('no container here uses Ollama');
  if (proxied?.answer.kind === 'ollama' && probe.asked.answer.kind !== 'ollama')
    return pass(
      `${ollamaOf(proxied.answer.version)} answers at ${proxied.url} by way of the proxy ${proxy?.proxy.host ?? ''}`,
      proxied.evidence,
    );
  const { answer, evidence, url } = probe.asked;
  switch (answer.kind) {
    case 'ollama': {
      const models = answer.models ? `, ${answer.models.length} models` : '';
      return pass(
        `${ollamaOf(answer.version)} answers at ${shownUrl(url, answer.address)}${models}`,
        evidence,
      );
    }
    case 'unavailable':
      if (!client.url) return blockedBy('client-url', client.subject, 'there is no URL to ask');
      return couldNotLook({
        state: 'unavailable',
        reason: `could not ask from inside ${client.container.name}: ${answer.reason}`,
        ...(answer.help ? { help: answer.help } : {}),
      });
    case 'unreachable':
      if (answer.failure === 'name-not-found')
        return { ...blockedBy('container-dns', client.subject, 'the name is not known there'), evidence };
      return {
        status: 'fail',
        code: codeOf(answer.failure),
        summary: `${wordsFor[answer.failure]} at ${place(url, answer.address)}`,
        evidence,
        instructions: [await nextLook(facts, way, answer.failure)],
      };
    case 'no-answer':
      return {
        status: 'fail',
        code: 'reach-reset',
        summary: `connected to ${place(url, answer.address)}, and no answer came: ${answer.detail}`,
        evidence,
        instructions: [
          'something takes connections there that is not Ollama, or no longer has it behind it: see sudo ss -ltnp',
        ],
      };
    case 'not-ollama':
    case 'http-error':
    case 'forbidden':
      if (answer.kind === 'http-error' && answer.status !== 407 && answer.trouble === 'credentials')
        return wantsCredentials(client.container.name, shownUrl(url, answer.address), answer.what, evidence);
      return {
        status: 'fail',
        code: 'reach-http',
        summary: `${shownUrl(url, answer.address)} answers, and it is not what an Ollama client expects: ${whatOf(answer)}`,
        evidence,
        instructions: ['see what the container talks to: the evidence names who answered'],
      };
  }
}

/** An application may have credentials that the doctor does not: whether they are the right ones cannot be seen. */
function wantsCredentials(name: string, url: string, what: string, evidence: Finding['evidence']): Finding {
  return {
    status: 'inconclusive',
    summary: `${url} answers, and ${what}: whether ${name} gets through with its own cannot be seen`,
    evidence: evidence ?? [],
    instructions: [`see in the settings of ${name} whether it has a key or a password for this address`],
  };
}

function whatOf(answer: ApiAnswer): string {
  if (answer.kind === 'http-error') return `${answer.status} ${answer.what}`;
  if (answer.kind === 'forbidden')
    return answer.because === 'host' ? '403, since Ollama does not know this name' : '403 with an empty body';
  return answer.kind === 'not-ollama' ? answer.what : '';
}

function codeOf(failure: NetworkFailure): string {
  switch (failure) {
    case 'refused':
      return 'reach-refused';
    case 'timeout':
      return 'reach-timeout';
    case 'host-unreachable':
    case 'network-unreachable':
      return 'reach-unreachable';
    case 'reset':
      return 'reach-reset';
    case 'tls-mismatch':
    case 'not-http':
    case 'name-not-found':
    case 'failed':
    case 'unavailable':
      return 'reach-http';
  }
}

const wordsFor: Record<NetworkFailure, string> = {
  refused: 'refused',
  timeout: 'timed out',
  'host-unreachable': 'no route to host',
  'network-unreachable': 'network unreachable',
  reset: 'connection reset',
  'name-not-found': 'name not found',
  'tls-mismatch': 'TLS and plain HTTP do not match',
  'not-http': 'answered with something that is not HTTP',
  failed: 'failed',
  unavailable: 'could not ask',
};

/** What it may be, as far as what was seen does not settle it, and how to see more. */
async function nextLook(facts: Facts, way: Way, failure: NetworkFailure): Promise<string> {
  const port = way.client.url ? portOf(way.client.url) : 11_434;
  const how = facts.identity.elevated
    ? `see what becomes of the packets: tcpdump -ni any tcp port ${port}`
    : 'run the doctor as root to see the rules';
  if (failure === 'timeout') return `a packet filter drops it, or the address leads nowhere: ${how}`;
  if (failure !== 'refused') return how;
  return (
    refusal(way, port, await facts.listeners()) ??
    `nothing listens at that address, or a rule rejects it: ${how}`
  );
}

/** A refusal is nobody listening, or a rule that rejects: which of them, where this host's sockets tell. */
function refusal(way: Way, port: number, listeners: Looked<Listeners>): string | undefined {
  const { target } = way;
  if (target.kind === 'self') return `nothing listens on port ${port} in the container itself`;
  if (target.kind === 'container')
    return `nothing listens on port ${port} in the container ${target.name}, or on its loopback alone: ${way.client.container.runtime} logs ${target.name}`;
  if (target.kind !== 'host' && target.kind !== 'host-loopback') return undefined;
  if (listeners.state !== 'seen') return undefined;
  const own = listeners.value.listeners.filter((one) => one.port === port);
  if (own.length === 0) return `nothing listens on port ${port} of this host: start what should`;
  const reached = own.some((one) => one.wildcard || one.address === target.address);
  if (reached) return 'something listens at that address, so a rule rejects it: see sudo nft list ruleset';
  return `nothing listens on ${target.address}, port ${port}; there is ${own.map((one) => one.address).join(', ')}`;
}

function place(url: string, address: string | undefined): string {
  const parsed = parseUrl(url);
  const port = parsed
    ? parsed.port === ''
      ? parsed.protocol === 'https:'
        ? '443'
        : '80'
      : parsed.port
    : '';
  const host = address ?? parsed?.hostname ?? url;
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}

function shownUrl(url: string, address: string | undefined): string {
  const name = parseUrl(url)?.hostname;
  return address !== undefined && address !== name ? `${url} (${address})` : url;
}
