import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPlans } from '../../src/changes/index.ts';
import { parseJournal } from '../../src/changes/journal.ts';
import { isReceiptId, newReceiptId } from '../../src/changes/receipt-id.ts';
import { stateFolder } from '../../src/changes/state-folder.ts';
import { withoutCounters } from '../../src/changes/visible.ts';
import { simulatedIdentity } from '../../src/machine/simulated.ts';
import { host, plans } from './incident-host.ts';

describe('parseJournal', () => {
  it('never throws', () => {
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ entry: fc.constantFrom('begun', 'step', 'done', 'undone', 'closed'), step: fc.anything() })
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(['read', 'empty', 'newer', 'unreadable']).toContain(parseJournal(lines.join('\n')).state);
      }),
    );
  });

  it('reads any beginning of a journal: what was not written whole was not begun', async () => {
    const machine = host();
    await applyPlans(machine, plans());
    const text =
      Object.entries(machine.files.all()).find(([path]) => path.endsWith('journal.jsonl'))?.[1] ?? '';
    let steps = 0;
    for (let end = 0; end <= text.length; end += 1) {
      const parsed = parseJournal(text.slice(0, end));
      expect(parsed.state).toBe(text.slice(0, end).includes('\n') ? 'read' : 'empty');
      const now = parsed.state === 'read' ? parsed.journal.steps.length : 0;
      expect(now).toBeGreaterThanOrEqual(steps);
      steps = now;
    }
    expect(steps).toBe(3);
  });
});

describe('names of receipts', () => {
  it('sort by time', () => {
    fc.assert(
      fc.property(fc.nat(4e12), fc.integer({ min: 1000, max: 1e9 }), (now, later) => {
        const [first, second] = [newReceiptId(now, 0.999_999), newReceiptId(now + later, 0)];
        expect(isReceiptId(first)).toBe(true);
        expect(first < second).toBe(true);
      }),
    );
  });

  it.each(['..', '20261121-043015-a1b2/..', '20261121-043015', ''])('%j is none', (text) => {
    expect(isReceiptId(text)).toBe(false);
  });
});

it.each([
  [{}, '/var/lib/ollama-doctor'],
  [{ elevated: false, home: '/home/d' }, '/home/d/.local/state/ollama-doctor'],
  [{ elevated: false, home: '/home/d', env: { XDG_STATE_HOME: '/s' } }, '/s/ollama-doctor'],
  [{ elevated: false, home: '/home/d', env: { XDG_STATE_HOME: 's' } }, '/home/d/.local/state/ollama-doctor'],
  [{ env: { XDG_STATE_HOME: '/s' } }, '/var/lib/ollama-doctor'],
  [{ platform: 'darwin', home: '/Users/d' }, '/Users/d/Library/Application Support/ollama-doctor'],
  [
    { platform: 'win32', home: String.raw`C:\Users\d`, env: { LOCALAPPDATA: String.raw`D:\L` } },
    String.raw`D:\L\ollama-doctor`,
  ],
  [{ platform: 'win32', home: String.raw`C:\Users\d` }, String.raw`C:\Users\d\AppData\Local\ollama-doctor`],
] as const)('state of %j is kept in %s', (identity, folder) => {
  expect(stateFolder({ ...simulatedIdentity, ...identity })).toBe(folder);
});

it.each([
  ['[12:720] -A INPUT -j DROP', '-A INPUT -j DROP'],
  [':INPUT DROP [3:4]', ':INPUT DROP'],
  ['  -A INPUT -m comment --comment "[1:2]" -j DROP ', '-A INPUT -m comment --comment "[1:2]" -j DROP'],
])('%j without counters is %j', (line, bare) => {
  expect(withoutCounters(line)).toBe(bare);
});
