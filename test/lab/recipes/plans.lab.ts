import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { prepareLab } from '../host/index.ts';

const script = fileURLToPath(new URL('in-namespace.ts', import.meta.url));
const runs = Number(process.env['OLLAMA_DOCTOR_LAB_PLANS'] ?? 150);

test('planned rules do on real tools what the plan says, for hundreds of random hosts of both back ends', async () => {
  await prepareLab();
  // The same hosts each time, so that a failure is the change's own; a number in LAB_SEED, or `fresh`, is another walk.
  const wanted = process.env['LAB_SEED'] ?? '120691070';
  const seed = wanted === 'fresh' ? Math.floor(Math.random() * 1e9) : Number(wanted);
  process.stdout.write(`seed ${seed}\n`);
  // Half of them in each of two namespaces side by side.
  const halves = await Promise.all(
    [seed, seed + 1].map(async (first) => {
      const tried = [process.execPath, '--import', 'tsx', script, String(first), String(runs / 2)];
      const { stdout } = await promisify(execFile)('unshare', ['-n', ...tried], { timeout: 1_000_000 });
      return Object.entries(JSON.parse(stdout) as Record<string, number>);
    }),
  );
  const planned = halves.flat().filter(([kind]) => /^planned [1-9]/u.test(kind));
  expect(planned.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(runs / 2);
});
