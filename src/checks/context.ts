import type { Facts } from '../diagnosis/collectors.ts';
import type { Check, Finding } from '../engine/check.ts';
import type { Unavailable } from '../facts/looked.ts';
import type { Evidence } from '../report/schema.ts';

/** A check of this project: it reads facts and returns findings. */
export type FactCheck = Check<Facts>;

export const hostOnly = async (): Promise<readonly string[]> => ['host'];

export function pass(summary: string, evidence: Evidence[] = []): Finding {
  return { status: 'pass', summary, evidence };
}

export function notApplicable(summary: string, evidence: Evidence[] = []): Finding {
  return { status: 'not-applicable', summary, evidence };
}

/** "Could not look", in words that say what would let it look. */
export function couldNotLook(unavailable: Unavailable, matters?: boolean): Finding {
  return {
    status: 'inconclusive',
    summary: unavailable.reason,
    ...(unavailable.help ? { instructions: [unavailable.help] } : {}),
    ...(matters === undefined ? {} : { matters }),
  };
}

/** A hop that cannot be judged since an earlier one stands in the way. */
export function blockedBy(id: string, subject: string, summary: string): Finding {
  return { status: 'blocked', summary, blockedBy: `${id}@${subject}` };
}
