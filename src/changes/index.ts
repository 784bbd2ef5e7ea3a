import type { ReportedChange } from '../report/schema.ts';
import type { Change } from './change.ts';

export { applyPlans } from './apply.ts';
export { listReceipts } from './receipts.ts';
export type { Receipt, Receipts } from './receipts.ts';
export { undo } from './undo.ts';
export type { Undone } from './undo.ts';

/** A change as the report shows it. The difference of files is worked out by a package that is loaded only here. */
export async function toReported(change: Change): Promise<ReportedChange> {
  const { reportedChange } = await import('../report/plan.ts');
  return reportedChange(change);
}
