import type { FirewallOwnership } from '../../facts/network.ts';
import type { Machine } from '../../machine/machine.ts';
import { listingFromEcho } from './nft-echo.ts';
import { runFailure } from './run-failure.ts';

/** What nftables.service loads: Debian's, Ubuntu's and Arch's, and Red Hat's. */
export const nftablesScripts = ['/etc/nftables.conf', '/etc/sysconfig/nftables.conf'] as const;

const maxBytes = 32 * 1024 * 1024;

type Script = NonNullable<FirewallOwnership['script']>;

interface ScriptFile {
  path: string;
  text: string;
}

/** Where nft looks for files whose names do not begin with a slash (nft(8), "include"). */
const includeFolder = '/etc';
const includesAtMost = 64;

/**
 * A script and every file that it includes, and those include, in the order in which nft reads them first. `*` in the
 * last part of a name stands for any characters, as nft(8) has it. Undefined where one may not be read.
 */
export async function scriptFiles(
  machine: Machine,
  path: string,
  text: string,
): Promise<ScriptFile[] | undefined> {
  const files: ScriptFile[] = [{ path, text }];
  for (let at = 0; at < files.length && files.length <= includesAtMost; at += 1) {
    const found = (files[at]?.text ?? '').matchAll(/^[ \t]*include[ \t]+"([^"\n]+)"/gmu);
    for (const [, name = ''] of found) {
      for (const one of await expand(machine, name.startsWith('/') ? name : `${includeFolder}/${name}`)) {
        if (files.some((known) => known.path === one)) continue;
        const read = await machine.read(one);
        // A file of a pattern may go in between; one that is named and missing makes nft stop, which is seen there.
        if (read.outcome === 'absent') continue;
        if (read.outcome !== 'read') return undefined;
        files.push({ path: one, text: read.text });
      }
    }
  }
  return files;
}

async function expand(machine: Machine, name: string): Promise<string[]> {
  const [, folder = '', last = ''] = /^(.*)\/([^/]*)$/u.exec(name) ?? [];
  if (!last.includes('*')) return [name];
  const listed = await machine.list(folder === '' ? '/' : folder);
  if (listed.outcome !== 'listed') return [];
  const pattern = last.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/gu, String.raw`\$&`));
  const fits = new RegExp(`^${pattern.join('.*')}$`, 'u');
  return listed.names
    .filter((one) => !one.startsWith('.') && fits.test(one))
    .map((one) => `${folder}/${one}`);
}

/** The script of nftables.service with what it will have made after a boot; undefined where there is none. */
export async function lookAtNftablesScript(machine: Machine): Promise<Script | undefined> {
  for (const path of nftablesScripts) {
    const read = await machine.read(path);
    if (read.outcome === 'absent' || read.outcome === 'not-recorded') continue;
    if (read.outcome !== 'read') return { path, problem: `${path} may not be read` };
    const [made, files] = await Promise.all([
      whatItMakes(machine, path),
      scriptFiles(machine, path, read.text),
    ]);
    return { path, files: files ?? [{ path, text: read.text }], ...made };
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
