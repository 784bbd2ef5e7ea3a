import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/changes/change.ts';
import { applyPlans, listReceipts, toReported, undo } from '../../src/changes/index.ts';
import { simulate } from '../../src/machine/simulated.ts';
import { accept, drop, dropIn, host, plans, rulesFile, savedRules, stateOf } from './incident-host.ts';

function fileChange(path: string, before: string | null, after: string | null): Plan {
  return {
    recipe: 'test',
    cures: [],
    gainsAccess: [],
    notes: [],
    changes: [
      {
        kind: 'file',
        summary: 'test',
        path,
        before,
        after,
        attributes: { mode: 0o600 },
        thenRun: [],
        thenRunOnUndo: [],
        elevated: false,
      },
    ],
  };
}

const nothingChanged = (machine: ReturnType<typeof host>): void => {
  expect(machine.changes).toEqual([]);
  expect(machine.asked.filter((line) => line.startsWith('write'))).toEqual([]);
};

describe('a plan that no longer fits', () => {
  it('is not begun when a file of it was changed', async () => {
    const machine = host();
    machine.files.put(rulesFile, `${savedRules}# mine\n`);
    const applied = await applyPlans(machine, plans());
    expect(applied).toMatchObject({ status: 'failed', left: [] });
    expect(applied).not.toHaveProperty('receipt');
    expect('reason' in applied && applied.reason).toContain(`${rulesFile} was changed by somebody else`);
    nothingChanged(machine);
  });

  it('is not begun when the rules around it were changed', async () => {
    const machine = host();
    machine.kernel.rules.unshift('-A INPUT -i wg0 -j ACCEPT');
    const applied = await applyPlans(machine, plans());
    expect('reason' in applied && applied.reason).toContain('iptables -S INPUT');
    nothingChanged(machine);
  });

  it('is not begun when the rule is there already, whatever its packet counter', async () => {
    const machine = host();
    machine.kernel.rules.unshift(`[12:720] ${accept}`);
    expect(await applyPlans(machine, plans())).toMatchObject({ status: 'failed' });
    nothingChanged(machine);
  });

  it('is not begun without root where it needs root', async () => {
    const machine = host({ identity: { elevated: false, uid: 1000 } });
    const applied = await applyPlans(machine, plans());
    expect('reason' in applied && applied.reason).toContain('sudo');
    nothingChanged(machine);
  });

  it('is not begun on a replay', async () => {
    const applied = await applyPlans(simulate({ writable: false }), plans());
    expect('reason' in applied && applied.reason).toContain('replay');
  });

  it('is not begun when a file is not text, as it could not be written back', async () => {
    const machine = simulate({ files: { '/etc/a': 'x' } });
    const writer = machine.writer;
    if (!writer) throw new Error('no writer');
    const bytes = { state: 'file', contentBase64: '/w==', mode: 0o644, uid: 0, gid: 0 } as const;
    const odd = {
      ...machine,
      writer: {
        ...writer,
        capture: async (path: string) => (path === '/etc/a' ? bytes : writer.capture(path)),
      },
    };
    expect(await applyPlans(odd, [fileChange('/etc/a', '\uFFFD', 'y')])).toMatchObject({ status: 'failed' });
    expect(machine.files.text('/etc/a')).toBe('x');
  });
});

describe('a step that fails', () => {
  it('takes back everything before it, latest first', async () => {
    const machine = host();
    const before = stateOf(machine);
    const [bind, allow] = plans();
    if (!bind || !allow) throw new Error('no plans');
    const broken: Plan = {
      ...allow,
      changes: allow.changes.map((change) =>
        change.kind === 'file' ? { ...change, thenRun: [['no-such-tool']] } : change,
      ),
    };
    const applied = await applyPlans(machine, [bind, broken]);
    expect(applied).toMatchObject({
      status: 'rolled-back',
      reason: 'no-such-tool: the program is not here',
    });
    expect(stateOf(machine)).toEqual(before);
    expect(machine.changes.slice(-3)).toEqual([
      expect.stringContaining('iptables -D INPUT'),
      'systemctl daemon-reload',
      'systemctl try-restart ollama.service',
    ]);
    expect((await undo(machine)).status).toBe('nothing');
  });

  it('is one that says it succeeded and is not in force', async () => {
    const machine = host();
    const before = stateOf(machine);
    const [bind, allow] = plans();
    if (!bind || !allow) throw new Error('no plans');
    const lying = {
      ...allow,
      changes: [{ ...allow.changes[0], apply: ['systemctl', 'daemon-reload'] }],
    } as Plan;
    expect(await applyPlans(machine, [bind, lying])).toMatchObject({
      status: 'rolled-back',
      reason: 'systemctl daemon-reload: it is not in force',
    });
    expect(stateOf(machine)).toEqual(before);
  });

  it('that cannot be taken back is named, and what stands before it stays', async () => {
    const machine = host();
    const [bind, allow] = plans();
    if (!bind || !allow) throw new Error('no plans');
    const stuck = {
      ...allow,
      changes: allow.changes.map((change) =>
        change.kind === 'command'
          ? { ...change, undo: [['systemctl', 'daemon-reload']] }
          : { ...change, thenRun: [['no-such-tool']] },
      ),
    } as Plan;
    const applied = await applyPlans(machine, [bind, stuck]);
    expect(applied.status).toBe('failed');
    expect('left' in applied && applied.left).toEqual([
      expect.stringContaining('iptables -I INPUT 1'),
      expect.stringContaining(dropIn),
    ]);
    expect(machine.files.text(dropIn)).toBeDefined();
  });

  it('an interrupt between two steps takes everything back', async () => {
    const machine = host();
    const before = stateOf(machine);
    const abort = new AbortController();
    const applied = await applyPlans(machine, plans(), {
      signal: abort.signal,
      onStep: (what) => what.startsWith('iptables') && abort.abort(),
    });
    expect(applied).toMatchObject({ status: 'rolled-back', reason: 'interrupted' });
    expect(stateOf(machine)).toEqual(before);
  });
});

