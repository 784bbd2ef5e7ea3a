import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeTree } from './cache.ts';
import type { Bind } from './nspawn.ts';
import { must } from './process.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** Where a host sees the project: what would be published of it, read-only. */
export const projectInHost = '/opt/ollama-doctor';

/**
 * Copies what npm would publish (package.json's `files`, as far as they exist) into a folder.
 * A copy, so that a build that goes on beside the lab changes nothing in a running host.
 */
export async function copyProject(folder: string): Promise<void> {
  const text = await readFile(join(repository, 'package.json'), 'utf8');
  const { files } = JSON.parse(text) as { files: string[] };
  await mkdir(folder, { recursive: true });
  for (const file of ['package.json', ...files]) {
    const source = join(repository, file);
    if (!existsSync(source)) continue;
    const target = join(folder, file);
    await removeTree(target);
    await mkdir(dirname(target), { recursive: true });
    await must(['cp', '-a', source, target]);
  }
}

/** Throws, saying what to do, when the copied project has not been built. */
export function assertBuilt(folder: string): void {
  if (existsSync(join(folder, 'dist')) && existsSync(join(folder, 'bin/ollama-doctor.js'))) return;
  throw new Error(
    'the doctor is not built: run `npm run build`, then boot the host (or host.refreshDoctor())',
  );
}

/** This very Node, for the host to run the doctor with. */
export async function nodeBind(): Promise<Bind> {
  return { from: await realpath(process.execPath), to: '/usr/local/bin/node', readOnly: true };
}
