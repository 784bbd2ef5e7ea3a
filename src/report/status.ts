import type { CheckRow, OverallStatus, Report, Status } from './schema.ts';

/** What decides about the whole: rows with their status, and whether an unknown one matters. */
type Judged = Pick<CheckRow, 'status' | 'matters'>;

/**
 * The status of the whole report (DESIGN section 2): `problems` when a row failed, or warns where warnings count as
 * failures; else `incomplete` when something that matters could not be looked at; else `healthy`.
 */
export function overallStatus(rows: readonly Judged[], failOn: 'warn' | 'fail'): OverallStatus {
  if (rows.some((row) => row.status === 'fail' || (row.status === 'warn' && failOn === 'warn')))
    return 'problems';
  const unknown = (row: Judged): boolean => row.status === 'inconclusive' || row.status === 'blocked';
  return rows.some((row) => unknown(row) && row.matters) ? 'incomplete' : 'healthy';
}

/** How many rows have each status; every status is there, with 0 where no row has it. */
export function counts(rows: readonly Pick<CheckRow, 'status'>[]): Report['counts'] {
  const result: Record<Status, number> = {
    pass: 0,
    warn: 0,
    fail: 0,
    inconclusive: 0,
    blocked: 0,
    'not-applicable': 0,
  };
  for (const row of rows) result[row.status] += 1;
  return result;
}

/** The exit code that goes with a report's status. */
export function exitCode(status: OverallStatus): 0 | 1 | 3 {
  const codes = { healthy: 0, problems: 1, incomplete: 3 } as const;
  return codes[status];
}
