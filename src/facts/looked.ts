import type { Evidence } from '../report/schema.ts';

/**
 * What came of looking at something. "Could not look" is never "is not there": a collector returns `unavailable` with
 * the reason and what would let it look, and the checks above it become `inconclusive`.
 */
export type Looked<T> =
  | { state: 'seen'; value: T; evidence: Evidence[] }
  /** Looked, and there is no such thing here. */
  | { state: 'absent'; evidence: Evidence[] }
  | Unavailable;

export interface Unavailable {
  state: 'unavailable';
  /** Why, as a clause for people: `reading the ruleset needs root`. */
  reason: string;
  /** What to do to let it look: `run it again with sudo`. */
  help?: string;
  /** True when permission was what was missing. */
  denied?: boolean;
  /** True when this version has no code for it on this platform. */
  unsupported?: boolean;
}
