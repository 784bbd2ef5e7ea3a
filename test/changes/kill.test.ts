import { describe, expect, it } from 'vitest';
import { applyPlans, listReceipts, undo } from '../../src/changes/index.ts';
import { countCalls, killedAt } from './crashing.ts';
import { accept, dropIn, host, plans, stateOf } from './incident-host.ts';

const moments = ['before', 'half', 'after'] as const;

describe('a process killed while it applies', () => {
  it.each(moments)('leaves what undo needs, killed %s any call of the writer', async (when) => {
    const calls = await countCalls(host(), (machine) => applyPlans(machine, plans()));
    expect(calls).toBeGreaterThan(15);
    let changedAtLeastOnce = 0;
    for (let at = 1; at <= calls; at += 1) {
      const machine = host();
      const original = stateOf(machine);
      await applyPlans(killedAt(machine, at, when), plans()).catch(() => undefined);
      if (JSON.stringify(stateOf(machine)) !== JSON.stringify(original)) changedAtLeastOnce += 1;
      const taken = await undo(machine);
      expect(['undone', 'nothing'], `call ${at}`).toContain(taken.status);
      expect(stateOf(machine), `call ${at}`).toEqual(original);
      expect((await undo(machine)).status, `call ${at}`).toBe('nothing');
    }
    expect(changedAtLeastOnce).toBeGreaterThan(5);
  });
});

describe('a process killed while it undoes', () => {
  it.each(moments)('can be undone again to the end, killed %s any call of the writer', async (when) => {
    const applied = host();
    await applyPlans(applied, plans());
    const calls = await countCalls(applied, (machine) => undo(machine));
    expect(calls).toBeGreaterThan(15);
    for (let at = 1; at <= calls; at += 1) {
      const machine = host();
      const original = stateOf(machine);
      await applyPlans(machine, plans());
      await undo(killedAt(machine, at, when)).catch(() => undefined);
      await undo(machine);
      expect(stateOf(machine), `call ${at}`).toEqual(original);
    }
  });

  it('is shown as unfinished until the rest is undone', async () => {
    const machine = host();
    await applyPlans(machine, plans());
    await undo(killedAt(machine, 14, 'before')).catch(() => undefined);
    const { receipts } = await listReceipts(machine);
    expect(receipts.map(({ status }) => status)).toEqual(['unfinished']);
    await undo(machine);
    expect((await listReceipts(machine)).receipts.map(({ status }) => status)).toEqual(['undone']);
  });
});

it('an apply that runs to its end makes every change', async () => {
  const machine = host();
  const applied = await applyPlans(machine, plans());
  expect(applied.status).toBe('applied');
  expect(machine.kernel.rules[0]).toBe(accept);
  expect(machine.kernel.serves).toContain('0.0.0.0');
  expect(machine.files.text(dropIn)).toContain('0.0.0.0');
});
