import type { Machine, Writer } from '../machine/machine.ts';
import { bytesNow, bytesOf, restoreFile } from './file-step.ts';
import { note, openJournal, type Journal, type Step } from './journal.ts';
import { whyNotKept } from './needed-guard.ts';
import { reasonOf } from './recheck.ts';
import { putBytesBack, untouchedSince } from './rewritten.ts';
import { named, runAllOnUndo, takeBackCommand } from './run-step.ts';
import { takeBackPull } from './pull-step.ts';
import { journalPath } from './state-folder.ts';
import { Buffer } from 'node:buffer';

export type TakenBack =
  /** `undone` names each step, latest first. */
  | { status: 'undone'; receipt: string; undone: string[] }
  | { status: 'nothing'; receipt: string }
  /**
   * Nothing was touched. `files` are those that somebody else changed since, and that may be left as they are; `first`
   * are later fixes that have to be taken back ahead of this one, in this order.
   */
  | {
      status: 'refused';
      receipt: string;
      reason: string;
      files: ChangedFile[];
      left: string[];
      first?: string[];
    }
  /** Begun, and one step could not be taken back: it and those before it are `left`. Can be tried again. */
  | { status: 'failed'; receipt: string; reason: string; undone: string[]; left: string[] };

/** A file that is neither what a fix left nor what it found. */
interface ChangedFile {
  path: string;
  /** What the fix left there; null where it removed the file. */
  expected: string | null;
  now: string | null;
}

/**
 * Takes back what one receipt's journal says was done, latest step first, whether the run came to its end or was
 * killed. Looks at every file first and refuses, touching nothing, when one was changed by somebody else since.
 * @param keep paths of files to leave as they are now
 */
export async function takeBack(
  machine: Machine,
  writer: Writer,
  receipt: string,
  keep: readonly string[] = [],
): Promise<TakenBack> {
  const path = journalPath(machine.identity, receipt);
  const refuse = (reason: string): TakenBack => ({ status: 'refused', receipt, reason, files: [], left: [] });
  try {
    const read = await openJournal(machine, writer, path);
    if (read.state === 'newer')
      return refuse(
        `${path} was written by a newer ollama-doctor (journal version ${read.version}); undo it with that one`,
      );
    if (read.state === 'unreadable') return refuse(`${path} cannot be read: ${read.reason}`);
    if (read.state === 'empty') return { status: 'nothing', receipt };
    return await takeBackSteps(machine, writer, path, read.journal, keep);
  } catch (error) {
    return refuse(reasonOf(error));
  }
}

async function takeBackSteps(
  machine: Machine,
  writer: Writer,
  path: string,
  journal: Journal,
  keep: readonly string[],
): Promise<TakenBack> {
  const { receipt } = journal;
  const open = journal.steps.filter((step) => !step.undone);
  const left = open.filter((step) => !isKept(step, keep)).toReversed();
  if (journal.closed || left.length === 0) {
    if (!journal.closed) await note(writer, path, { entry: 'closed', at: machine.now() });
    return { status: 'nothing', receipt };
  }
  const refused = await refusal(machine, writer, open, keep);
  if (refused)
    return { status: 'refused', receipt, ...refused, left: left.map((step) => named(step.change)) };
  const undone: string[] = [];
  for (const [index, step] of left.entries()) {
    try {
      await takeBackStep(machine, writer, path, step);
    } catch (error) {
      const reason = reasonOf(error);
      // Steps before this one stay: a guard must not go while what it guards is still open.
      const rest = left.slice(index).map(({ change }) => named(change));
      return { status: 'failed', receipt, reason, undone, left: rest };
    }
    undone.push(named(step.change));
  }
  await note(writer, path, { entry: 'closed', at: machine.now() });
  return { status: 'undone', receipt, undone };
}

function isKept({ change, before }: Step, keep: readonly string[]): boolean {
  return (
    change.kind === 'file' &&
    (keep.includes(change.path) || (before !== undefined && keep.includes(before.path)))
  );
}

/** Why these steps cannot be taken back, with the files that may be kept; undefined when nothing stands in the way. */
async function refusal(
  machine: Machine,
  writer: Writer,
  steps: readonly Step[],
  keep: readonly string[],
): Promise<{ reason: string; files: ChangedFile[] } | undefined> {
  const files = await changedSince(machine, writer, steps.filter((step) => !isKept(step, keep)).toReversed());
  // What is offered to be kept must be such that it can be.
  const kept = [...keep, ...files.map(({ path }) => path)];
  const [staying, rest] = [true, false].map((stays) => steps.filter((step) => isKept(step, kept) === stays));
  const why = await whyNotKept(machine, writer, staying ?? [], rest ?? []);
  if (files.length === 0) return why === undefined ? undefined : { reason: why, files: [] };
  const changed = `changed by somebody else since the fix: ${files.map((file) => file.path).join(', ')}`;
  return why === undefined
    ? { reason: changed, files }
    : { reason: `${changed}. It cannot stay as it is: ${why}, and then keep the file (--keep)`, files: [] };
}

/** Files that are at none of the states that undoing these steps, latest first, goes through. */
async function changedSince(
  machine: Machine,
  writer: Writer,
  steps: readonly Step[],
): Promise<ChangedFile[]> {
  const contents = new Map<string, string | null>();
  const changed = new Map<string, ChangedFile>();
  for (const { change, before } of steps) {
    if (change.kind !== 'file' || !before || changed.has(before.path)) continue;
    const known = contents.get(before.path);
    const now = known === undefined ? await bytesNow(writer, machine.identity, before.path) : known;
    const was = before.file?.contentBase64 ?? null;
    if (now !== was && now !== bytesOf(change.after))
      changed.set(before.path, { path: before.path, expected: change.after, now: textOf(now) });
    contents.set(before.path, was);
  }
  return [...changed.values()];
}

function textOf(bytes: string | null): string | null {
  return bytes === null ? null : Buffer.from(bytes, 'base64').toString('utf8');
}

async function takeBackStep(machine: Machine, writer: Writer, path: string, step: Step): Promise<void> {
  const { change, before } = step;
  if (change.kind === 'pull') {
    await note(writer, path, { entry: 'undoing', step: step.step });
    await takeBackPull(machine, change);
  } else if (change.kind === 'command') {
    const untouched = await untouchedSince(machine, writer, step);
    await note(writer, path, { entry: 'undoing', step: step.step, ...(untouched && { untouched }) });
    await takeBackCommand(machine, writer, change);
    await putBytesBack(machine, writer, step, untouched ?? []);
  } else if (before) {
    const now = await bytesNow(writer, machine.identity, before.path);
    const isBack = now === (before.file?.contentBase64 ?? null);
    // Not written at all before the kill: nothing was made to count either.
    const wasMade = !isBack || step.done || step.undoing;
    if (wasMade) await note(writer, path, { entry: 'undoing', step: step.step });
    // Also where the bytes are right: half of a write may lie beside it, and folders may have been made for it.
    if (!isBack || !step.done || before.file === null) await restoreFile(writer, before);
    if (wasMade) await runAllOnUndo(writer, change.thenRunOnUndo);
  }
  await note(writer, path, { entry: 'undone', step: step.step });
}
