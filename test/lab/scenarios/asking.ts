import { expect } from 'vitest';
import type { Report } from '../../../src/report/schema.ts';
import { diffEtc, type EtcSnapshot, type LabHost } from '../host/index.ts';
import { incident } from './incident.ts';

/** What the public side sees of a port that drops, at each of the host's three addresses. */
export const shut = ['timeout', 'timeout', 'timeout'];

/** What a container gets from an Ollama that it reaches. */
export const answered = { outcome: 'answered', status: 200 };

/** Runs the doctor with --json and more arguments; its report, with what it exited with. */
export async function reportOf(
  host: LabHost,
  ...args: readonly string[]
): Promise<Report & { exitCode: number }> {
  const { stdout, exitCode } = await host.doctor(['--json', ...args]);
  return { ...(JSON.parse(stdout) as Report), exitCode };
}

/** The codes of a report's causes, sorted. */
export const codes = (of: Report): string[] => of.causes.map((cause) => cause.code).sort();

/** Asks Ollama from the incident's container, at the address that it is set up with. */
export const ask = (host: LabHost): ReturnType<LabHost['docker']['get']> =>
  host.docker.get(incident.container, `${incident.url}/api/tags`, 2500);

/** Has the doctor fix what it finds, all of it proved, so that the container reaches Ollama; the report of the run. */
export async function mended(host: LabHost): Promise<Report> {
  const fixed = await reportOf(host, '--fix', '--yes');
  expect(fixed.fixes.length).toBeGreaterThan(0);
  expect(fixed.fixes.map(({ recipe, status }) => ({ recipe, status }))).toEqual(
    fixed.fixes.map(({ recipe }) => ({ recipe, status: 'verified' })),
  );
  expect(fixed).toMatchObject({ exitCode: 0, status: 'healthy' });
  expect(await ask(host)).toMatchObject(answered);
  return fixed;
}

/** Has the doctor undo its last fix, after which /etc is as it was to the byte. */
export async function takenBack(host: LabHost, etc: EtcSnapshot): Promise<void> {
  expect(await host.doctor(['undo'])).toMatchObject({ exitCode: 0 });
  expect(diffEtc(etc, await host.snapshotEtc())).toEqual([]);
}
