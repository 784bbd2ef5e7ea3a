import type { Machine } from '../machine/machine.ts';
import { bytesOf } from './file-step.ts';
import { type Journal, parseJournal, type Step } from './journal.ts';
import type { Receipt } from './receipts.ts';
import { journalPath } from './state-folder.ts';

/** A fix that is still in place and wrote files again that another, earlier one had written. */
export interface LaterReceipt {
  receipt: string;
  /** The files that both wrote. */
  paths: string[];
}

/**
 * Later fixes that have to be taken back ahead of this one, latest first: what one of them found in a file is what this
 * one, or one in between, left there. A fix whose journal cannot be read tells nothing and is none of them.
 */
export async function laterReceipts(
  machine: Machine,
  receipts: readonly Receipt[],
  receipt: string,
): Promise<LaterReceipt[]> {
  const own = await journalOf(machine, receipt);
  if (!own) return [];
  const steps = left(own);
  const others = receipts.filter(
    ({ id, status }) => id !== receipt && (status === 'in-place' || status === 'unfinished'),
  );
  const journals = await Promise.all(others.map(({ id }) => journalOf(machine, id)));
  return journals
    .filter((journal) => journal !== undefined)
    .map((journal) => ({ at: journal.at, receipt: journal.receipt, paths: shared(own, steps, journal) }))
    .filter(({ paths }) => paths.length > 0)
    .toSorted((one, other) => other.at - one.at)
    .map(({ at: _at, ...later }) => later);
}

async function journalOf(machine: Machine, receipt: string): Promise<Journal | undefined> {
  const read = await machine.read(journalPath(machine.identity, receipt), { maxBytes: 256 * 1024 * 1024 });
  if (read.outcome !== 'read') return undefined;
  const parsed = parseJournal(read.text);
  return parsed.state === 'read' ? parsed.journal : undefined;
}

function left({ closed, steps }: Journal): Step[] {
  return closed ? [] : steps.filter((step) => !step.undone);
}

function shared(own: Journal, steps: readonly Step[], other: Journal): string[] {
  if (other.at < own.at) return [];
  const found = steps.flatMap((step) => {
    const { change, before } = step;
    if (change.kind !== 'file' || !before) return [];
    const isOthers = left(other).some(({ before: file, rewrites = [] }) =>
      [...(file ? [file] : []), ...rewrites].some(
        ({ path, file: was }) =>
          path === before.path &&
          // Made in the same moment: the later one found what the earlier one left.
          (other.at > own.at || (was !== null && was.contentBase64 === bytesOf(change.after))),
      ),
    );
    return isOthers ? [before.path] : [];
  });
  return [...new Set(found)];
}
