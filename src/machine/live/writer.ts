import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { WriteError } from '../machine.ts';
import type { FileAttributes, FileState, Writer } from '../machine.ts';
import { runLive } from './run.ts';
import type { Running } from './running.ts';

/** What changes this machine. Not ended by an interrupt: a fix that is under way must be able to take itself back. */
export function liveWriter(running: Running): Writer {
  return {
    run: (request) => runLive(request, running),
    capture: (path) => guard('read', path, () => capture(path)),
    replace: (path, content, attributes) => guard('write', path, () => replace(path, content, attributes)),
    remove: (path) => guard('remove', path, () => remove(path)),
    removeEmptyDirectory: (path) => guard('remove', path, () => removeEmptyDirectory(path)),
    appendDurably: (path, text) => guard('append to', path, () => appendDurably(path, text)),
    sleep: (milliseconds) =>
      new Promise((done) => {
        setTimeout(done, milliseconds);
      }),
  };
}

async function capture(path: string): Promise<FileState> {
  const what = await fs.lstat(path).catch(unlessAbsent);
  if (what === undefined) return { state: 'absent' };
  if (what.isSymbolicLink()) return { state: 'link', target: await fs.readlink(path) };
  if (!what.isFile())
    return { state: 'other', what: what.isDirectory() ? 'a directory' : 'not a regular file' };
  const file = await fs.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const { mode, uid, gid } = await file.stat();
    const contentBase64 = (await file.readFile()).toString('base64');
    return { state: 'file', contentBase64, mode: mode & 0o7777, uid, gid };
  } finally {
    await file.close();
  }
}

/**
 * A link stays a link: what it points at is replaced. The temporary file's name is fixed, so that a doctor killed
 * between the write and the rename leaves one file, which the next replace or remove of the same path clears away.
 * Not kept: access control lists and extended attributes, which Node cannot read.
 */
async function replace(
  path: string,
  content: string,
  attributes: FileAttributes,
): Promise<{ madeDirectories: string[] }> {
  const target = await throughLinks(path);
  const madeDirectories = await makeParents(dirname(target), attributes.uid);
  const before = await fs.lstat(target).catch(unlessAbsent);
  const uid = attributes.uid ?? before?.uid;
  const gid = attributes.gid ?? before?.gid ?? (await groupFor(dirname(target), uid));
  const temporary = temporaryFor(target);
  await fs.rm(temporary, { force: true });
  const file = await fs.open(temporary, 'wx', 0o600);
  try {
    try {
      await file.writeFile(content);
      const made = await file.stat();
      if ((uid ?? made.uid) !== made.uid || (gid ?? made.gid) !== made.gid) {
        await file.chown(uid ?? made.uid, gid ?? made.gid);
      }
      // After chown, which clears the setuid bits.
      await file.chmod(attributes.mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await renameOver(temporary, target);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(target));
  return { madeDirectories };
}

/** The group for a new file of a user's: that of its folder, where the folder is that user's. */
async function groupFor(folder: string, uid: number | undefined): Promise<number | undefined> {
  if (uid === undefined) return undefined;
  const above = await fs.stat(folder);
  return above.uid === uid ? above.gid : undefined;
}

function temporaryFor(path: string): string {
  return join(dirname(path), `.${basename(path)}.ollama-doctor-new`);
}

/** Where a write to a path ends up: the end of its chain of links, also when nothing is there yet. */
async function throughLinks(path: string): Promise<string> {
  let at = resolve(path);
  for (let hops = 0; hops < 40; hops += 1) {
    const what = await fs.lstat(at).catch(unlessAbsent);
    if (what === undefined || !what.isSymbolicLink()) return at;
    at = resolve(dirname(at), await fs.readlink(at));
  }
  throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
}

/**
 * The folders that are missing on the way to a file, root's to all; those for a file of a user's are that user's, with
 * the group of the folder above.
 */
async function makeParents(directory: string, uid?: number): Promise<string[]> {
  const missing: string[] = [];
  for (let at = directory; (await fs.stat(at).catch(unlessAbsent)) === undefined; at = dirname(at))
    missing.unshift(at);
  for (const path of missing) {
    await fs.mkdir(path);
    // Exactly 0755, whatever the umask: a service may have to read what is put here.
    await fs.chmod(path, 0o755);
    const above = await fs.stat(dirname(path));
    if (uid !== undefined && above.uid === uid) await fs.chown(path, uid, above.gid);
    await syncDirectory(dirname(path));
  }
  return missing;
}

/** Windows refuses a rename for a moment while a virus scanner holds the file. */
async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await fs.rename(from, to);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (process.platform !== 'win32' || attempt === 5 || (code !== 'EPERM' && code !== 'EBUSY'))
        throw error;
      await new Promise((done) => {
        setTimeout(done, 50 * (attempt + 1));
      });
    }
  }
}

async function remove(path: string): Promise<void> {
  await fs.rm(temporaryFor(path), { force: true });
  await fs.unlink(path).catch(unlessAbsent);
  await syncDirectory(dirname(path));
}

async function removeEmptyDirectory(path: string): Promise<void> {
  try {
    await fs.rmdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
    return;
  }
  await syncDirectory(dirname(path));
}

async function appendDurably(path: string, text: string): Promise<void> {
  await makeParents(dirname(path));
  const isNew = (await fs.lstat(path).catch(unlessAbsent)) === undefined;
  const file = await fs.open(path, 'a', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  if (isNew) await syncDirectory(dirname(path));
}

/** A rename is on disk only once its directory is (rename(2), fsync(2)). Windows cannot and need not. */
async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await fs.open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!['ENOENT', 'EISDIR', 'EPERM', 'EINVAL', 'EACCES', 'ENOTSUP'].includes(code ?? '')) throw error;
  }
}

function unlessAbsent(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw error;
}

async function guard<T>(doing: string, path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new WriteError(`cannot ${doing} ${path}: ${reasons[code ?? ''] ?? message}`, { cause: error });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a parent of it is not a directory',
  ELOOP: 'its links go round in a circle',
};
