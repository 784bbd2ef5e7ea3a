import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lowerDirectories, type Layer } from './base-system.ts';
import { makeControlGroups } from './control-group.ts';
import { type Disk, diskAt, personalise } from './disk.ts';
import { dockerOf, type Docker } from './docker.ts';
import { type EtcSnapshot, snapshotEtc } from './etc-snapshot.ts';
import { layWire, wire } from './network.ts';
import { bootMachine, type Bind, inHost, type Machine } from './nspawn.ts';
import { type ExecResult, run, type Running, type RunOptions, start } from './process.ts';
import { assertBuilt, copyProject, nodeBinds, projectInHost } from './project.ts';
import { type PublicSide, publicSideOf } from './public-side.ts';
import { readRules, type Rules } from './rules.ts';
import { makeRunFolder } from './run-folder.ts';

/** root; `dora`, a member of the group docker; `nora`, who is in no group and has no rights. */
export type User = 'root' | 'dora' | 'nora';

export interface ExecOptions {
  input?: string;
  /** Set on top of a login's plain environment (PATH, HOME, USER, LANG). */
  env?: Record<string, string>;
  /** root when left out. */
  user?: User;
  /** After it the command is killed and its exit code is 124; a minute when left out. */
  timeoutMs?: number;
}

export interface HostPlan {
  /** Unique among the hosts of this process; letters, digits and dashes. */
  name: string;
  layer?: Layer;
  /** Lays files on the root filesystem before the first boot. */
  setup?: (disk: Disk) => Promise<void>;
  /** More folders of this machine that the host sees. */
  binds?: readonly Bind[];
}

export interface LabHost {
  name: string;
  /** Never throws: a program that is missing is exit code 127. */
  exec: (argv: readonly string[], options?: ExecOptions) => Promise<ExecResult>;
  /** The same, for something that must work: throws with what it printed, returns its standard output. */
  must: (argv: readonly string[], options?: ExecOptions) => Promise<string>;
  sh: (script: string, options?: ExecOptions) => Promise<ExecResult>;
  /**
   * Runs a command at a terminal, with `input` typed at it; both outputs are one there, its lines end in CR LF.
   */
  terminal: (argv: readonly string[], options?: ExecOptions) => Promise<ExecResult>;
  /** The command that runs `argv` as root in the host, for starting it some other way. */
  command: (argv: readonly string[]) => string[];
  /** Starts a command and leaves it running; `kill` reaches all of it, SIGKILL included. */
  start: (argv: readonly string[], options?: ExecOptions) => Running;
  write: (path: string, text: string, mode?: number) => Promise<void>;
  read: (path: string) => Promise<string>;
  /**
   * Runs the built doctor inside the host. Throws when it has not been built. What looks has a minute for it where
   * `args` do not say: hosts that run side by side share two cores, and the ten seconds of a machine of its own are
   * not what is tested.
   */
  doctor: (args: readonly string[], options?: ExecOptions) => Promise<ExecResult>;
  /** Starts the doctor and leaves it running, to be killed half-way. */
  startDoctor: (args: readonly string[], options?: ExecOptions) => Running;
  /** Runs the doctor at a terminal, as `terminal` does. */
  doctorAtTerminal: (args: readonly string[], options?: ExecOptions) => Promise<ExecResult>;
  /** Copies the project anew from the repository, after another build. */
  refreshDoctor: () => Promise<void>;
  snapshotEtc: () => Promise<EtcSnapshot>;
  rules: () => Promise<Rules>;
  /** Shuts down in order, throws the network namespace away with all rules, bridges and connections, boots again. */
  reboot: () => Promise<void>;
  docker: Docker;
  public: PublicSide;
  /** Removes the host and every trace of it. Safe to call twice. */
  stop: () => Promise<void>;
}

/**
 * Boots a Debian host with systemd and Docker, and waits until both are ready.
 * Throws when it does not come up, with the end of its console; nothing is left behind then.
 */
export async function bootHost(plan: HostPlan): Promise<LabHost> {
  const lower = await lowerDirectories(plan.layer ?? 'plain');
  const folder = await makeRunFolder(plan.name);
  const at = (name: string): string => join(folder.path, name);
  try {
    for (const name of ['upper', 'work', 'root', 'docker', 'containers']) await mkdir(at(name));
    const overlay = `lowerdir=${lower.join(':')},upperdir=${at('upper')},workdir=${at('work')}`;
    await mustRun(['mount', '-t', 'overlay', folder.id, '-o', overlay, at('root')]);
    await copyProject(at('project'));
    const disk = diskAt(at('root'));
    await personalise(disk, plan.name, wire.public.ipv4);
    await plan.setup?.(disk);
    const groups = await makeControlGroups(folder.id);
    const binds: Bind[] = [
      { from: at('docker'), to: '/var/lib/docker' },
      { from: at('containers'), to: '/var/lib/containers' },
      { from: at('project'), to: projectInHost, readOnly: true },
      ...(await nodeBinds(lower.at(-1) as string)),
      ...(plan.binds ?? []),
    ];
    const boot = async (): Promise<Machine> => {
      await layWire(folder);
      return bootMachine(folder, groups, binds);
    };
    return labHost(plan.name, await boot(), {
      boot,
      destroy: folder.destroy,
      group: groups[0] ?? '',
      projectFolder: at('project'),
      publicId: folder.publicId,
    });
  } catch (error) {
    await folder.destroy();
    throw error;
  }
}

