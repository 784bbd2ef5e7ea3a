import { describe, expect, it } from 'vitest';
import { applyPlans, listReceipts, undo } from '../../src/changes/index.ts';
import type { RunRequest, RunResult, Writer } from '../../src/machine/machine.ts';
import { accept, drop, dropIn, host, plans, rulesFile, savedRules, stateOf } from './incident-host.ts';

async function applied(): Promise<{ machine: ReturnType<typeof host>; before: unknown; receipt: string }> {
  const machine = host();
  const before = stateOf(machine);
  const result = await applyPlans(machine, plans());
  if (result.status !== 'applied') throw new Error(result.reason);
  return { machine, before, receipt: result.receipt };
}

describe('undo', () => {
  it('restores everything, latest step first, and says what', async () => {
    const { machine, before, receipt } = await applied();
    const taken = await undo(machine);
    expect(taken).toMatchObject({ status: 'undone', receipt });
    expect('undone' in taken && taken.undone).toEqual([
      expect.stringContaining(rulesFile),
      expect.stringContaining('iptables -I INPUT'),
      expect.stringContaining(dropIn),
    ]);
    expect(stateOf(machine)).toEqual(before);
  });

  it('does nothing the second time, also for the named receipt', async () => {
    const { machine, receipt } = await applied();
    await undo(machine);
    const done = machine.changes.length;
    expect((await undo(machine)).status).toBe('nothing');
    expect((await undo(machine, receipt)).status).toBe('nothing');
    expect(machine.changes).toHaveLength(done);
  });

  it('refuses as a whole when somebody changed a file since, and shows both texts', async () => {
    const { machine } = await applied();
    machine.files.put(dropIn, '[Service]\nEnvironment="OLLAMA_HOST=10.0.0.1"\n');
    const before = stateOf(machine);
    const taken = await undo(machine);
    expect(taken).toMatchObject({
      status: 'refused',
      files: [
        {
          path: dropIn,
          expected: '[Service]\nEnvironment="OLLAMA_HOST=0.0.0.0:11434"\n',
          now: '[Service]\nEnvironment="OLLAMA_HOST=10.0.0.1"\n',
        },
      ],
    });
    expect(stateOf(machine)).toEqual(before);
    expect((await listReceipts(machine)).receipts[0]?.status).toBe('in-place');
  });

  it('leaves such a file as it is when it is told to keep it, and takes back the rest', async () => {
    const { machine } = await applied();
    machine.files.put(dropIn, 'theirs\n');
    expect((await undo(machine, undefined, { keep: [dropIn] })).status).toBe('undone');
    expect(machine.files.text(dropIn)).toBe('theirs\n');
    expect(machine.files.text(rulesFile)).toBe(savedRules);
    expect(machine.kernel.rules).toEqual([drop]);
    expect((await undo(machine)).status).toBe('nothing');
  });

  it('goes on where somebody put one thing back by hand', async () => {
    const { machine, before } = await applied();
    machine.kernel.rules.splice(0, 1);
    machine.files.put(rulesFile, savedRules);
    expect((await undo(machine)).status).toBe('undone');
    expect(stateOf(machine)).toEqual(before);
  });

  it('takes a rule out as often as it is there', async () => {
    const { machine, before } = await applied();
    machine.kernel.rules.unshift(accept);
    await undo(machine);
    expect(stateOf(machine)).toEqual(before);
  });

  it('keeps the bind while the rule before it cannot be taken back, and tries again later', async () => {
    const { machine, before } = await applied();
    const broken = {
      ...machine,
      run: async (request: RunRequest) =>
        request.argv[1] === '-S' ? ({ outcome: 'denied' } as const) : machine.run(request),
    };
    const taken = await undo(broken);
    expect(taken.status).toBe('failed');
    expect('left' in taken && taken.left).toHaveLength(2);
    expect(machine.files.text(dropIn)).toBeDefined();
    expect((await undo(machine)).status).toBe('undone');
    expect(stateOf(machine)).toEqual(before);
  });

  it('has a service start again that systemd held back for its many starts', async () => {
    const { machine, before } = await applied();
    const writer = machine.writer as Writer;
    let refused = 0;
    const busy = {
      ...machine,
      writer: {
        ...writer,
        run: async (request: RunRequest): Promise<RunResult> => {
          if (request.argv[1] !== 'try-restart') return writer.run(request);
          refused += 1;
          const stderr = 'To force a start use "systemctl reset-failed ollama.service"\n';
          return { outcome: 'exited', exitCode: 1, stdout: '', stderr, truncated: false };
        },
      },
    };
    expect((await undo(busy)).status).toBe('undone');
    expect(refused).toBe(1);
    expect(machine.changes.slice(-2)).toEqual([
      'systemctl reset-failed ollama.service',
      'systemctl start ollama.service',
    ]);
    expect(stateOf(machine)).toEqual(before);
  });

  it.each(['20260101-000000-ffff', '../../etc', ''])('does not know the receipt %j', async (receipt) => {
    const { machine, receipt: real } = await applied();
    expect(await undo(machine, receipt)).toEqual({ status: 'unknown-receipt', receipt, known: [real] });
  });

  it('reads no journal of a newer version, and none that is damaged', async () => {
    const { machine, receipt } = await applied();
    const path = `/var/lib/ollama-doctor/receipts/${receipt}/journal.jsonl`;
    const text = machine.files.text(path) ?? '';
    machine.files.put(path, text.replace('"journalVersion":1', '"journalVersion":2'));
    const newer = await undo(machine);
    expect('reason' in newer && newer.reason).toContain('newer ollama-doctor');
    machine.files.put(path, text.replace('"entry":"done"', '"entry":"don'));
    const damaged = await undo(machine);
    expect('reason' in damaged && damaged.reason).toMatch(/line \d+ is not an entry/u);
    expect(machine.files.text(dropIn)).toBeDefined();
  });

  it('says that fixes made with sudo cannot be seen without', async () => {
    const machine = host({ identity: { elevated: false, uid: 1000, home: '/home/dora' } });
    machine.files.put('/var/lib/ollama-doctor/receipts/20260101-000000-aaaa/journal.jsonl', '{}\n');
    expect(await undo(machine)).toMatchObject({
      status: 'nothing',
      unavailable: expect.stringContaining('sudo'),
    });
  });
});

