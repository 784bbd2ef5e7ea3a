import { Buffer } from 'node:buffer';
import type { Identity, Writer } from '../machine/machine.ts';
import type { FileChange } from './change.ts';
import type { Before } from './journal.ts';
import { pathsOf } from './state-folder.ts';

/** Said where a step cannot be made or taken back; the message is for people. */
export class StepError extends Error {
  override readonly name = 'StepError';
}

/**
 * What a path is now, through its links, with the folders that are missing above it.
 * @throws StepError when it is neither a file nor absent; WriteError when it cannot be read
 */
export async function captureBefore(writer: Writer, identity: Identity, path: string): Promise<Before> {
  const paths = pathsOf(identity);
  let at = path;
  for (let hops = 0; ; hops += 1) {
    const state = await writer.capture(at);
    if (state.state === 'link') {
      if (hops === 40) throw new StepError(`the links of ${path} go round in a circle`);
      at = paths.resolve(paths.dirname(at), state.target);
      continue;
    }
    if (state.state === 'other') throw new StepError(`${at} is ${state.what}`);
    const missingFolders = await missingAbove(writer, identity, at);
    if (state.state === 'absent') return { path: at, file: null, missingFolders };
    const { contentBase64, mode, uid, gid } = state;
    return { path: at, file: { contentBase64, mode, uid, gid }, missingFolders };
  }
}

async function missingAbove(writer: Writer, identity: Identity, path: string): Promise<string[]> {
  const paths = pathsOf(identity);
  const missing: string[] = [];
  for (let at = paths.dirname(path); at !== paths.dirname(at); at = paths.dirname(at)) {
    if ((await writer.capture(at)).state !== 'absent') break;
    missing.unshift(at);
  }
  return missing;
}

/** The bytes of a text, or null for no file: what contents are compared by. */
export function bytesOf(text: string | null): string | null {
  return text === null ? null : Buffer.from(text, 'utf8').toString('base64');
}

/** The bytes that are there now, and null for no file. Follows links as {@link captureBefore} does. */
export async function bytesNow(writer: Writer, identity: Identity, path: string): Promise<string | null> {
  return (await captureBefore(writer, identity, path)).file?.contentBase64 ?? null;
}

/** Writes (or removes) the file as the change says, keeping mode and owner of one that is there. Reads it again. */
export async function makeFile(
  writer: Writer,
  identity: Identity,
  change: FileChange,
  before: Before,
): Promise<void> {
  if (change.after === null) await writer.remove(before.path);
  else
    await writer.replace(
      before.path,
      change.after,
      before.file ? attributesOf(before.file) : change.attributes,
    );
  if ((await bytesNow(writer, identity, before.path)) !== bytesOf(change.after))
    throw new StepError(`${before.path} does not have what was written to it`);
}

/** Puts back what was there, to the byte, with mode and owner; folders that were made go when they are empty. */
export async function restoreFile(writer: Writer, before: Before): Promise<void> {
  if (before.file) {
    const text = Buffer.from(before.file.contentBase64, 'base64').toString('utf8');
    await writer.replace(before.path, text, attributesOf(before.file));
  } else await writer.remove(before.path);
  for (const folder of before.missingFolders.toReversed()) await writer.removeEmptyDirectory(folder);
}

function attributesOf(file: NonNullable<Before['file']>): { mode: number; uid: number; gid: number } {
  return { mode: file.mode, uid: file.uid, gid: file.gid };
}
