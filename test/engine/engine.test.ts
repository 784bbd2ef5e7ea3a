import { describe, expect, it } from 'vitest';
import type { Check, Finding } from '../../src/engine/check.ts';
import { type EngineEvent, runChecks } from '../../src/engine/engine.ts';

interface Plain {
  subjects?: string[];
  needs?: string[];
  run?: (subject: string) => Promise<Finding[]> | Finding[];
}

function check(id: string, { subjects = ['host'], needs = [], run }: Plain = {}): Check<null> {
  return {
    id,
    needs,
    notApplicable: `${id} has nothing to look at`,
    subjects: async () => subjects,
    run: async (_context, subject) => (run ? run(subject) : [{ status: 'pass', summary: 'fine' }]),
  };
}

const later = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));
const failing = (): Finding[] => [{ status: 'fail', code: 'x', summary: 'broken' }];
const statuses = (rows: { id: string; subject: string; status: string }[]): string[] =>
  rows.map((row) => `${row.id}@${row.subject} ${row.status}`);

describe('runChecks', () => {
  it('reports in the order of the checks and subjects, whatever finishes first', async () => {
    const slow = check('slow', { run: async () => (await later(30), [{ status: 'pass', summary: '' }]) });
    const quick = check('quick', { subjects: ['container:b', 'container:a'] });
    const rows = await runChecks([slow, quick], null, { timeoutMs: 1000 });
    expect(statuses(rows)).toEqual(['slow@host pass', 'quick@container:b pass', 'quick@container:a pass']);
  });

  it('runs independent checks side by side', async () => {
    let together = 0;
    let most = 0;
    const counting = async (): Promise<Finding[]> => {
      together += 1;
      most = Math.max(most, together);
      await later(10);
      together -= 1;
      return [{ status: 'pass', summary: '' }];
    };
    await runChecks([check('a', { run: counting }), check('b', { run: counting })], null, {
      timeoutMs: 1000,
    });
    expect(most).toBe(2);
  });

  it('blocks a check by the row that stood in its way, and everything after that by the block', async () => {
    const rows = await runChecks(
      [check('a', { run: failing }), check('b', { needs: ['a'] }), check('c', { needs: ['b'] })],
      null,
      { timeoutMs: 1000 },
    );
    expect(rows.map((row) => row.blockedBy)).toEqual([undefined, 'a@host', 'b@host']);
    expect(rows[1]?.status).toBe('blocked');
  });

  it('blocks by the same subject or the host, and not by another subject', async () => {
    const first = check('a', {
      subjects: ['container:x', 'container:y'],
      run: (subject) => (subject === 'container:x' ? failing() : [{ status: 'pass', summary: '' }]),
    });
    const second = check('b', { subjects: ['container:x', 'container:y'], needs: ['a'] });
    const rows = await runChecks([first, second], null, { timeoutMs: 1000 });
    expect(statuses(rows).slice(2)).toEqual(['b@container:x blocked', 'b@container:y pass']);
  });

  it.each(['warn', 'not-applicable'] as const)('is not stopped by a need that is %s', async (status) => {
    const rows = await runChecks(
      [check('a', { run: () => [{ status, summary: '' }] }), check('b', { needs: ['a'] })],
      null,
      { timeoutMs: 1000 },
    );
    expect(rows[1]?.status).toBe('pass');
  });

  it('turns a check that throws into "inconclusive" with its reason, and goes on', async () => {
    const broken = check('a', {
      run: () => {
        throw new Error('the tool spoke Klingon');
      },
    });
    const rows = await runChecks([broken, check('b')], null, { timeoutMs: 1000 });
    expect(rows[0]).toMatchObject({
      status: 'inconclusive',
      summary: 'could not look: the tool spoke Klingon',
    });
    expect(rows[1]?.status).toBe('pass');
  });

  it('also survives subjects that cannot be listed', async () => {
    const broken: Check<null> = { ...check('a'), subjects: () => Promise.reject(new Error('no list')) };
    const rows = await runChecks([broken], null, { timeoutMs: 1000 });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ subject: 'host', status: 'inconclusive' });
  });

  it('ends at the deadline though a check hangs, and keeps what the others found', async () => {
    const hung = check('hung', { run: () => new Promise(() => undefined) });
    const started = performance.now();
    const rows = await runChecks([hung, check('fine')], null, { timeoutMs: 60 });
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(statuses(rows)).toEqual(['hung@host inconclusive', 'fine@host pass']);
    expect(rows[0]?.summary).toContain('60 ms');
  });

  it('says "not-applicable" once where there is no subject', async () => {
    const rows = await runChecks([check('a', { subjects: [] })], null, { timeoutMs: 1000 });
    expect(rows).toMatchObject([
      { subject: 'host', status: 'not-applicable', summary: 'a has nothing to look at' },
    ]);
  });

  it('is blocked, not "not-applicable", when what lists its subjects could not be looked at', async () => {
    const runtime = check('a', {
      run: () => [{ status: 'inconclusive', summary: 'denied', matters: false }],
    });
    const rows = await runChecks([runtime, check('b', { subjects: [], needs: ['a'] })], null, {
      timeoutMs: 1000,
    });
    expect(rows[1]).toMatchObject({ status: 'blocked', blockedBy: 'a@host', matters: false });
  });

  it('refuses a list in which a need stands after what needs it', async () => {
    await expect(
      runChecks([check('a', { needs: ['b'] }), check('b')], null, { timeoutMs: 10 }),
    ).rejects.toThrow(/check a needs b/u);
  });

  it('tells an observer of each start and end', async () => {
    const events: EngineEvent[] = [];
    await runChecks([check('a')], null, { timeoutMs: 1000, observe: (event) => events.push(event) });
    expect(events.map((event) => event.type)).toEqual(['check-started', 'check-finished', 'finished']);
  });
});
