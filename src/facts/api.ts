import type { Evidence } from '../report/schema.ts';
import type { NetworkFailure } from '../machine/machine.ts';

/** Who answered at an address, asked as an Ollama client asks. */
export type ApiAnswer =
  | {
      kind: 'ollama';
      version: string;
      /** From /api/tags; undefined when the list could not be read. */
      models?: OllamaModel[];
      address?: string;
      elapsedMs: number;
      via?: string;
    }
  /** Something answered, and it is not Ollama: `what` names it (`a web page (Server: nginx)`). */
  | { kind: 'not-ollama'; what: string; address?: string; via?: string }
  /** Ollama (or what looks like it) answered with an HTTP error. */
  | { kind: 'http-error'; status: number; what: string; address?: string; via?: string }
  /** Ollama's own 403 with an empty body, told apart by asking again with one header changed. */
  | { kind: 'forbidden'; because: 'host' | 'origin' | 'unknown'; address?: string; via?: string }
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

export interface OllamaModel {
  name: string;
  /** Bytes on disk; undefined when the server does not give a number. */
  size?: number;
  family?: string;
  capabilities?: string[];
}

export interface Asked {
  url: string;
  answer: ApiAnswer;
  evidence: Evidence[];
}
