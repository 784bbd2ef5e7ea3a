import type { CheckRow, Report } from '../schema.ts';
import { visible } from '../text/visible.ts';
import { displayWidth, pad } from '../text/width.ts';
import { evidenceLines } from './evidence.ts';
import { beside, paragraph } from './lines.ts';
import { mark, type Screen } from './screen.ts';

/** Every row with all of its evidence, in the order of the checks. */
export function allRows(report: Report, screen: Screen): string[] {
  const width = Math.max(...report.checks.map((row) => displayWidth(row.id)), 0);
  const lines = report.checks.flatMap((row) => [
    ...beside(
      screen,
      4,
      {
        text: `${mark(screen, row.status)} ${screen.chalk.bold(pad(visible(row.id), width))}  `,
        width: width + 4,
      },
      about(row),
    ),
    ...evidenceLines(row.evidence, screen, 6),
  ]);
  const skipped =
    report.skipped.length === 0
      ? []
      : paragraph(screen, 4, `left out: ${report.skipped.join(', ')}`, screen.chalk.dim);
  return lines.length === 0 ? skipped : ['', `    ${screen.chalk.bold('Every check')}`, ...lines, ...skipped];
}

function about(row: CheckRow): string {
  const subject = row.subject === 'host' ? '' : `${row.subject}: `;
  const code = row.code === undefined ? '' : ` [${row.code}]`;
  const explained = row.explainedBy === undefined ? '' : ` (explained by ${row.explainedBy})`;
  return `${subject}${row.summary}${code}${explained}`;
}
