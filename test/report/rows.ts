// Rows and reports as a diagnosis makes them, with what most have filled in.
import { counts, overallStatus } from '../../src/report/status.ts';
import type { CheckRow, Report } from '../../src/report/schema.ts';

/** A row with what most rows have. */
export function row(given: Partial<CheckRow> & Pick<CheckRow, 'id' | 'status' | 'summary'>): CheckRow {
  return {
    subject: 'host',
    evidence: [],
    recipe: null,
    instructions: [],
    matters: true,
    durationMs: 3,
    docs: `docs/findings.md#${given.code ?? given.id}`,
    ...given,
  };
}

/** A report around rows, with status and counts as they follow from them. */
export function report(given: Partial<Report> & Pick<Report, 'checks'>): Report {
  return {
    schemaVersion: 1,
    tool: { name: 'ollama-doctor', version: '0.1.0' },
    host: { platform: 'linux', environment: 'native', arch: 'x64', elevated: true },
    startedAt: '2026-11-21T04:00:00.000Z',
    durationMs: 3912,
    status: overallStatus(given.checks, 'fail'),
    counts: counts(given.checks),
    skipped: [],
    causes: [],
    paths: [],
    fixes: [],
    ...given,
  };
}
