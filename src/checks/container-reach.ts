import type { Finding } from '../engine/check.ts';
import type { ApiAnswer } from '../facts/api.ts';
import type { NetworkFailure } from '../machine/machine.ts';
import { parseUrl } from '../path/url.ts';
import { clientSubjects, forClient, type Way, waysOf } from './clients.ts';
import { blockedBy, couldNotLook, type FactCheck, notApplicable, pass } from './context.ts';

/** The real thing: what the container itself gets when it asks for Ollama. */
export const containerReach: FactCheck = {
  id: 'container-reach',
  needs: ['container-runtime'],
  subjects: clientSubjects,
  notApplicable: 'no container to look at',
  async run(facts, subject) {
    const ways = await waysOf(facts, subject);
    return ways.map((way) => forClient(way.client, judge(way, facts.identity.elevated)));
  },
};

function judge(way: Way, elevated: boolean): Finding {
  const { client, probe } = way;
  if (client.hypothetical) return notApplicable('no container here uses Ollama');
  const { answer, evidence, url } = probe.asked;
  switch (answer.kind) {
    case 'ollama': {
      const models = answer.models ? `, ${answer.models.length} models` : '';
      return pass(`Ollama ${answer.version} answers at ${shownUrl(url, answer.address)}${models}`, evidence);
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
        instructions: [nextLook(answer.failure, elevated)],
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

function nextLook(failure: NetworkFailure, elevated: boolean): string {
  const reasons: Partial<Record<NetworkFailure, string>> = {
    timeout: 'a packet filter drops it, or the address leads nowhere',
    refused: 'nothing listens at that address, or a rule rejects it',
  };
  const how = elevated
    ? 'see what becomes of the packets: tcpdump -ni any tcp port 11434'
    : 'run the doctor as root to see the rules';
  const reason = reasons[failure];
  return reason === undefined ? how : `${reason}: ${how}`;
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
