import { findingEntry, type FindingCode } from '../catalogue.ts';
import type { Next } from './known-error.ts';
import type { Seen } from './scan.ts';

/** A known message as it is given out. */
export interface ExplainedError {
  /** The message's name in the table. */
  error: string;
  /** The first line it was in, without secrets. */
  line: string;
  /** How many lines it was in. */
  count: number;
  meaning: string;
  /** The most likely one first. */
  suspicions: { code: FindingCode; title: string }[];
  /** Commands to type; NAME and MODEL stand for what only the reader knows. */
  run: string[];
  source: string;
}

const look: Record<Next, string> = {
  container: 'ollama-doctor --container NAME',
  host: 'ollama-doctor',
  model: 'ollama-doctor --require-model MODEL',
  generate: 'ollama-doctor --generate MODEL',
};

/** What is given out of a match: the titles of its codes, and the commands that tell whether it is so. */
export function explainedError({ error, suspicion, line, count }: Seen): ExplainedError {
  const [first] = suspicion.codes;
  return {
    error: error.id,
    line,
    count,
    meaning: suspicion.meaning,
    suspicions: suspicion.codes.map((code) => ({ code, title: findingEntry(code)?.title ?? code })),
    run: [look[error.next], ...(first === undefined ? [] : [`ollama-doctor explain ${first}`])],
    source: error.source,
  };
}
