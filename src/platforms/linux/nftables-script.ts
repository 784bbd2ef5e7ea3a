import type { FirewallOwnership } from '../../facts/network.ts';
import type { Machine } from '../../machine/machine.ts';
import { listingFromEcho } from './nft-echo.ts';
import { runFailure } from './run-failure.ts';

/** What nftables.service loads: Debian's, Ubuntu's and Arch's, and Red Hat's. */
export const nftablesScripts = ['/etc/nftables.conf', '/etc/sysconfig/nftables.conf'] as const;

const maxBytes = 32 * 1024 * 1024;

type Script = NonNullable<FirewallOwnership['script']>;

/** The script of nftables.service with what it will have made after a boot; undefined where there is none. */
export async function lookAtNftablesScript(machine: Machine): Promise<Script | undefined> {
  for (const path of nftablesScripts) {
    const read = await machine.read(path);
    if (read.outcome === 'absent' || read.outcome === 'not-recorded') continue;
    if (read.outcome !== 'read') return { path, problem: `${path} may not be read` };
    return { path, text: read.text, ...(await whatItMakes(machine, path)) };
  }
  return undefined;
}

/**
 * What a script for nft makes of an empty kernel. nft loads it into a network namespace that has nobody but this one
 * process and is gone with it (unshare(1)): variables, sets and files that it includes are then as the kernel has them,
 * and nothing of this host is touched. Needs root.
 * @param text tried in place of what is in the file, whose folder it need not know
 */
export async function whatItMakes(
  machine: Machine,
  path: string,
  text?: string,
): Promise<Pick<Script, 'listing' | 'problem'>> {
  const file = text === undefined ? path : '-';
  const result = await machine.run({
    argv: ['unshare', '--net', '--', 'nft', '-j', '--echo', '-f', file],
    timeoutMs: 8000,
    maxBytes,
    ...(text === undefined ? {} : { input: text }),
  });
  if (result.outcome !== 'exited' || result.exitCode !== 0 || result.truncated)
    return { problem: `what ${path} will load at boot could not be tried: ${runFailure('nft', result)}` };
  const listing = listingFromEcho(result.stdout);
  return listing === undefined
    ? { problem: `what ${path} will load at boot is not understood` }
    : { listing };
}
