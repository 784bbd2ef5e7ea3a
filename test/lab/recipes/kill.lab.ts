import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diffEtc, type EtcSnapshot, type LabHost, prepareLab, type Rules } from '../host/index.ts';
import { incidentHost } from '../scenarios/incident.ts';

const doctor = 'node /opt/ollama-doctor/bin/ollama-doctor.js';

/** Runs the doctor and kills it (SIGKILL) as soon as its journal has that many lines. */
const killAtLine = `
n=$1; shift
rm -rf /var/lib/ollama-doctor
"$@" >/dev/null 2>&1 &
pid=$!
while kill -0 $pid 2>/dev/null; do
  lines=$(cat /var/lib/ollama-doctor/receipts/*/journal.jsonl 2>/dev/null | wc -l)
  if [ "$lines" -ge "$n" ]; then kill -9 $pid; echo killed at $lines; break; fi
done
wait $pid 2>/dev/null
true
`;

describe.each([
  ['with rules files', 'drop' as const],
  ['with no rules at all', 'none' as const],
])('a doctor that is killed while it fixes a host %s', (_title, rulesOfHost) => {
  let host: LabHost;
  let etc: EtcSnapshot;
  let rules: Rules;
  beforeAll(async () => {
    await prepareLab();
    host = await incidentHost({ name: `kill-${rulesOfHost}`, rules: rulesOfHost });
    etc = await host.snapshotEtc();
    rules = await host.rules();
  });
  afterAll(() => host?.stop());

  test('leaves what undo needs, whenever it is killed', async () => {
    const changed: number[] = [];
    for (let line = 1; line <= 12; line += 1) {
      const said = await host.must(
        ['sh', '-c', killAtLine, 'kill', String(line), ...`${doctor} --fix --yes`.split(' ')],
        { timeoutMs: 60_000 },
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
    await host.must([
      'sh',
      '-c',
      'for i in $(seq 50); do curl -sf localhost:11434/ && break; sleep 0.2; done',
    ]);
    expect(await host.must(['ss', '-Hltn', 'sport = 11434'])).toContain('127.0.0.1:11434');
  });
});
