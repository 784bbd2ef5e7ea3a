import { expect } from 'vitest';
import type { Report } from '../../../src/report/schema.ts';
import { diffEtc, type LabHost } from '../host/index.ts';
import { reportOf } from './asking.ts';
import { incident } from './incident.ts';

/**
 * On a host where a fix lets the incident's subnet in: the network goes away, and the rule is warned of, taken away
 * on demand alone, and put back by undo, to the byte.
 * @returns what undo printed
 */
export async function networkGoesAway(host: LabHost): Promise<string> {
  const report = (...args: string[]): Promise<Report> => reportOf(host, ...args);
  const rowOf = (of: Report) => {
    const rows = of.checks.filter(({ id }) => id === 'persistence');
    return rows.find(({ code }) => code === 'stale-rule') ?? rows[0];
  };
  // A network that is there without a container still has its subnet.
  await host.must(['docker', 'rm', '-f', incident.container]);
  expect(rowOf(await report())?.recipe).toBeNull();
  await host.must(['docker', 'network', 'rm', incident.network]);
  const etc = await host.snapshotEtc();
  const rules = await host.rules();

  const found = await report();
  expect(rowOf(found)).toMatchObject({ status: 'warn', code: 'stale-rule', recipe: 'remove-stale-rule' });
  expect(found.causes).toEqual([]);
  expect((await report('--fix', '--yes')).fixes).toEqual([]);

  const fixed = await report('--fix', '--yes', '--fix-only', 'remove-stale-rule');
  expect(fixed.fixes).toMatchObject([{ recipe: 'remove-stale-rule', status: 'verified' }]);
  expect(rowOf(fixed)?.recipe).toBeNull();
  expect(JSON.stringify(await host.rules())).not.toContain(incident.subnet);
  expect((await report('--fix', '--yes', '--fix-only', 'remove-stale-rule')).fixes).toEqual([]);

  const undone = await host.doctor(['undo']);
  expect(undone.exitCode).toBe(0);
  expect(diffEtc(etc, await host.snapshotEtc())).toEqual([]);
  expect(await host.rules()).toEqual(rules);
  return undone.stdout;
}
