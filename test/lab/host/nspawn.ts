import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inGroups } from './control-group.ts';
import { run } from './process.ts';
import type { RunFolder } from './run-folder.ts';

/** A folder or file of the machine that a host sees. */
export interface Bind {
  from: string;
  to: string;
  readOnly?: boolean;
}

export interface Machine {
  /** The process id, as this machine sees it, of the host's init. */
  leader: number;
  /** Shuts the host down in order, as a reboot would; kills it when that takes more than 30 seconds. */
  shutDown: () => Promise<void>;
}

/**
 * Boots the root filesystem `${folder.path}/root` in the network namespace of that folder, and waits until its
 * systemd has started what it wants to start (running, or degraded).
 * Throws, with the end of the console's output, when that takes more than 60 seconds.
 */
export async function bootMachine(
  folder: RunFolder,
  groups: readonly string[],
  binds: readonly Bind[],
): Promise<Machine> {
  const consoleFile = join(folder.path, 'console.log');
  const output = openSync(consoleFile, 'a');
  const argv = [...inGroups(groups), ...nspawnCommand(folder, binds)];
  const child = spawn(argv[0] as string, argv.slice(1), {
    detached: true,
    stdio: ['ignore', output, output],
    env: {
      PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
      SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
      SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1',
    },
  });
  closeSync(output);
  let ended = false;
  const end = new Promise<void>((resolve) => {
    const over = (): void => {
      ended = true;
      resolve();
    };
    child.once('exit', over);
    child.once('error', over);
  });
  child.unref();

  const deadline = Date.now() + 60_000;
  for (;;) {
    const leader = ended || child.pid === undefined ? undefined : initBelow(child.pid);
    if (leader !== undefined && (await isUp(leader, deadline - Date.now()))) {
      return { leader, shutDown: () => shutDown(child, leader, end) };
    }
    if (ended || Date.now() > deadline) {
      const text = readFileSync(consoleFile, 'utf8').slice(-3000);
      throw new Error(`${folder.id} ${ended ? 'ended while it booted' : 'did not boot in time'}:\n${text}`);
    }
    await sleep(50);
  }
}

function nspawnCommand(folder: RunFolder, binds: readonly Bind[]): string[] {
  return [
    'systemd-nspawn',
    '--quiet',
    '--register=no',
    '--keep-unit',
    `--machine=${folder.id}`,
    `--directory=${join(folder.path, 'root')}`,
    `--network-namespace-path=/run/netns/${folder.id}`,
    '--capability=all',
    '--system-call-filter=@known',
    '--resolv-conf=off',
    '--timezone=off',
    '--link-journal=no',
    '--console=pipe',
    ...binds.map(({ from, to, readOnly }) => `--bind${readOnly === true ? '-ro' : ''}=${from}:${to}`),
    '--boot',
  ];
}

async function isUp(leader: number, timeoutMs: number): Promise<boolean> {
  const state = await run(inHost(leader, ['systemctl', 'is-system-running', '--wait']), {
    timeoutMs: Math.max(timeoutMs, 1),
  });
  return ['running', 'degraded'].includes(state.stdout.trim());
}

async function shutDown(nspawn: ChildProcess, leader: number, end: Promise<void>): Promise<void> {
  nspawn.ref();
  const patience = setTimeout(() => nspawn.kill('SIGKILL'), 30_000);
  await run(inHost(leader, ['systemctl', '--no-block', 'poweroff']), { timeoutMs: 10_000 });
  await end;
  clearTimeout(patience);
}

/**
 * The command that runs `argv` inside a booted host, seeing what a process there sees.
 * @param group the host's control group; given it, the command is a member of a session's group in there, as
 * one started after a login is (without it, /proc/self/cgroup would show a path that leads out of the host)
 */
export function inHost(leader: number, argv: readonly string[], group?: string): string[] {
  const enter = [
    'nsenter',
    '-t',
    String(leader),
    '-m',
    '-u',
    '-i',
    '-n',
    '-p',
    '-C',
    '-r',
    '-w',
    '--',
    ...argv,
  ];
  if (group === undefined) return enter;
  const script = 'mkdir -p "$1" && echo $$ >"$1/cgroup.procs"; shift; exec "$@"';
  return ['sh', '-c', script, 'enter', join(group, 'payload', 'lab-session.scope'), ...enter];
}

/** The init of the host that nspawn boots: its child that is process 1 of a process id namespace below ours. */
function initBelow(parent: number): number | undefined {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const status = readFileSync(`/proc/${entry}/status`, 'utf8');
      const ids = /^NSpid:\s+\d+\s.*?(\d+)$/m.exec(status);
      if (ids?.[1] === '1' && new RegExp(`^PPid:\\s+${parent}$`, 'm').test(status)) return Number(entry);
    } catch {
      // It ended while we looked.
    }
  }
  return undefined;
}
