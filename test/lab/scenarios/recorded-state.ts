import { mkdir, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import type { Report } from '../../../src/report/schema.ts';
import type { LabHost } from '../host/lab-host.ts';

/** A secret of somebody else's that stands beside Ollama's settings and must be in no recording. */
export const somebodysSecret = 'hf_kLmNoPqRsTuVwXyZ0123456789';

/**
 * Runs the doctor with `--record` and gives its report. With `RECORD_STATES=FOLDER` in the environment the recording is
 * kept there under this name: fixtures/recorded-states is made so.
 */
export async function recordedState(
  host: LabHost,
  name: string,
  args: readonly string[] = [],
): Promise<Report> {
  const file = `/tmp/${name}.json`;
  const { stdout, stderr } = await host.doctor(['--json', '--record', file, ...args]);
  const recording = await host.read(file);
  if (recording.includes(somebodysSecret)) throw new Error(`${name}: the recording holds a secret`);
  const folder = process.env['RECORD_STATES'];
  if (folder !== undefined && folder !== '') {
    await mkdir(folder, { recursive: true });
    // The kernel is the machine's, not the host's.
    const kept = recording.replaceAll(release(), '6.12.0');
    await writeFile(`${folder}/${name}.json`, kept);
  }
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    throw new Error(`${name}: no report\n${stdout}\n${stderr}`);
  }
}
