import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Copies what starts the program to a folder, without the built program. Returns the path of the bin. */
export async function copyBin(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await cp(join(root, 'bin'), join(folder, 'bin'), { recursive: true });
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  return join(folder, 'bin', 'ollama-doctor.js');
}

/**
 * Builds the program into a folder of its own, where there are no packages to fall back on, as for somebody who
 * installed it. Returns the path of the bin.
 */
export async function buildProgram(folder: string): Promise<string> {
  const bin = await copyBin(folder);
  await promisify(execFile)(process.execPath, ['scripts/build.js', folder], { cwd: root });
  return bin;
}
