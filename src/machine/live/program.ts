import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/** Where system tools live that a plain user's PATH often leaves out (`iptables-save`, `ss` on some distributions). */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * The folders a program is looked up in: the absolute ones of PATH, then the system's sbin folders. Relative and empty
 * entries (the current directory) are left out, as a doctor run with sudo must not run what lies about there.
 */
export function searchFolders(path: string, platform: NodeJS.Platform): string[] {
  const folders = path.split(delimiter).filter((folder) => isAbsolute(folder));
  const added = platform === 'win32' ? [] : systemFolders.filter((folder) => !folders.includes(folder));
  return [...folders, ...added];
}

export type FoundProgram = { found: 'at'; path: string } | { found: 'denied' } | { found: 'nowhere' };

/**
 * Looks up a program as execvp(3) does, without starting it. On Windows only `.exe` and `.com` count: a batch file
 * can be started through a shell alone (CVE-2024-27980), and there is none here.
 */
export async function findProgram(
  name: string,
  folders: readonly string[],
  platform: NodeJS.Platform,
): Promise<FoundProgram> {
  const candidates = isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name));
  if (!isAbsolute(name) && /[/\\]/.test(name)) return { found: 'nowhere' };
  let denied = false;
  for (const candidate of candidates) {
    for (const path of spellings(candidate, platform)) {
      const state = await executable(path);
      if (state === 'yes') return { found: 'at', path };
      // A folder of PATH that may not be looked into (another user's) says nothing about the program.
      if (state === 'denied' || (state === 'hidden' && isAbsolute(name))) denied = true;
    }
  }
  return denied ? { found: 'denied' } : { found: 'nowhere' };
}

function spellings(path: string, platform: NodeJS.Platform): string[] {
  if (platform !== 'win32') return [path];
  return /\.(exe|com)$/i.test(path) ? [path] : [`${path}.exe`, `${path}.com`];
}

async function executable(path: string): Promise<'yes' | 'denied' | 'hidden' | 'no'> {
  const there = await stat(path).then((about) => about.isFile(), isDenied);
  if (there === 'denied') return 'hidden';
  if (!there) return 'no';
  const may = await access(path, constants.X_OK).then(() => true, isDenied);
  return may === 'denied' ? 'denied' : may ? 'yes' : 'no';
}

function isDenied(error: NodeJS.ErrnoException): 'denied' | false {
  return error.code === 'EACCES' ? 'denied' : false;
}
