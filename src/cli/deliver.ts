import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { usage } from './failure.ts';
import { print, type World } from './world.ts';

/**
 * Makes sure that a file can be written before anything is looked at. Throws a usage failure that names the option
 * and the reason.
 */
export async function assertWritable(option: string, path: string, or?: 'or a folder'): Promise<void> {
  const whole = resolve(path);
  const reason = await access(whole, constants.W_OK).then(
    async () => ((await stat(whole)).isDirectory() && or === undefined ? 'it is a folder' : undefined),
    async (error: unknown) => {
      if (codeOf(error) !== 'ENOENT') return reasonOf(error);
      const folder = dirname(whole);
      return access(folder, constants.W_OK).then(
        async () => ((await stat(folder)).isDirectory() ? undefined : 'its folder is none'),
        (folderError: unknown) =>
          codeOf(folderError) === 'ENOENT' ? 'its folder does not exist' : reasonOf(folderError),
      );
    },
  );
  if (reason !== undefined) throw usage(`${option} ${path} cannot be written: ${reason}`);
}

/** Writes a result to the file given with --output, else to standard output. */
export async function deliver(text: string, path: string | undefined, world: World): Promise<void> {
  if (path === undefined) return print(world.stdout, text);
  try {
    await writeFile(path, text);
  } catch (error) {
    throw usage(`--output ${path} cannot be written: ${reasonOf(error)}`);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** Node's message without what it tells twice. */
export function reasonOf(error: unknown): string {
  const reasons: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of its path is no folder',
    ENOENT: 'its folder does not exist',
    ENOSPC: 'the disk is full',
  };
  const known = reasons[codeOf(error) ?? ''];
  return known ?? (error instanceof Error ? error.message : String(error));
}
