import { baseSystem, lowerDirectories, type Layer } from './base-system.ts';
import { imageTarballs } from './images.ts';
import { assertLabIsPossible, installTools } from './machine-tools.ts';
import { sweepStaleHosts } from './run-folder.ts';

let prepared: Promise<void> | undefined;

/**
 * Gets everything ready for booting hosts, once per process: installs the tools, removes hosts whose owner is
 * gone, builds the base system, the layers and the container images that are not in the cache yet. The first
 * time on a machine takes some minutes and needs a Debian mirror; after that it is done at once.
 * Throws where no host can be booted (not Linux, not root), or when something cannot be built.
 */
export async function prepareLab(layers: readonly Layer[] = ['plain', 'iptables-persistent']): Promise<void> {
  prepared ??= (async () => {
    assertLabIsPossible();
    await installTools();
    await sweepStaleHosts();
    await baseSystem();
    await imageTarballs();
  })();
  await prepared;
  for (const layer of layers) await lowerDirectories(layer);
}
