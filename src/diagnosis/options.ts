import type { RuntimeName } from '../facts/containers.ts';

/** What the user asked of a diagnosis; see DESIGN and `ollama-doctor --help` for each. */
export interface DiagnosisOptions {
  /** Check ids; empty means all. */
  only: string[];
  skip: string[];
  /** Container names or ids given with --container. */
  containers: string[];
  runtime?: RuntimeName;
  /** Tried from the host in place of what OLLAMA_HOST gives. */
  url?: string;
  /** A web page's origin, to ask as a browser would for it (`http://192.168.1.5:3000`, `app://obsidian.md`). */
  origin?: string;
  requireModels: string[];
  requireVersion?: string;
  /** A model to have answer once. */
  generate?: string;
  /** Milliseconds for that answer, of {@link timeoutMs}. */
  generateMs: number;
  /** Milliseconds for the whole diagnosis. */
  timeoutMs: number;
  failOn: 'warn' | 'fail';
  /** Whether a helper image may be pulled. */
  pull: boolean;
  /** From where all ways are compared: clients whose own URL fails, all of them (--verbose), or none. */
  compare: 'failing' | 'all' | 'none';
  /** Whether a fix may make services of compose again. */
  recreate?: boolean;
}

export const defaultOptions: DiagnosisOptions = {
  only: [],
  skip: [],
  containers: [],
  requireModels: [],
  timeoutMs: 10_000,
  failOn: 'fail',
  pull: false,
  compare: 'failing',
  generateMs: 120_000,
};
