import type { Row } from '../engine/check.ts';
import type { Cause } from '../report/schema.ts';

/**
 * The causes: failed rows with a code that nothing else explains, in the order of the rows. A cause of the host
 * affects the subjects it names, or every subject that has a failed row.
 */
export function findCauses(rows: readonly Row[]): Cause[] {
  const failing = [
    ...new Set(
      rows.filter((row) => row.status === 'fail' && row.subject !== 'host').map((row) => row.subject),
    ),
  ];
  const causes = new Map<string, Cause>();
  for (const row of rows) {
    if (row.status !== 'fail' || row.code === undefined || row.explainedBy !== undefined) continue;
    const key = `${row.code}@${row.subject}@${row.subjectId?.id ?? ''}@${row.summary}`;
    if (causes.has(key)) continue;
    causes.set(key, {
      code: row.code,
      subject: row.subject,
      summary: row.summary,
      affects: row.affects ?? (row.subject === 'host' ? failing : [row.subject]),
      recipe: row.recipe ?? null,
    });
  }
  return [...causes.values()];
}
