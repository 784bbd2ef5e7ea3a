import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { ListResult, ReadOptions, ReadResult } from '../machine.ts';
import { within } from './within.ts';

const defaultMaxBytes = 4 * 1024 * 1024;
/** A file on a network share that went away blocks its reader for ever. */
const timeoutMs = 5000;

/**
 * Reads a regular file up to a number of bytes. Opened without blocking, and nothing but a regular file is read, so a
 * FIFO or a device in its place costs nothing. Files of /proc have size 0, so the size is not trusted.
 */
export function readLive(path: string, options: ReadOptions = {}): Promise<ReadResult> {
  return within<ReadResult>(timeoutMs, readRegular(path, options.maxBytes ?? defaultMaxBytes), () => ({
    outcome: 'failed',
    message: `reading ${path} took longer than ${timeoutMs} ms`,
  }));
}

async function readRegular(path: string, maxBytes: number): Promise<ReadResult> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const what = await file.stat();
    if (what.isDirectory()) return { outcome: 'failed', message: `${path} is a directory` };
    if (!what.isFile()) return { outcome: 'failed', message: `${path} is not a regular file` };
    const bytes = await readUpTo(file, maxBytes + 1);
    const truncated = bytes.length > maxBytes;
    return { outcome: 'read', text: bytes.subarray(0, maxBytes).toString('utf8'), truncated };
  } catch (error) {
    return failedRead(path, error);
  } finally {
    await file?.close().catch(() => undefined);
  }
}

async function readUpTo(file: FileHandle, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  while (total < limit) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(64 * 1024, limit - total)));
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return Buffer.concat(chunks);
}

/** Names in a directory, sorted by code point so that every run and every replay sees one order. */
export function listLive(path: string): Promise<ListResult> {
  const listing = readdir(path).then(
    (names): ListResult => ({ outcome: 'listed', names: names.toSorted() }),
    (error: unknown): ListResult => failedRead(path, error),
  );
  return within(timeoutMs, listing, () => ({
    outcome: 'failed',
    message: `listing ${path} took longer than ${timeoutMs} ms`,
  }));
}

type FailedRead = { outcome: 'absent' } | { outcome: 'denied' } | { outcome: 'failed'; message: string };

function failedRead(path: string, error: unknown): FailedRead {
  const { code, message } = error as NodeJS.ErrnoException;
  // ESRCH: a file of /proc whose process ended meanwhile.
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH') return { outcome: 'absent' };
  if (code === 'EACCES' || code === 'EPERM') return { outcome: 'denied' };
  return { outcome: 'failed', message: `${path}: ${code ?? message}` };
}
