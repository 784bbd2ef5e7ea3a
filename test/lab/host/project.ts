import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeTree } from './cache.ts';
import type { Bind } from './nspawn.ts';
import { must, run } from './process.ts';

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

/**
 * This very Node, for the host to run the doctor with, and the shared libraries it needs that the base system
 * lacks (Node as distributions build it has several).
 * @param base the folder of the base root filesystem
 */
export async function nodeBinds(base: string): Promise<Bind[]> {
  const node = await realpath(process.execPath);
  const binds: Bind[] = [{ from: node, to: '/usr/local/bin/node', readOnly: true }];
  const library = join(base, 'usr/lib');
  const places = [library, join(base, 'usr/lib64')];
  for (const name of await readdir(library)) {
    if (name.includes('-linux-gnu')) places.push(join(library, name));
  }
  for (const [, name, path] of (await run(['ldd', node])).stdout.matchAll(/^\s*(\S+) => (\/\S+)/gm)) {
    if (name === undefined || path === undefined) continue;
    if (places.some((place) => existsSync(join(place, name)))) continue;
    binds.push({ from: await realpath(path), to: `/usr/lib/${name}`, readOnly: true });
  }
  return binds;
}
