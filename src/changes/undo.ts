import { randomBytes } from 'node:crypto';
import type { Machine } from '../machine/machine.ts';
import { laterReceipts } from './later-receipts.ts';
import { takeLock } from './lock.ts';
import { isReceiptId } from './receipt-id.ts';
import { listReceipts } from './receipts.ts';
import { reasonOf } from './recheck.ts';
import { takeBack, type TakenBack } from './take-back.ts';

export type Undone =
  | TakenBack
  /** No receipt has anything left. */
  | { status: 'nothing'; receipt?: string; unavailable?: string }
  | { status: 'unknown-receipt'; receipt: string; known: string[] }
  | { status: 'refused'; receipt?: string; reason: string; files: []; left: [] };

/**
 * Takes back what one fix changed: the named receipt, or the latest that still has something to take back. Done twice
 * it does nothing the second time. Refuses as a whole when a file was changed by a later fix that is in place, or by
 * somebody else, unless that file is in `keep`, which leaves it as it is. Never throws for what the machine does.
 */
export async function undo(
  machine: Machine,
  receipt?: string,
  options: { keep?: readonly string[] } = {},
): Promise<Undone> {
  const { writer } = machine;
  const refused = (reason: string): Undone => ({ status: 'refused', reason, files: [], left: [] });
  if (!writer) return refused('this machine cannot be changed (a replay)');
  try {
    const { receipts, unavailable } = await listReceipts(machine);
    const known = receipts.map(({ id }) => id);
    if (receipt !== undefined && (!isReceiptId(receipt) || !known.includes(receipt)))
      return { status: 'unknown-receipt', receipt, known };
    const chosen = receipt ?? receipts.find(({ status }) => status !== 'undone')?.id;
    if (chosen === undefined)
      return { status: 'nothing', ...(unavailable === undefined ? {} : { unavailable }) };
    const lock = await takeLock(machine, writer, process.pid, randomBytes(8).toString('hex'));
    if (lock.state === 'busy')
      return refused(`another ollama-doctor (process ${lock.pid}) is changing this machine`);
    try {
      const later = await laterReceipts(machine, receipts, chosen);
      if (later.length > 0) {
        const paths = [...new Set(later.flatMap((one) => one.paths))].join(', ');
        const first = later.map((one) => one.receipt);
        const reason = `a later fix that is in place wrote ${paths} again: undo ${first.length === 1 ? 'that one' : 'those, in this order,'} first`;
        return { status: 'refused', receipt: chosen, reason, files: [], left: [], first };
      }
      return await takeBack(machine, writer, chosen, options.keep ?? []);
    } finally {
      await lock.release();
    }
  } catch (error) {
    return refused(reasonOf(error));
  }
}
