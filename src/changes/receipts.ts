import type { Machine } from '../machine/machine.ts';
import { parseJournal } from './journal.ts';
import { isReceiptId } from './receipt-id.ts';
import { journalPath, receiptsFolder } from './state-folder.ts';
import { named } from './run-step.ts';

export interface Receipt {
  id: string;
  /** Milliseconds since 1970; undefined where the journal does not tell. */
  at?: number;
  recipes: string[];
  /** `unfinished`: the run was cut short, and what it did is still there. */
  status: 'in-place' | 'unfinished' | 'undone' | 'unreadable';
  /** What is left to take back, latest first. */
  left: string[];
}

export interface Receipts {
  folder: string;
  /** Latest first. */
  receipts: Receipt[];
  /** Why there may be more than is listed. */
  unavailable?: string;
}

/** What fixes of this user (or of root) have changed. Never throws. */
export async function listReceipts(machine: Machine): Promise<Receipts> {
  const folder = receiptsFolder(machine.identity);
  const listed = await machine.list(folder);
  if (listed.outcome === 'denied') return { folder, receipts: [], unavailable: `${folder} may not be read` };
  const names = listed.outcome === 'listed' ? listed.names.filter(isReceiptId) : [];
  const receipts = await Promise.all(
    names
      .toSorted()
      .toReversed()
      .map((id) => readReceipt(machine, id)),
  );
  const unavailable = await ofRoot(machine);
  return { folder, receipts, ...(unavailable === undefined ? {} : { unavailable }) };
}

async function readReceipt(machine: Machine, id: string): Promise<Receipt> {
  const read = await machine.read(journalPath(machine.identity, id), { maxBytes: 256 * 1024 * 1024 });
  if (read.outcome === 'absent') return { id, recipes: [], status: 'undone', left: [] };
  if (read.outcome !== 'read') return { id, recipes: [], status: 'unreadable', left: [] };
  const parsed = parseJournal(read.text);
  if (parsed.state === 'empty') return { id, recipes: [], status: 'undone', left: [] };
  if (parsed.state !== 'read') return { id, recipes: [], status: 'unreadable', left: [] };
  const { journal } = parsed;
  const left = journal.steps.filter((step) => !step.undone).toReversed();
  const isOver = journal.closed || left.length === 0;
  const isWhole = journal.complete && journal.steps.every((step) => !step.undoing);
  return {
    id,
    at: journal.at,
    recipes: journal.recipes.map(({ recipe }) => recipe),
    status: isOver ? 'undone' : isWhole ? 'in-place' : 'unfinished',
    left: isOver ? [] : left.map((step) => named(step.change)),
  };
}

/** Fixes made with sudo are root's; without it they cannot be seen. */
async function ofRoot(machine: Machine): Promise<string | undefined> {
  const { identity } = machine;
  if (identity.platform !== 'linux' || identity.elevated) return undefined;
  const folder = receiptsFolder({ ...identity, elevated: true });
  const listed = await machine.list(folder);
  if (listed.outcome !== 'denied' && (listed.outcome !== 'listed' || listed.names.length === 0))
    return undefined;
  return `fixes made with sudo are in ${folder}: run it again with sudo to see and undo them`;
}
