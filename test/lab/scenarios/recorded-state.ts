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
  env: Readonly<Record<string, string>> = {},
): Promise<Report> {
  const file = `/tmp/${name}.json`;
  const { stdout, stderr } = await host.doctor(['--json', '--record', file, ...args], { env });
  const recording = await host.read(file);
  const secrets = [somebodysSecret, ...Object.values(env)];
  if (secrets.some((secret) => recording.includes(secret)))
    throw new Error(`${name}: the recording holds a secret`);
  const folder = process.env['RECORD_STATES'];
  if (folder !== undefined && folder !== '') {
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/${name}.json`, small(recording));
  }
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    throw new Error(`${name}: no report\n${stdout}\n${stderr}`);
  }
}

/** A recording without the connections that are over, which grow from one run to the next, and without this kernel. */
function small(recording: string): string {
  const { entries, ...rest } = JSON.parse(recording) as { entries: { read?: string; text?: string }[] };
  const kept = entries.map((entry) =>
    entry.read?.startsWith('/proc/net/tcp') === true && entry.text !== undefined
      ? { ...entry, text: entry.text.split('\n').filter(standsListening).join('\n') }
      : entry,
  );
  return `${JSON.stringify({ ...rest, entries: kept }, null, 2).replaceAll(release(), '6.12.0')}\n`;
}

/** The head of the table, its end, and sockets in state 0A (LISTEN, include/net/tcp_states.h). */
const standsListening = (line: string): boolean =>
  !/^\s*\d+:/u.test(line) || / 0A /u.test(line.slice(0, 120));
