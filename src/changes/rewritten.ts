import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Machine, Writer } from '../machine/machine.ts';
import type { CommandChange } from './change.ts';
import { bytesNow, captureBefore, restoreFile } from './file-step.ts';
import type { Before, Step } from './journal.ts';

/** What the files are that a command is going to rewrite; undefined for one that rewrites none. */
export async function captureRewrites(
  machine: Machine,
  writer: Writer,
  change: CommandChange,
): Promise<Before[] | undefined> {
  if (!change.rewrites) return undefined;
  const before: Before[] = [];
  for (const path of change.rewrites) before.push(await captureBefore(writer, machine.identity, path));
  return before;
}

/** A digest of what each of the files is now, in the same order. */
export async function leftBehind(
  machine: Machine,
  writer: Writer,
  files: readonly Before[],
): Promise<(string | null)[]> {
  const left: (string | null)[] = [];
  for (const { path } of files) left.push(digest(await bytesNow(writer, machine.identity, path)));
  return left;
}

/**
 * Paths of the files that are still as the step left them, so that nothing of anybody else's is lost when their bytes
 * come back. A step that was cut short says nothing about that. Undefined for a command that rewrites no file.
 */
export async function untouchedSince(
  machine: Machine,
  writer: Writer,
  { rewrites, left, untouched }: Step,
): Promise<string[] | undefined> {
  if (!rewrites) return undefined;
  const found = new Set(untouched);
  for (const [index, { path }] of rewrites.entries()) {
    const now = digest(await bytesNow(writer, machine.identity, path));
    if (left && now === left[index]) found.add(path);
  }
  return [...found];
}

/**
 * Puts the bytes back of the files that nobody else wrote, and of those that say the same as before in other blanks
 * (which is all that is known of them where the step was cut short).
 */
export async function putBytesBack(
  machine: Machine,
  writer: Writer,
  { rewrites = [] }: Step,
  untouched: readonly string[],
): Promise<void> {
  for (const before of rewrites) {
    const now = await bytesNow(writer, machine.identity, before.path);
    const was = before.file?.contentBase64 ?? null;
    if (now === was) continue;
    if (untouched.includes(before.path) || (now !== null && was !== null && words(now) === words(was)))
      await restoreFile(writer, before);
  }
}

function digest(base64: string | null): string | null {
  return base64 === null ? null : createHash('sha256').update(base64).digest('hex');
}

function words(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8').replaceAll(/\s+/gu, ' ').trim();
}
