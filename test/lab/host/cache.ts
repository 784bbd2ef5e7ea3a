import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { must } from './process.ts';

/** The folder everything the lab builds and boots is kept in: outside the repository, safe to delete. */
function cacheFolder(): string {
  const own = process.env['OLLAMA_DOCTOR_LAB_CACHE'];
  if (own !== undefined && own !== '') return own;
  const base = process.env['XDG_CACHE_HOME'];
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.cache'), 'ollama-doctor-lab');
}

/** Where the hosts that run now keep their files, one folder each. */
export function runFolder(): string {
  return join(cacheFolder(), 'run');
}

function recipeHash(recipe: unknown): string {
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
}

/**
 * The path of something costly, built on first need. Complete or nothing: it is built under a temporary
 * name and renamed when done, so what exists under its own name can be trusted.
 * @param name what it is; with the hash of `recipe`, whatever its content depends on, it makes the path
 * @param build writes it to the path it is given; a throw leaves nothing behind
 */
export async function cached(
  name: string,
  recipe: unknown,
  build: (path: string) => Promise<void>,
): Promise<string> {
  const path = join(cacheFolder(), `${name}-${recipeHash(recipe)}`);
  if (existsSync(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  return withLock(`${path}.lock`, async () => {
    if (existsSync(path)) return path;
    const temporary = `${path}.building`;
    await removeTree(temporary);
    try {
      await build(temporary);
      await rename(temporary, path);
    } catch (error) {
      await removeTree(temporary);
      throw error;
    }
    return path;
  });
}

/** Removes a folder, but never what is mounted below it. */
export async function removeTree(path: string): Promise<void> {
  await must(['rm', '-rf', '--one-file-system', '--', path]);
}

/** flock(1) holds the lock as long as its input is open, so it is let go whatever becomes of this process. */
async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo locked; cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve());
    holder.once('error', reject);
    holder.once('exit', () => reject(new Error(`could not lock ${file}`)));
  });
  try {
    return await work();
  } finally {
    holder.stdin.end();
  }
}
