import { constants } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { TextField } from './fields.ts';
import type { ReadText } from './read-entry.ts';
import { ReplayError } from './replay-error.ts';

/** Name of the index in a recording that is a folder. */
export const indexName = 'recording.json';

const maxIndexBytes = 256 * 1024 * 1024;
const maxFileBytes = 64 * 1024 * 1024;

/** The index of a recording (a file, or the folder that has it), and the folder of the files it names. */
export async function readIndex(path: string): Promise<{ text: string; folder: string }> {
  const what = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!what.isDirectory()) return { text: await readWhole(path, maxIndexBytes), folder: dirname(path) };
  const index = join(path, indexName);
  if ((await stat(index).catch(() => undefined)) === undefined) {
    throw new ReplayError(
      `there is no ${indexName} in this folder`,
      'a recorded folder has that file as its index',
    );
  }
  return { text: await readWhole(index, maxIndexBytes), folder: path };
}

/**
 * Reads the texts of entries. A file that an index names must lie in the index's own folder, links followed: a recording
 * comes from strangers, and what it names is shown in a report.
 */
export function textsBeside(folder: string): ReadText {
  return async (text: TextField) => {
    if (typeof text === 'string') return text;
    if (Array.isArray(text)) return text.map((line) => `${line}\n`).join('');
    const { file } = text;
    const outside = new ReplayError(
      `the index names ${JSON.stringify(file)}, which is outside of its folder`,
    );
    if (file === '' || isAbsolute(file) || /^[A-Za-z]:|[\\\0]/u.test(file)) throw outside;
    if (file.split('/').includes('..')) throw outside;
    const path = join(folder, file);
    const real = await realpath(path).catch((error: unknown) => {
      throw unreadable(`${file}, which the index names`, error);
    });
    const inside = relative(await realpath(folder), real);
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) throw outside;
    return readWhole(real, maxFileBytes, file);
  };
}

async function readWhole(path: string, maxBytes: number, shown = path): Promise<string> {
  try {
    // Without blocking: a FIFO in its place must not hang the replay.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const what = await file.stat();
      if (!what.isFile()) throw new ReplayError(`${shown} is not a regular file`);
      if (what.size > maxBytes) throw new ReplayError(`${shown} is larger than ${maxBytes} bytes`);
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof ReplayError ? error : unreadable(shown, error);
  }
}

function unreadable(shown: string, error: unknown): ReplayError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new ReplayError(`there is no ${shown}`);
  if (code === 'EACCES' || code === 'EPERM') return new ReplayError(`permission denied on ${shown}`);
  return new ReplayError(`${shown} cannot be read (${code ?? String(error)})`);
}
