import type { Asked } from '../facts/api.ts';
import type { NetworkFailure } from '../machine/machine.ts';
import { parseUrl } from './url.ts';
import { ollamaOf } from '../ollama/product.ts';

/** What a request for Ollama came to, in a closed set of words. */
export interface Outcome {
  works: boolean;
  outcome: 'ok' | NetworkFailure | 'no-answer' | 'http-error' | 'forbidden' | 'not-ollama';
  /** For people, with the step where it died in front: `connection: timed out at 172.17.0.1:11434`. */
  detail: string;
  address?: string;
  via?: string;
}

const words: Record<NetworkFailure, [step: string, what: string]> = {
  'name-not-found': ['name', 'not known there'],
  'network-unreachable': ['route', 'network unreachable'],
  'host-unreachable': ['route', 'no route to host'],
  refused: ['connection', 'refused'],
  timeout: ['connection', 'timed out'],
  reset: ['connection', 'reset'],
  'tls-mismatch': ['TLS', 'one side speaks TLS and the other does not'],
  'not-http': ['HTTP', 'something that is not HTTP answers'],
  failed: ['connection', 'failed'],
  unavailable: ['could not ask', ''],
};

/** Reads an answer as a verdict on its URL: it works when a real Ollama gave its version and its list of models. */
export function outcomeOf(asked: Asked): Outcome {
  const { answer } = asked;
  if (answer.kind === 'unavailable') {
    return { works: false, outcome: 'unavailable', detail: `could not ask: ${answer.reason}` };
  }
  const where = {
    ...(answer.address === undefined ? {} : { address: answer.address }),
    ...(answer.via === undefined ? {} : { via: answer.via }),
  };
  switch (answer.kind) {
    case 'ollama': {
      if (answer.models === undefined) {
        const detail = `Ollama: version ${answer.version} answers, and does not list its models`;
        return { works: false, outcome: 'http-error', detail, ...where };
      }
      const models = `${answer.models.length} ${answer.models.length === 1 ? 'model' : 'models'}`;
      return {
        works: true,
        outcome: 'ok',
        detail: `${ollamaOf(answer.version)} answers, ${models}`,
        ...where,
      };
    }
    case 'not-ollama':
      return { works: false, outcome: 'not-ollama', detail: `Ollama: ${answer.what} answers`, ...where };
    case 'http-error':
      return {
        works: false,
        outcome: 'http-error',
        detail: `HTTP: ${answer.status}, ${answer.what}`,
        ...where,
      };
    case 'forbidden': {
      const header = answer.because === 'unknown' ? '' : `, for its ${answer.because} header`;
      return { works: false, outcome: 'forbidden', detail: `HTTP: 403 by Ollama${header}`, ...where };
    }
    case 'no-answer':
      return { works: false, outcome: 'no-answer', detail: `HTTP: ${answer.detail}`, ...where };
    case 'unreachable': {
      const [step, what] = words[answer.failure];
      const text = what === '' || answer.failure === 'failed' ? answer.detail : what;
      const detail = `${step}: ${text}${at(asked.url, answer.address)}`;
      return { works: false, outcome: answer.failure, detail, ...where };
    }
  }
}

/** The address and port that were tried, where the URL does not show them itself. */
function at(text: string, address: string | undefined): string {
  const url = parseUrl(text);
  if (address === undefined || url === undefined || url.hostname.includes(address)) return '';
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return ` at ${address.includes(':') ? `[${address}]` : address}:${port}`;
}
