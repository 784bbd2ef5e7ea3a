import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes a control group of its own for a host, in every hierarchy systemd-nspawn uses: without it two hosts
 * would share the group `payload`, and the systemd of one would end the processes of the other.
 * @returns the groups' folders: the one of cgroup2 first
 */
export async function makeControlGroups(id: string): Promise<string[]> {
  const hybrid = existsSync('/sys/fs/cgroup/unified/cgroup.procs');
  const tops = hybrid ? ['/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'] : ['/sys/fs/cgroup'];
  const groups = tops.map((top) => join(top, id));
  for (const group of groups) await mkdir(group, { recursive: true });
  return groups;
}

/** What to put before a command so that it starts as a member of these groups. */
export function inGroups(groups: readonly string[]): string[] {
  const joinEach = groups.map((_, index) => `echo $$ >"$\{${index + 1}}/cgroup.procs"`).join(' && ');
  return ['sh', '-c', `${joinEach} && shift ${groups.length} && exec "$@"`, 'join', ...groups];
}
