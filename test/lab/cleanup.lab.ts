import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { runFolder } from './host/cache.ts';
import { prepareLab } from './host/index.ts';
import { run } from './host/process.ts';

const harness = fileURLToPath(new URL('./host/index.ts', import.meta.url));
const program = `
import { bootHost, prepareLab } from ${JSON.stringify(harness)};
await prepareLab();
const host = await bootHost({ name: 'orphan' });
console.log('up');
if (process.argv.includes('stop')) await host.stop();
else setInterval(() => undefined, 1000);
`;

/** What a host of that process left: folders, network namespaces, control groups, mounts, processes. */
async function tracesOf(pid: number): Promise<string[]> {
  const id = `orphan-${pid}`;
  const mounts = await run(['grep', '-F', id, '/proc/self/mounts']);
  const processes = await run(['pgrep', '-af', `odlab-${id}`]);
  return [
    ...[
      '/run/netns',
      '/sys/fs/cgroup',
      '/sys/fs/cgroup/unified',
      runFolder(),
      '/run/systemd/nspawn/propagate',
    ]
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).map((entry) => join(folder, entry)))
      .filter((path) => path.includes(id)),
    ...mounts.stdout.split('\n').filter((line) => line !== ''),
    ...processes.stdout.split('\n').filter((line) => line !== ''),
  ];
}

function bootElsewhere(...args: string[]): { pid: number; up: Promise<void>; over: Promise<void> } {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const up = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return { pid: child.pid ?? -1, up, over };
}

beforeAll(() => prepareLab(['plain']));

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'nothing is left of a host whose owner got %s',
  async (signal) => {
    const { pid, up, over } = bootElsewhere();
    await up;
    expect((await tracesOf(pid)).length).toBeGreaterThan(5);
    process.kill(-pid, signal);
    await over;
    const deadline = Date.now() + 15_000;
    while ((await tracesOf(pid)).length > 0 && Date.now() < deadline) await sleep(100);
    expect(await tracesOf(pid)).toEqual([]);
  },
);

test('nothing is left once a host is stopped, and its owner ends by itself', async () => {
  const { pid, up, over } = bootElsewhere('stop');
  await up;
  await over;
  expect(await tracesOf(pid)).toEqual([]);
});
