import { findingEntry } from '../../findings/catalogue.ts';
import type { CheckRow, Report } from '../schema.ts';
import { evidenceLines } from './evidence.ts';
import { beside, paragraph } from './lines.ts';
import { mark, type Screen } from './screen.ts';
import { subjectName } from './words.ts';

/** What works and carries a risk. */
export function warnings(report: Report, screen: Screen): string[] {
  const rows = report.checks.filter((row) => row.status === 'warn');
  return rows.flatMap((row) => {
    const title = (row.code === undefined ? undefined : findingEntry(row.code)?.title) ?? row.summary;
    return [
      '',
      ...beside(screen, 2, { text: `${mark(screen, 'warn')} `, width: 2 }, title, screen.chalk.yellow),
      ...(title === row.summary ? [] : paragraph(screen, 4, row.summary)),
      ...evidenceLines(row.evidence, screen, 4),
      ...row.instructions.flatMap((line) => paragraph(screen, 6, line)),
    ];
  });
}

/** What could not be looked at, and what would let it; in full where it matters, in one line where it does not. */
export function unknowns(report: Report, screen: Screen): string[] {
  const rows = report.checks.filter((row) => row.status === 'inconclusive');
  const mattering = rows.filter((row) => row.matters);
  const others = rows.filter((row) => !row.matters);
  return [...mattering.flatMap((row) => ['', ...oneUnknown(row, screen)]), ...noted(others, screen)];
}

function oneUnknown(row: CheckRow, screen: Screen): string[] {
  const title = `${row.id} could not look${row.subject === 'host' ? '' : ` for ${subjectName(row.subject)}`}`;
  return [
    ...beside(screen, 2, { text: `${mark(screen, 'inconclusive')} `, width: 2 }, title, screen.chalk.magenta),
    ...paragraph(screen, 4, row.summary),
    ...(screen.detail === 'verbose' ? evidenceLines(row.evidence, screen, 4) : []),
    ...row.instructions.flatMap((line) => paragraph(screen, 6, line)),
  ];
}

/** One line for each reason, as many checks may share it. */
function noted(rows: readonly CheckRow[], screen: Screen): string[] {
  if (rows.length === 0 || screen.detail === 'verbose') return [];
  const reasons = [...new Set(rows.map((row) => [row.summary, ...row.instructions].join('; ')))];
  return [
    '',
    ...reasons.flatMap((reason) => {
      const of = rows.filter((row) => [row.summary, ...row.instructions].join('; ') === reason);
      const ids = [...new Set(of.map((row) => row.id))];
      return paragraph(screen, 4, `Not looked at: ${ids.join(', ')} (${reason})`, screen.chalk.dim);
    }),
  ];
}
