import type { FindingCode } from '../catalogue.ts';
import type { Place } from './place.ts';

/** What a message makes one suspect, and never more than suspect: only a look at the machine is a diagnosis. */
export interface Suspicion {
  /** What the message says, in one plain sentence or two. */
  meaning: string;
  /** Codes of the catalogue, the most likely one first; never empty. */
  codes: readonly FindingCode[];
}

/** Where to look next: from the container that complains, on the host, at the models, or at one that is made to answer. */
export type Next = 'container' | 'host' | 'model' | 'generate';

/** How much a message tells of the reason. The server's own words tell most, what an application makes of them least. */
type Telling = 'reason' | 'symptom' | 'wrapper';

/** A message that programs are known to print. */
export interface KnownError extends Suspicion {
  /** Its name in results, unique in the table. */
  id: string;
  /**
   * How it is recognised: in any of these, all pieces occur in one line in this order, whatever the case of letters.
   * A piece that starts or ends in a digit does so where the number does: `403` is not found in `14035`.
   */
  says: readonly (readonly string[])[];
  /** A line as programs print it. */
  sample: string;
  telling: Telling;
  /** What to suspect in place of it when the line names such an address. */
  at?: Partial<Record<Place, Suspicion>>;
  next: Next;
  /** Where the message, or its reason, is to be read: `owner/repository#issue`, or a file of a program's source. */
  source: string;
}
