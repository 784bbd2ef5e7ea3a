import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diffEtc, type EtcSnapshot, type LabHost, prepareLab, type Rules } from '../host/index.ts';
import { incidentHost, settled } from '../scenarios/incident.ts';

const doctor = '/opt/ollama-doctor/bin/ollama-doctor.js';
const killer = '/usr/local/lib/kill-at-line.mjs';

// Side by side: a host waits for silence most of the time.
describe.concurrent.each([
  ['with rules files', 'drop' as const],
  ['with no rules at all', 'none' as const],
])('a doctor that is killed while it fixes a host %s', (_title, rulesOfHost) => {
  let host: LabHost;
  let etc: EtcSnapshot;
  let rules: Rules;
  beforeAll(async () => {
    await prepareLab();
    host = await incidentHost({ name: `kill-${rulesOfHost}`, rules: rulesOfHost });
    await host.write(killer, await readFile(new URL('kill-at-line.js', import.meta.url), 'utf8'));
    etc = await host.snapshotEtc();
    rules = await host.rules();
  });
  afterAll(() => host?.stop());

  test('leaves what undo needs, whenever it is killed', async () => {
    const changed: number[] = [];
    for (let line = 1; line <= 12; line += 1) {
      const said = await host.must(
        ['node', killer, String(line), 'node', doctor, '--fix', '--yes', '--timeout', '60000'],
        { timeoutMs: 120_000 },
      );
      const killed = said.includes('killed');
      if (killed && diffEtc(etc, await host.snapshotEtc()).length > 0) changed.push(line);
      const undone = await host.doctor(['undo']);
      expect(undone.exitCode, `killed at line ${line}: ${undone.stdout}${undone.stderr}`).toBe(0);
      expect({ line, etc: diffEtc(etc, await host.snapshotEtc()) }).toEqual({ line, etc: [] });
      expect({ line, rules: await host.rules() }).toEqual({ line, rules });
      expect((await host.doctor(['undo'])).exitCode).toBe(0);
      if (!killed) break;
    }
    expect(changed.length).toBeGreaterThan(3);
    await settled(host);
    expect(await host.must(['ss', '-Hltn', 'sport = 11434'])).toContain('127.0.0.1:11434');
  });
});
