import type { Evidence } from '../report/schema.ts';
import type { NetworkFailure } from '../machine/machine.ts';

/** Who answered at an address, asked as an Ollama client asks. */
export type ApiAnswer =
  | {
      kind: 'ollama';
      version: string;
      /** From /api/tags; undefined when the list could not be read. */
      models?: OllamaModel[];
      /** What came in place of a list of models, where an answer came that is none. */
      listTrouble?: string;
      address?: string;
      elapsedMs: number;
      via?: string;
    }
  /** Something answered, and it is not Ollama: `what` names it (`a web page (Server: nginx)`). */
  | { kind: 'not-ollama'; what: string; address?: string; via?: string }
  /** Ollama, or a proxy in front of it, answered with an HTTP error: `what` says who and why. */
  | {
      kind: 'http-error';
      status: number;
      what: string;
      trouble: HttpTrouble;
      /** Who signed the answer, where somebody did: `nginx/1.27.0`. Ollama signs nothing. */
      by?: string;
      address?: string;
      via?: string;
    }
  /** Ollama's own 403 with an empty body, told apart by asking again with one header changed. */
  | {
      kind: 'forbidden';
      because: 'host' | 'origin' | 'unknown';
      /** The proxy that brought the answer, where one signed it. */
      by?: string;
      address?: string;
      via?: string;
    }
  /** Connected, and no (whole) answer came in time. */
  | { kind: 'no-answer'; detail: string; address?: string; via?: string }
  | {
      kind: 'unreachable';
      failure: NetworkFailure;
      detail: string;
      address?: string;
      elapsedMs: number;
      via?: string;
    }
  /** Could not ask. */
  | { kind: 'unavailable'; reason: string; help?: string };

/**
 * Whose trouble an HTTP error is: `credentials` wanted by a proxy, a `redirect` elsewhere, a proxy that `refused` or got
 * no answer from behind it (`gateway`), Ollama's own words (`ollama`), or nobody knows (`unknown`).
 */
export type HttpTrouble = 'credentials' | 'redirect' | 'refused' | 'gateway' | 'ollama' | 'unknown';

export interface OllamaModel {
  name: string;
  /** Bytes on disk; undefined when the server does not give a number. */
  size?: number;
  family?: string;
  capabilities?: string[];
}

/** A model in memory, from /api/ps. */
export interface LoadedModel {
  name: string;
  /** Bytes in all, and of those in the memory of graphics cards. */
  size?: number;
  sizeVram?: number;
  contextLength?: number;
}

/** What came of having a model answer once. */
export interface Generated {
  model: string;
  kind: 'tokens' | 'embedding';
  /** `error`: the server said what is wrong; `failed`: the connection broke; `timeout`: nothing whole in time. */
  outcome: 'answered' | 'error' | 'timeout' | 'failed' | 'unavailable';
  detail?: string;
  /** Milliseconds until the first token, until the end, and of those for loading the model. */
  firstMs?: number;
  totalMs?: number;
  loadMs?: number;
  tokens?: number;
  /** Length of the embedding. */
  dimensions?: number;
  /** Whether tokens that were made one after the other came all at once; absent where it cannot be told. */
  buffered?: boolean;
  /** Whether /api/ps had it before, and has it now; absent where the server cannot say. */
  wasLoaded?: boolean;
  isLoaded?: boolean;
  memory?: LoadedModel;
  evidence: Evidence[];
}

export interface Asked {
  url: string;
  answer: ApiAnswer;
  evidence: Evidence[];
}
