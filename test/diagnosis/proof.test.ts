import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/changes/change.ts';
import { isBetter } from '../../src/diagnosis/proof.ts';
import type { Cause, CheckRow, Report } from '../../src/report/schema.ts';

const cause = (code: string, subject = 'host', affects = ['container:web']): Cause => ({
  code,
  subject,
  summary: `${code} happened`,
  affects,
  recipe: null,
});
const row = (change: Partial<CheckRow>): CheckRow => ({
  id: 'container-reach',
  subject: 'container:web',
  status: 'pass',
  summary: 'answers',
  evidence: [],
  recipe: null,
  instructions: [],
  matters: false,
  durationMs: 1,
  docs: '',
  ...change,
});
const report = (causes: Cause[], checks: CheckRow[]): Report => ({
  schemaVersion: 1,
  tool: { name: 'ollama-doctor', version: '0' },
  host: { platform: 'linux', environment: 'native', arch: 'x64', elevated: true },
  startedAt: '',
  durationMs: 1,
  status: causes.length > 0 ? 'problems' : 'healthy',
  counts: { pass: 0, warn: 0, fail: 0, inconclusive: 0, blocked: 0, 'not-applicable': 0 },
  checks,
  skipped: [],
  causes,
  paths: [],
  fixes: [],
});
const plan = (...cures: string[]): Plan => ({ recipe: 'x', cures, changes: [], gainsAccess: [], notes: [] });

const drop = cause('firewall-drop', 'container:web');
const bind = cause('bind-loopback');
const both = report([bind, drop], [row({ status: 'fail', code: 'reach-timeout' })]);
const mended = plan('bind-loopback@host', 'firewall-drop@container:web');

describe('isBetter', () => {
  it('keeps a fix after which the container gets its answer', () => {
    expect(isBetter(both, report([], [row({})]), [mended])).toEqual({ better: true });
  });

  it('does not keep one whose cause is still there', () => {
    const after = report([bind], [row({ status: 'fail' })]);
    expect(isBetter(both, after, [mended])).toMatchObject({ better: false, reason: /did not help/u });
  });

  it('keeps a start after which the server is as open as its owner set it', () => {
    const down = report([cause('not-running')], [row({ status: 'fail', code: 'reach-refused' })]);
    const open = report(
      [cause('exposed')],
      [row({}), row({ code: 'exposed', subject: 'host', status: 'fail' })],
    );
    expect(isBetter(down, open, [plan('not-running@host')])).toEqual({ better: true });
    expect(isBetter(both, open, [mended])).toMatchObject({ better: false, reason: /leave Ollama open/u });
  });

  it('does not keep one that breaks something else', () => {
    const after = report([cause('not-running')], [row({ status: 'fail' })]);
    expect(isBetter(both, after, [mended])).toMatchObject({ better: false, reason: /something else fail/u });
  });

  it('does not keep one that opens Ollama to others', () => {
    const after = report(
      [],
      [row({}), row({ id: 'exposure', subject: 'host', status: 'warn', code: 'exposed' })],
    );
    expect(isBetter(both, after, [mended])).toMatchObject({ better: false, reason: /open/u });
    const already = {
      ...both,
      checks: [...both.checks, row({ id: 'exposure', code: 'exposed', status: 'warn' })],
    };
    expect(isBetter(already, after, [mended])).toEqual({ better: true });
  });

  it('does not blame the start of a service for what its owner left open, unless the bind is changed too', () => {
    const down = report([cause('not-running')], [row({ status: 'fail' })]);
    const open = report(
      [],
      [row({}), row({ id: 'exposure', subject: 'host', status: 'warn', code: 'exposed' })],
    );
    expect(isBetter(down, open, [plan('not-running@host')])).toEqual({ better: true });
    const both = report([cause('not-running'), bind], [row({ status: 'fail' })]);
    expect(isBetter(both, open, [plan('not-running@host'), plan('bind-loopback@host')])).toMatchObject({
      better: false,
    });
  });

  it('does not keep one after which the container still gets nothing, though no cause is named', () => {
    const after = report([], [row({ status: 'inconclusive' })]);
    expect(isBetter(both, after, [mended])).toMatchObject({ better: false });
  });

  it('does not take a missing answer for a good one, as after an interrupt', () => {
    expect(isBetter(both, report([], []), [mended])).toMatchObject({ better: false });
  });

  it('keeps a part that did its own work where another cause has no recipe', () => {
    const url = cause('url-localhost', 'container:web');
    const before = report([bind, url], [row({ status: 'fail' })]);
    const after = report([url], [row({ status: 'fail' })]);
    expect(isBetter(before, after, [plan('bind-loopback@host')])).toEqual({ better: true });
  });
});