interface Power {
  boot: () => Promise<Machine>;
  destroy: () => Promise<void>;
  group: string;
  projectFolder: string;
  publicId: string;
}

function labHost(name: string, booted: Machine, power: Power): LabHost {
  let machine = booted;
  const startIn = (argv: readonly string[], options: ExecOptions = {}): Running =>
    start(inHost(machine.leader, asUser(argv, options), power.group), runOptions(options));
  const exec = (argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> =>
    startIn(argv, { timeoutMs: 60_000, ...options }).done;
  const must = async (argv: readonly string[], options: ExecOptions = {}): Promise<string> => {
    const result = await exec(argv, options);
    if (result.exitCode === 0) return result.stdout;
    throw new Error(`${argv.join(' ')}: exit ${result.exitCode}\n${result.stdout}\n${result.stderr}`);
  };
  const feed = async (argv: readonly string[], file: string): Promise<void> => {
    const inside = inHost(machine.leader, asUser(argv, {}));
    const outcome = await run(['sh', '-c', 'file=$1; shift; exec "$@" <"$file"', 'feed', file, ...inside]);
    if (outcome.exitCode !== 0) throw new Error(`${argv.join(' ')}: ${outcome.stderr}`);
  };
  const doctorArgv = (args: readonly string[]): string[] => {
    assertBuilt(power.projectFolder);
    return ['node', `${projectInHost}/bin/ollama-doctor.js`, ...patient(args)];
  };
  const host: LabHost = {
    name,
    exec,
    must,
    sh: (script, options) => exec(['sh', '-c', script], options),
    terminal: (argv, options) => {
      const quoted = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
      return exec(['script', '--quiet', '--return', '--command', quoted, '/dev/null'], options);
    },
    command: (argv) => inHost(machine.leader, argv, power.group),
    start: startIn,
    write: async (path, text, mode = 0o644) => {
      const script = 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1"';
      await must(['sh', '-c', script, 'write', path, mode.toString(8)], { input: text });
    },
    read: (path) => must(['cat', '--', path]),
    doctor: (args, options) => exec(doctorArgv(args), { timeoutMs: 180_000, ...options }),
    doctorAtTerminal: (args, options) => host.terminal(doctorArgv(args), { timeoutMs: 180_000, ...options }),
    startDoctor: (args, options) => startIn(doctorArgv(args), options),
    refreshDoctor: () => copyProject(power.projectFolder),
    snapshotEtc: () => snapshotEtc(must),
    rules: () => readRules(exec),
    reboot: async () => {
      await machine.shutDown();
      machine = await power.boot();
    },
    docker: dockerOf(exec, must, feed),
    public: publicSideOf(power.publicId),
    stop: power.destroy,
  };
  return host;
}

/** The doctor's arguments with a minute for a diagnosis, or for `url`, that has no time of its own; others take none. */
function patient(args: readonly string[]): readonly string[] {
  const [first = '--'] = args;
  const looks = first === 'url' || first.startsWith('-');
  const timed = ['--timeout', '--generate', '--version', '--help'].some((option) => args.includes(option));
  return looks && !timed ? [...args, '--timeout', '60000'] : args;
}

function runOptions(options: ExecOptions): RunOptions {
  const user = options.user ?? 'root';
  const env = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: user === 'root' ? '/root' : `/home/${user}`,
    USER: user,
    LOGNAME: user,
    LANG: 'C.UTF-8',
    ...options.env,
  };
  const { input, timeoutMs } = options;
  return {
    env,
    ...(input === undefined ? {} : { input }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

function asUser(argv: readonly string[], options: ExecOptions): readonly string[] {
  const user = options.user ?? 'root';
  if (user === 'root') return argv;
  return ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', '--', ...argv];
}

async function mustRun(argv: readonly string[]): Promise<void> {
  const result = await run(argv);
  if (result.exitCode !== 0) throw new Error(`${argv.join(' ')}: ${result.stderr}`);
}
