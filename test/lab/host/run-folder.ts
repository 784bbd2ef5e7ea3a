import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runFolder } from './cache.ts';
import { run } from './process.ts';

const scripts = fileURLToPath(new URL('../../../scripts/lab/', import.meta.url));

/** What a host that runs owns outside itself, all of it named after the folder, so that it can be found again. */
export interface RunFolder {
  path: string;
  /** The name of its network namespace, control group and nspawn machine. */
  id: string;
  /** The name of the network namespace of the public side. */
  publicId: string;
  /** Removes everything of the host. Safe to call twice. */
  destroy: () => Promise<void>;
}

/**
 * Makes the folder of one host, watched by a janitor that removes the host when this process goes away.
 * Throws when a host of that name runs in this process already.
 */
export async function makeRunFolder(name: string): Promise<RunFolder> {
  const path = join(runFolder(), `${name}-${process.pid}`);
  if (existsSync(path)) throw new Error(`a host named ${name} runs already`);
  // Under its name only once it says whose it is: another process may sweep at this moment.
  const nascent = `${path}.new`;
  await mkdir(nascent, { recursive: true });
  await writeFile(join(nascent, 'owner'), `${process.pid} ${startTime(process.pid) ?? ''}\n`);
  await rename(nascent, path);
  const janitor = spawn('sh', [join(scripts, 'janitor.sh'), path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  janitor.on('error', () => undefined);
  janitor.stdin.on('error', () => undefined);
  janitor.unref();
  const id = `odlab-${basename(path)}`;
  const destroy = async (): Promise<void> => {
    await destroyHost(path);
    janitor.stdin.end();
  };
  return { path, id, publicId: `${id}-pub`, destroy };
}

/** Removes what hosts left behind whose owner is gone, as after a power cut. */
export async function sweepStaleHosts(): Promise<void> {
  const top = runFolder();
  if (!existsSync(top)) return;
  for (const entry of readdirSync(top)) {
    const path = join(top, entry);
    // Only what makeRunFolder names: something else there is not ours to remove.
    if (/-\d+$/.test(entry) && !ownerLives(path)) await destroyHost(path);
  }
}

async function destroyHost(path: string): Promise<void> {
  await run(['sh', join(scripts, 'destroy-host.sh'), path], { timeoutMs: 60_000 });
}

function ownerLives(path: string): boolean {
  let owner: string;
  try {
    owner = readFileSync(join(path, 'owner'), 'utf8');
  } catch {
    return false;
  }
  const [pid, time] = owner.trim().split(' ');
  return time !== undefined && startTime(Number(pid)) === time;
}

/** When a process started, in clock ticks since boot (proc_pid_stat(5), field 22): a process id alone comes back. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .at(19);
  } catch {
    return undefined;
  }
}
