/** One process as /proc shows it. */
export interface ProcProcess {
  pid: number;
  /** The kernel's name for it (comm): at most 15 characters. */
  name: string;
  /** Program and telling arguments. */
  words: readonly string[];
}

/** What a running server's place among the processes says of how it was started. */
export type Starter =
  /** A unit of the system's manager, whose process it is or is below. */
  | { kind: 'unit'; unit: string }
  | { kind: 'user-unit'; unit: string; uid: number }
  | { kind: 'container'; id: string }
  | { kind: 'openrc'; service: string }
  | { kind: 'runit'; service: string }
  /** Nobody that keeps settings for it: how it was started, in words behind `started`. */
  | { kind: 'by-hand'; how: string };

/** Supervisors that are known by the name of their process alone, and what they are called. */
const supervisors: ReadonlyMap<string, string> = new Map([
  ['supervisord', 'by supervisord'],
  ['s6-supervise', 'by s6'],
  ['dinit', 'by dinit'],
  ['PM2', 'by PM2'],
  ['pm2', 'by PM2'],
  ['circusd', 'by circus'],
  ['monit', 'by monit'],
  ['cron', 'by cron'],
  ['crond', 'by cron'],
  ['atd', 'by at'],
]);

/** Units whose control group holds what other programs and people start below them, and that are no server's own. */
const others =
  /^(?:cron|crond|cronie|anacron|atd|ssh|sshd|ssh@.*|sshd@.*|docker|containerd|podman|supervisor|supervisord|monit|tmux.*|screen.*|getty@.*|rc-local|systemd-.*|init|user@.*|runit|runsvdir.*|dbus.*)\.service$/u;

/**
 * Tells how a server was started by its control group, and by the processes above it.
 *
 * Facts: a container's group ends in `docker-ID.scope`, `docker/ID`, `libpod-ID.scope` (Docker's and Podman's systemd
 * and cgroupfs drivers); LXC's is below `lxc.payload.NAME` (once `lxc/NAME`), nspawn's below machine.slice or the
 * `payload` of whose unit it took (systemd.slice(5), systemd-nspawn(1) `--keep-unit`); a user's units are below `user@UID.service` (systemd.special(7)); OpenRC names a group
 * `openrc.NAME` (its src/shared/rc-cgroup.sh) and runs `supervise-daemon NAME` where it supervises; runit runs one
 * `runsv NAME` for each service (runsv(8)).
 * @param cgroup the text of /proc/PID/cgroup
 * @param ancestors its parent first
 * @param ignoresHangup whether it ignores SIGHUP, as behind nohup(1)
 */
export function starterOf(
  cgroup: string,
  ancestors: readonly ProcProcess[],
  ignoresHangup: boolean,
): Starter {
  const path = groupPath(cgroup);
  const container = /(?:docker|libpod|crio|cri-containerd|nerdctl)(?:-payload)?[-/:]([0-9a-f]{8,64})/u.exec(
    path,
  )?.[1];
  if (container !== undefined) return { kind: 'container', id: container };
  if (/\/kubepods|\/lxc\.payload|\/lxc\/|\/machine\.slice\/|\.(?:service|scope)\/payload(?:\/|$)/u.test(path))
    return { kind: 'container', id: '' };
  const supervised = supervisorOf(cgroup, ancestors);
  if (supervised) return supervised;
  const own = path.split('/').findLast((part) => part.endsWith('.service'));
  const uid = /\/user@(\d+)\.service\//u.exec(path)?.[1];
  if (own !== undefined && !others.test(own) && !isTerminal(path) && byTerminal(ancestors) === undefined)
    return uid === undefined
      ? { kind: 'unit', unit: own }
      : { kind: 'user-unit', unit: own, uid: Number(uid) };
  return { kind: 'by-hand', how: howByHand(path, ancestors, ignoresHangup) };
}

/** The path in the one hierarchy of version 2, or in systemd's of version 1 (cgroups(7)). */
function groupPath(cgroup: string): string {
  const lines = cgroup.split('\n');
  const line =
    lines.find((one) => one.startsWith('0::/') && one.length > 4) ??
    lines.find((one) => /^\d+:name=systemd:/u.test(one));
  return line === undefined ? '' : line.replace(/^\d+:[^:]*:/u, '');
}

function supervisorOf(cgroup: string, ancestors: readonly ProcProcess[]): Starter | undefined {
  const openrc = /\/openrc\.([\w.@-]+)|:name=openrc:\/([\w.@-]+)/u.exec(cgroup);
  const group = openrc?.[1] ?? openrc?.[2];
  if (group !== undefined) return { kind: 'openrc', service: group };
  const parent = ancestors[0];
  if (parent?.name.startsWith('supervise-daem') === true) return named('openrc', parent, 'by OpenRC');
  if (parent?.name === 'runsv') return named('runit', parent, 'by runit');
  const known = ancestors.map(({ name }) => supervisors.get(name)).find((how) => how !== undefined);
  return known === undefined ? undefined : { kind: 'by-hand', how: known };
}

/** The service by its supervisor's argument, as far as that may be read. */
function named(kind: 'openrc' | 'runit', parent: ProcProcess, how: string): Starter {
  const service = parent.words[1]?.replace(/^.*\//u, '');
  return service === undefined || service === '' ? { kind: 'by-hand', how } : { kind, service };
}

/** Scopes that a terminal, a multiplexer or a login makes for what is started in it. */
function isTerminal(path: string): boolean {
  return /\/(?:session-\w+|tmux-spawn-[\w-]+|vte-spawn-[\w-]+|app-[^/]+|run-[^/]+)\.scope(?:\/|$)/u.test(
    path,
  );
}

function byTerminal(ancestors: readonly ProcProcess[]): string | undefined {
  for (const { name } of ancestors) {
    if (name.startsWith('tmux')) return 'in tmux';
    if (/^screen$/iu.test(name)) return 'in screen';
    if (name.startsWith('zellij')) return 'in zellij';
  }
  return undefined;
}

function howByHand(path: string, ancestors: readonly ProcProcess[], ignoresHangup: boolean): string {
  const terminal = byTerminal(ancestors) ?? (path.includes('/tmux-spawn-') ? 'in tmux' : undefined);
  if (terminal !== undefined) return `by hand, ${terminal}`;
  if (ignoresHangup) return 'by hand, with nohup';
  const shell = ancestors.find(({ name }) => /^-?(?:ba|z|da|fi|k|a|tc)?sh$/u.test(name));
  return shell === undefined ? 'by hand' : `by hand, in a shell (${shell.name.replace(/^-/u, '')})`;
}