describe('two runs at once', () => {
  const stat = (pid: number, start: number): Record<string, string> => ({
    [`/proc/${pid}/stat`]: `${pid} (node (x) y) S ${Array.from({ length: 18 }, () => '0').join(' ')} ${start} 0\n`,
  });
  const holder = JSON.stringify({ claim: 'other', pid: 99_999, started: ' 5' });
  const lock = '/var/lib/ollama-doctor/lock.jsonl';

  it('the second one changes nothing while the first one lives', async () => {
    const machine = host();
    machine.files.put(lock, `${holder}\n`);
    for (const [path, text] of Object.entries(stat(99_999, 5))) machine.files.put(path, text);
    const refused = await applyPlans(machine, plans());
    expect('reason' in refused && refused.reason).toContain('process 99999');
    expect(machine.changes).toEqual([]);
    expect(await undo(machine)).toMatchObject({ status: 'nothing' });
  });

  it.each([
    ['is gone', {}],
    ['has its number, but is another one', stat(99_999, 6)],
  ])('a killed one holds nothing: the process %s', async (_when, files) => {
    const machine = host();
    machine.files.put(lock, `${holder}\n{"claim":"ha`);
    for (const [path, text] of Object.entries(files)) machine.files.put(path, text);
    expect((await applyPlans(machine, plans())).status).toBe('applied');
  });

  it('one that is over holds nothing', async () => {
    const machine = host();
    for (const [path, text] of Object.entries(stat(process.pid, 7))) machine.files.put(path, text);
    expect((await applyPlans(machine, plans())).status).toBe('applied');
    expect((await undo(machine)).status).toBe('undone');
  });
});