describe('files', () => {
  it('keep mode and owner, also when they come back', async () => {
    const machine = host();
    await applyPlans(machine, plans());
    expect(machine.files.state(rulesFile)).toMatchObject({ mode: 0o640, uid: 0, gid: 4 });
    await undo(machine);
    expect(machine.files.state(rulesFile)).toMatchObject({ mode: 0o640, uid: 0, gid: 4 });
  });

  it('behind a link are written where they are, and the link stays', async () => {
    const machine = simulate({
      files: { '/srv/real': { text: 'a\n', mode: 0o600 }, '/etc/a': { link: '../srv/real' } },
    });
    await applyPlans(machine, [fileChange('/etc/a', 'a\n', 'b\n')]);
    expect(machine.files.text('/srv/real')).toBe('b\n');
    expect(machine.files.state('/etc/a')).toEqual({ state: 'link', target: '../srv/real' });
    await undo(machine);
    expect(machine.files.text('/srv/real')).toBe('a\n');
    expect(machine.files.state('/etc/a')).toEqual({ state: 'link', target: '../srv/real' });
  });

  it('that a plan removes come back', async () => {
    const machine = simulate({ files: { '/etc/a': { text: 'a\n', mode: 0o640, uid: 3, gid: 4 } } });
    const before = machine.files.state('/etc/a');
    await applyPlans(machine, [fileChange('/etc/a', 'a\n', null)]);
    expect(machine.files.state('/etc/a')).toEqual({ state: 'absent' });
    await undo(machine);
    expect(machine.files.state('/etc/a')).toEqual(before);
  });

  it('that two steps change go through both, and back', async () => {
    const machine = simulate({ files: { '/etc/a': '1' } });
    const applied = await applyPlans(machine, [
      fileChange('/etc/a', '1', '2'),
      fileChange('/etc/a', '2', '3'),
    ]);
    expect(applied.status).toBe('applied');
    expect(machine.files.text('/etc/a')).toBe('3');
    expect((await undo(machine)).status).toBe('undone');
    expect(machine.files.text('/etc/a')).toBe('1');
  });

  it('in a folder that was made: the folder stays while somebody else has something in it', async () => {
    const machine = simulate();
    await applyPlans(machine, [fileChange('/etc/new/folder/a', null, 'x')]);
    machine.files.put('/etc/new/b', 'theirs');
    await undo(machine);
    expect(machine.files.list('/etc/new')).toEqual({ outcome: 'listed', names: ['b'] });
  });
});

describe('the receipt', () => {
  it('is one for all plans of a run, and is listed with what is left', async () => {
    const machine = host({ now: Date.UTC(2026, 10, 21, 4, 30, 15) });
    const applied = await applyPlans(machine, plans());
    expect(applied).toMatchObject({
      status: 'applied',
      receipt: expect.stringMatching(/^20261121-043015-[0-9a-f]{4}$/u),
    });
    const { receipts, folder } = await listReceipts(machine);
    expect(folder).toBe('/var/lib/ollama-doctor/receipts');
    expect(receipts).toMatchObject([
      { status: 'in-place', recipes: ['bind-all-interfaces', 'allow-container-subnet'] },
    ]);
    expect(receipts[0]?.left).toHaveLength(3);
    expect(receipts[0]?.left[0]).toContain(rulesFile);
  });

  it('can be read by root alone', async () => {
    const machine = host();
    const applied = await applyPlans(machine, plans());
    const path = `/var/lib/ollama-doctor/receipts/${'receipt' in applied ? applied.receipt : ''}/journal.jsonl`;
    expect(machine.files.state(path)).toMatchObject({ state: 'file', mode: 0o600 });
  });
});

it('a change is reported with its difference and its commands', async () => {
  const [bind, allow] = plans();
  const reported = await Promise.all([...(bind?.changes ?? []), ...(allow?.changes ?? [])].map(toReported));
  expect(reported.map((one) => one.commands)).toEqual([
    ['systemctl daemon-reload', 'systemctl restart ollama.service'],
    [expect.stringMatching(/^iptables -I INPUT 1 -s 172\.18\.0\.0\/16/u)],
    [],
  ]);
  expect(reported[0]?.diff).toContain('+Environment="OLLAMA_HOST=0.0.0.0:11434"');
  expect(reported[2]?.diff).toContain(`+${accept}\n ${drop}`);
});
