import type { Machine } from '../../../machine/machine.ts';
import { cutProcessArguments } from '../../../machine/redaction/commands.ts';
import type { ProcProcess } from './starter.ts';

/** How far up the tree of processes it is looked. */
const maxAncestors = 8;

/** A running `ollama serve` and its place among the processes. */
export interface ServerProcess extends ProcProcess {
  /** The text of /proc/PID/cgroup; empty where it could not be read. */
  cgroup: string;
  ancestors: ProcProcess[];
  ignoresHangup: boolean;
  /** In a process namespace below this host's: in a container of some kind, or sandboxed. */
  nested?: true;
  /** The user it runs as, by number. */
  uid?: number;
  /** `NAME=VALUE` of its environment; undefined where it may not be read (proc(5): its owner and root may). */
  environment?: string[];
}

/**
 * Each `ollama serve` that runs, by pidof(1), which prints nobody's command line but gives the process ids to look at. A
 * container's processes are seen from its host as well. At most ten.
 */
export async function serverProcesses(machine: Machine): Promise<ServerProcess[]> {
  // `-x` finds a script too; busybox has no such option and says so.
  const all = await machine.run({ argv: ['pidof', '-x', 'ollama'] });
  const plain = all.outcome === 'exited' && all.stderr !== '';
  const found = plain ? await machine.run({ argv: ['pidof', 'ollama'] }) : all;
  const pids = found.outcome === 'exited' ? (found.stdout.match(/\b\d{1,9}\b/gu) ?? []) : [];
  const rows = await Promise.all(pids.slice(0, 10).map((pid) => serverProcess(machine, Number(pid))));
  return rows.flat().toSorted((one, other) => one.pid - other.pid);
}

async function serverProcess(machine: Machine, pid: number): Promise<ServerProcess[]> {
  const words = await wordsOf(machine, pid);
  if (!words.includes('serve') && !words.includes('start')) return [];
  const [stat, group, status, environ] = await Promise.all([
    machine.read(`/proc/${pid}/stat`, { maxBytes: 4096 }),
    machine.read(`/proc/${pid}/cgroup`, { maxBytes: 4096 }),
    machine.read(`/proc/${pid}/status`, { maxBytes: 8192 }),
    machine.read(`/proc/${pid}/environ`),
  ]);
  const own = stat.outcome === 'read' ? parseStat(stat.text) : undefined;
  const state = status.outcome === 'read' ? parseStatus(status.text) : { ignoresHangup: false };
  return [
    {
      pid,
      name: own?.name ?? 'ollama',
      words,
      cgroup: group.outcome === 'read' ? group.text : '',
      ancestors: await ancestorsOf(machine, own?.parent),
      ...state,
      ...(environ.outcome === 'read' && { environment: environ.text.split('\0').filter(Boolean) }),
    },
  ];
}

async function wordsOf(machine: Machine, pid: number): Promise<string[]> {
  const file = await machine.read(`/proc/${pid}/cmdline`, { maxBytes: 4096 });
  return file.outcome === 'read' ? cutProcessArguments(file.text).split('\0').filter(Boolean) : [];
}

async function ancestorsOf(machine: Machine, parent: number | undefined): Promise<ProcProcess[]> {
  const found: ProcProcess[] = [];
  let pid = parent;
  while (pid !== undefined && pid > 1 && found.length < maxAncestors) {
    const stat = await machine.read(`/proc/${pid}/stat`, { maxBytes: 4096 });
    const read = stat.outcome === 'read' ? parseStat(stat.text) : undefined;
    if (!read) break;
    found.push({ pid, name: read.name, words: await supervisedName(machine, pid, read.name) });
    pid = read.parent;
  }
  return found;
}

/** The name of the service is all that is wanted of a command line, and only a supervisor's has one. */
async function supervisedName(machine: Machine, pid: number, name: string): Promise<string[]> {
  return name === 'runsv' || name.startsWith('supervise-daem') ? wordsOf(machine, pid) : [];
}

/** Name and parent in /proc/PID/stat: `PID (NAME) STATE PPID …`, where the name may hold anything (proc(5)). */
export function parseStat(text: string): { name: string; parent: number } | undefined {
  const [, name, parent] = /^\d+ \((.*)\) \S (\d+) /su.exec(text) ?? [];
  return name === undefined ? undefined : { name, parent: Number(parent) };
}

/**
 * User, ignored signals and namespaces in /proc/PID/status. SIGHUP is the lowest bit of `SigIgn`, and `NSpid` has a
 * number for each process namespace from that of the reader's /proc down to the process's own (proc(5), signal(7)).
 */
export function parseStatus(text: string): { uid?: number; ignoresHangup: boolean; nested?: true } {
  const uid = /^Uid:\s+(\d+)/mu.exec(text)?.[1];
  const ignored = /^SigIgn:\s+([0-9a-f]+)$/mu.exec(text)?.[1];
  return {
    ...(/^NSpid:[ \t]+\d+[ \t]+\d/mu.test(text) && { nested: true }),
    ...(uid !== undefined && { uid: Number(uid) }),
    ignoresHangup: ignored !== undefined && (Number.parseInt(ignored.slice(-1), 16) & 1) === 1,
  };
}
