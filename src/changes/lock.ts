import type { Machine, Writer } from '../machine/machine.ts';
import { pathsOf, stateFolder } from './state-folder.ts';

/** A process as the lock names it: its number alone is given to another one some day. */
interface Holder {
  pid: number;
  /** Clock ticks since boot at its start, with the boot's id; absent where the platform does not tell. */
  started?: string;
}

interface Claim extends Holder {
  claim: string;
}

export type Lock = { state: 'held'; release: () => Promise<void> } | { state: 'busy'; pid: number };

/**
 * Lets one run at a time change the machine. Everyone appends a line of their own to one file; the first line whose
 * process lives and has not let go holds the lock. (Appends are atomic and in one order for all, which "create
 * unless it is there" would not give together with the removal of a dead one's.) A killed process holds nothing.
 * @param pid this process; @param token a word that no other run uses
 * @throws WriteError when the file cannot be written
 */
export async function takeLock(machine: Machine, writer: Writer, pid: number, token: string): Promise<Lock> {
  const path = pathsOf(machine.identity).join(stateFolder(machine.identity), 'lock.jsonl');
  const started = await startOf(machine, pid);
  const claim: Claim = { claim: token, pid, ...(started === undefined ? {} : { started }) };
  await writer.appendDurably(path, `\n${JSON.stringify(claim)}\n`);
  const release = async (): Promise<void> => {
    try {
      await writer.appendDurably(path, `\n${JSON.stringify({ released: token })}\n`);
    } catch {
      // It is let go of when this process ends, at the latest.
    }
  };
  const read = await machine.read(path);
  const claims = read.outcome === 'read' ? openClaims(read.text) : [];
  for (const other of claims) {
    if (other.claim === token) break;
    if (!(await isAlive(machine, other))) continue;
    await release();
    return { state: 'busy', pid: other.pid };
  }
  return { state: 'held', release };
}

function openClaims(text: string): Claim[] {
  const open = new Map<string, Claim>();
  for (const line of text.split('\n')) {
    try {
      const value = JSON.parse(line) as Partial<Claim> & { released?: unknown };
      if (typeof value.released === 'string') open.delete(value.released);
      else if (typeof value.claim === 'string' && typeof value.pid === 'number')
        open.set(value.claim, value as Claim);
    } catch {
      // An empty line, or one that a kill cut off: it claims nothing.
    }
  }
  return [...open.values()];
}

async function isAlive(machine: Machine, holder: Holder): Promise<boolean> {
  const { pid, started } = holder;
  switch (machine.identity.platform) {
    case 'linux': {
      const now = await startOf(machine, pid);
      return now !== undefined && (started === undefined || now === started);
    }
    case 'darwin': {
      const result = await machine.run({ argv: ['ps', '-p', String(pid), '-o', 'pid='] });
      return result.outcome === 'exited' && result.stdout.trim() === String(pid);
    }
    case 'win32': {
      const result = await machine.run({ argv: ['tasklist', '/FI', `PID eq ${pid}`, '/NH', '/FO', 'CSV'] });
      return result.outcome === 'exited' && result.stdout.includes(`"${pid}"`);
    }
  }
}

/** Field 22 of /proc/PID/stat, counted behind the name, which may hold blanks and brackets (proc_pid_stat(5)). */
async function startOf(machine: Machine, pid: number): Promise<string | undefined> {
  if (machine.identity.platform !== 'linux') return undefined;
  const stat = await machine.read(`/proc/${pid}/stat`);
  if (stat.outcome !== 'read') return undefined;
  const ticks = stat.text.slice(stat.text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  const boot = await machine.read('/proc/sys/kernel/random/boot_id');
  return `${boot.outcome === 'read' ? boot.text.trim() : ''} ${ticks}`;
}
