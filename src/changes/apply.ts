import { randomBytes, randomInt } from 'node:crypto';
import type { Machine, Writer } from '../machine/machine.ts';
import type { Change, FileChange, Plan } from './change.ts';
import { captureBefore, bytesOf, makeFile, StepError } from './file-step.ts';
import { journalVersion, note, type Before } from './journal.ts';
import { takeLock } from './lock.ts';
import { newReceiptId } from './receipt-id.ts';
import { reasonOf, whatChangedSince } from './recheck.ts';
import { makePull } from './pull-step.ts';
import { makeCommand, named, runAll } from './run-step.ts';
import { journalPath } from './state-folder.ts';
import { takeBack } from './take-back.ts';
import { captureRewrites, leftBehind } from './rewritten.ts';
import { isVisible } from './visible.ts';

export type Applied =
  | { status: 'applied'; receipt: string }
  /** A step failed, and everything before it was taken back. */
  | { status: 'rolled-back'; receipt: string; reason: string }
  /** Nothing was changed (no receipt), or not all could be taken back: `left` names what is still there. */
  | { status: 'failed'; receipt?: string; reason: string; left: string[] };

export interface ApplyOptions {
  /** Stops between two steps and takes everything back. */
  signal?: AbortSignal;
  /** Told each step before it is made. */
  onStep?: (what: string) => void;
  /** Told how far a long step is, in words. */
  onProgress?: (words: string) => void;
}

interface PlacedChange {
  step: number;
  recipe: string;
  change: Change;
}

/**
 * Makes the changes of all plans in order, as one receipt: first it looks whether everything the plans were made
 * from is unchanged, then each step is journalled with all that undo needs, made, and looked at. When a step fails,
 * or on an abort, all of it is taken back. Never throws for what the machine does. The journal is synced before each
 * step, so that a process killed at any instant leaves what `undo` needs.
 */
export async function applyPlans(
  machine: Machine,
  plans: readonly Plan[],
  options: ApplyOptions = {},
): Promise<Applied> {
  const { writer } = machine;
  if (!writer) return nothingDone('this machine cannot be changed (a replay)');
  const placed = place(plans);
  if (placed.length === 0) return nothingDone('there is nothing to change');
  if (!machine.identity.elevated && placed.some(({ change }) => change.elevated))
    return nothingDone(
      machine.identity.platform === 'win32'
        ? 'this needs administrator rights: run it again from an elevated terminal'
        : 'this needs root: run it again with sudo',
    );
  try {
    const lock = await takeLock(machine, writer, process.pid, randomBytes(8).toString('hex'));
    if (lock.state === 'busy')
      return nothingDone(`another ollama-doctor (process ${lock.pid}) is changing this machine`);
    try {
      return await applyLocked(machine, writer, plans, placed, options);
    } finally {
      await lock.release();
    }
  } catch (error) {
    return nothingDone(reasonOf(error));
  }
}

async function applyLocked(
  machine: Machine,
  writer: Writer,
  plans: readonly Plan[],
  placed: readonly PlacedChange[],
  options: ApplyOptions,
): Promise<Applied> {
  const since = await whatChangedSince(
    machine,
    writer,
    placed.map(({ change }) => change),
  );
  if (since !== undefined) return nothingDone(`${since}; nothing was changed, run it again`);
  const receipt = newReceiptId(machine.now(), randomInt(0x1_00_00) / 0x1_00_00);
  const path = journalPath(machine.identity, receipt);
  const recipes = plans.map(({ recipe, cures, changes }) => ({ recipe, cures, steps: changes.length }));
  await note(writer, path, { entry: 'begun', journalVersion, receipt, at: machine.now(), recipes });
  try {
    for (const each of placed) {
      if (options.signal?.aborted) throw new StepError('interrupted');
      options.onStep?.(named(each.change));
      await makeStep(machine, writer, path, each, options.onProgress);
    }
    await note(writer, path, { entry: 'complete', at: machine.now() });
    return { status: 'applied', receipt };
  } catch (error) {
    return rollBack(machine, writer, receipt, path, reasonOf(error));
  }
}

async function makeStep(
  machine: Machine,
  writer: Writer,
  path: string,
  { step, recipe, change }: PlacedChange,
  tell?: (words: string) => void,
): Promise<void> {
  if (change.kind === 'pull') {
    await note(writer, path, { entry: 'step', step, recipe, change });
    await makePull(machine, change, tell);
  } else if (change.kind === 'command') {
    // A command that an earlier step made true is no step of this receipt, or undo would take back what was not its.
    if (change.inForce && (await isVisible(machine, change.inForce)) === 'yes') return;
    const rewrites = await captureRewrites(machine, writer, change);
    await note(writer, path, { entry: 'step', step, recipe, change, ...(rewrites && { rewrites }) });
    await makeCommand(machine, writer, change);
    if (rewrites) {
      const left = await leftBehind(machine, writer, rewrites);
      await note(writer, path, { entry: 'done', step, left });
      return;
    }
  } else {
    const before: Before = await captureBefore(writer, machine.identity, change.path);
    if ((before.file?.contentBase64 ?? null) !== bytesOf(change.before))
      throw new StepError(`${change.path} was changed by somebody else in this moment`);
    await note(writer, path, { entry: 'step', step, recipe, change, before });
    await makeFile(writer, machine.identity, change, before);
    await runAll(writer, change.thenRun);
    await lookAtResult(machine, change);
  }
  await note(writer, path, { entry: 'done', step });
}

async function lookAtResult(machine: Machine, change: FileChange): Promise<void> {
  if (!change.visibleAfter) return;
  if ((await isVisible(machine, change.visibleAfter)) !== 'yes')
    throw new StepError(`${change.path} was written, and what it says is not in force`);
}

async function rollBack(
  machine: Machine,
  writer: Writer,
  receipt: string,
  path: string,
  reason: string,
): Promise<Applied> {
  try {
    await note(writer, path, { entry: 'failed', reason });
  } catch {
    // A full disk may be what failed; taking back is tried all the same.
  }
  const taken = await takeBack(machine, writer, receipt);
  if (taken.status === 'undone' || taken.status === 'nothing')
    return { status: 'rolled-back', receipt, reason };
  return { status: 'failed', receipt, reason: `${reason}; then ${taken.reason}`, left: taken.left };
}

function place(plans: readonly Plan[]): PlacedChange[] {
  return plans
    .flatMap((plan) => plan.changes.map((change) => ({ recipe: plan.recipe, change })))
    .map((each, step) => ({ step, ...each }));
}

function nothingDone(reason: string): Applied {
  return { status: 'failed', reason, left: [] };
}
