import type { Machine, Writer } from '../machine/machine.ts';
import type { Change, PullChange } from './change.ts';
import { bytesOf, captureBefore, StepError } from './file-step.ts';
import { isThere } from './pull-step.ts';
import { typed } from './typed.ts';
import { isVisible, linesOf, withoutCounters } from './visible.ts';

/**
 * Looks whether everything is still as it was when the plan was made: each file to the byte, each rule's
 * surroundings, and nothing in force yet. Several changes to one file follow one another.
 * @returns why not, as a sentence for people; undefined when the plan still stands
 */
export async function whatChangedSince(
  machine: Machine,
  writer: Writer,
  changes: readonly Change[],
): Promise<string | undefined> {
  const files = new Map<string, string | null>();
  for (const change of changes) {
    const reason =
      change.kind === 'file'
        ? await recheckFile(machine, writer, change, files)
        : change.kind === 'pull'
          ? await recheckPull(machine, change)
          : await recheckCommand(machine, change);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

async function recheckFile(
  machine: Machine,
  writer: Writer,
  change: Change & { kind: 'file' },
  files: Map<string, string | null>,
): Promise<string | undefined> {
  try {
    const now = await captureBefore(writer, machine.identity, change.path);
    const expected = files.get(now.path);
    const bytes = expected === undefined ? (now.file?.contentBase64 ?? null) : expected;
    files.set(now.path, bytesOf(change.after));
    if (bytes === bytesOf(change.before)) return undefined;
    return `${change.path} was changed by somebody else since the plan was made`;
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}

async function recheckPull(machine: Machine, change: PullChange): Promise<string | undefined> {
  const there = await isThere(machine, change);
  if (there === undefined) return `${change.url} could not be asked for its models`;
  return there ? `${change.model} is there already` : undefined;
}

async function recheckCommand(
  machine: Machine,
  change: Change & { kind: 'command' },
): Promise<string | undefined> {
  if (change.inForce) {
    const seen = await isVisible(machine, change.inForce);
    if (seen === 'yes') return `${typed(change.apply)} is in force already`;
    if (seen === 'unknown') return `${typed(change.inForce.argv)} could not be asked`;
  }
  if (!change.madeFrom) return undefined;
  const now = await linesOf(machine, change.madeFrom.argv);
  if (now === undefined) return `${typed(change.madeFrom.argv)} could not be asked`;
  const then = change.madeFrom.lines.map(withoutCounters);
  if (now.length === then.length && now.every((line, index) => line === then[index])) return undefined;
  return `the rules that ${typed(change.madeFrom.argv)} shows were changed by somebody else since the plan was made`;
}

/** The reason of an expected failure; anything else is a mistake in this program and goes on. */
export function reasonOf(error: unknown): string {
  if (error instanceof StepError) return error.message;
  if (error instanceof Error) return error.message;
  return String(error);
}
