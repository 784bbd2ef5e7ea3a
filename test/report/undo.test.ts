import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { receiptList, undoLines } from '../../src/report/human/undo.ts';
import type { Screen } from '../../src/report/human/screen.ts';

const screen: Screen = {
  chalk: new Chalk({ level: 0 }),
  columns: 80,
  unicode: true,
  detail: 'normal',
  command: 'ollama-doctor',
};
const receipt = '20261121-043015-a1b2';

describe('what undo says', () => {
  it('names what was taken back', () => {
    expect(
      undoLines(
        { status: 'undone', receipt, undone: ['let 172.18.0.0/16 through', 'listen on all'] },
        screen,
      ),
    ).toEqual([`  ✓ Taken back: ${receipt}`, '    – let 172.18.0.0/16 through', '    – listen on all']);
  });

  it('says that nothing is left', () => {
    expect(undoLines({ status: 'nothing' }, screen)).toEqual(['  ✓ Nothing to take back']);
    expect(undoLines({ status: 'nothing', receipt }, screen)).toEqual([
      `  ✓ Nothing of ${receipt} is left to take back`,
    ]);
  });

  it('says that there may be more than this user sees', () => {
    const lines = undoLines({ status: 'nothing', unavailable: 'run it again with sudo' }, screen);
    expect(lines).toEqual(['  ? Nothing to take back that you may see', '    run it again with sudo']);
  });

  it('refuses for a file that somebody changed, and says how to go on', () => {
    const lines = undoLines(
      {
        status: 'refused',
        receipt,
        reason: 'changed by somebody else since the fix: /etc/x.conf',
        files: [{ path: '/etc/x.conf', expected: 'a', now: 'b' }],
        left: ['listen on all'],
      },
      screen,
    );
    expect(lines).toEqual([
      '  ✗ Not undone, and nothing was touched',
      '    changed by somebody else since the fix: /etc/x.conf',
      '      ollama-doctor undo 20261121-043015-a1b2 --keep /etc/x.conf',
      '    takes back the rest, and leaves that file as it is',
    ]);
  });

  it('names the later fix that goes first, and keeps nothing', () => {
    const lines = undoLines(
      {
        status: 'refused',
        receipt,
        reason: 'a later fix that is in place wrote /etc/x.conf again: undo that one first',
        files: [],
        left: [],
        first: ['20261122-000000-b2c3'],
      },
      screen,
    );
    expect(lines.slice(-1)).toEqual(['      ollama-doctor undo 20261122-000000-b2c3']);
    expect(lines.join('\n')).not.toContain('--keep');
  });

  it('says what is still in place when only a part could be taken back', () => {
    const lines = undoLines(
      { status: 'failed', receipt, reason: 'iptables: denied', undone: ['one'], left: ['two'] },
      screen,
    );
    expect(lines.join('\n')).toMatch(
      /Only a part of .*\n {4}iptables: denied\n {4}Taken back\n.*one\n {4}Still in place\n.*two$/u,
    );
  });
});

describe('the list of receipts', () => {
  it('has the latest first with what is left of it', () => {
    const lines = receiptList(
      {
        folder: '/var/lib/ollama-doctor',
        receipts: [
          {
            id: receipt,
            at: Date.UTC(2026, 10, 21, 4, 30, 15),
            recipes: ['start-service'],
            status: 'in-place',
            left: ['start ollama.service'],
          },
          { id: '20261120-010000-0000', recipes: [], status: 'unreadable', left: [] },
        ],
      },
      screen,
    );
    expect(lines).toEqual([
      `  ✓ ${receipt} of 2026-11-21 04:30 UTC, in place: start-service`,
      '    – start ollama.service',
      '  ? 20261120-010000-0000, its journal cannot be read',
    ]);
  });

  it('says when there is none, and that root may have some', () => {
    const lines = receiptList(
      { folder: '/x', receipts: [], unavailable: 'fixes made with sudo are elsewhere' },
      screen,
    );
    expect(lines).toEqual([
      '  ✓ Nothing was changed here by a fix',
      '    fixes made with sudo are elsewhere',
    ]);
  });
});
