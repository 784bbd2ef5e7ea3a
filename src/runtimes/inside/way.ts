import type { ProbeReport } from '../probers/protocol.ts';
import type { Job } from './job.ts';

/** What came of trying to probe in one way. */
export type WayResult =
  | { state: 'reported'; report: ProbeReport; via: string }
  /** It cannot be done this way here; the reason is a clause for people (`the image has no shell`); `gone` when no way can be. */
  | { state: 'impossible'; reason: string; gone?: true };

/** A way to look from a container's place in the network. Never throws. */
export interface Way {
  probe(job: Job): Promise<WayResult>;
}
