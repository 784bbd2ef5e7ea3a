import { findingEntry } from '../../findings/catalogue.ts';
import type { Cause, CheckRow, Report } from '../schema.ts';
import { visible } from '../text/visible.ts';
import { evidenceLines } from './evidence.ts';
import { heading, paragraph } from './lines.ts';
import type { Screen } from './screen.ts';
import { soleTitle } from './verdict.ts';
import { named, subjectName } from './words.ts';

/** What is wrong, each with its evidence; symptoms first, as the reader came with them. */
export function causes(report: Report, screen: Screen): string[] {
  const blocks = report.causes.map((cause, index) => {
    const numbered = report.causes.length === 1 ? '    ' : `  ${screen.chalk.red(index + 1)} `;
    return oneCause(report, cause, numbered, screen);
  });
  return [...symptoms(report, screen), ...blocks.flat()];
}

/** What the containers themselves saw. */
function symptoms(report: Report, screen: Screen): string[] {
  const rows = report.checks.filter((row) => row.status === 'fail' && row.explainedBy !== undefined);
  if (rows.length === 0) return [];
  const shown = screen.detail === 'verbose' ? rows : rows.slice(0, 3);
  return shown.flatMap((row) => [
    ...paragraph(screen, 4, attributed(row)),
    ...(screen.detail === 'verbose' ? evidenceLines(row.evidence, screen, 4) : []),
  ]);
}

/** The summary with the name of the one who saw it, unless it names it itself. */
function attributed(row: CheckRow): string {
  const name = subjectName(row.subject);
  return row.summary.includes(name) ? row.summary : `${name}: ${row.summary}`;
}

function oneCause(report: Report, cause: Cause, numbered: string, screen: Screen): string[] {
  const { chalk } = screen;
  const title = findingEntry(cause.code)?.title ?? cause.summary;
  const [first = '', ...rest] = heading(title, cause.code, screen, chalk.bold);
  const indent = 4;
  const rows = report.checks.filter(
    (row) => row.status === 'fail' && row.code === cause.code && row.subject === cause.subject,
  );
  return [
    ...(soleTitle(report) === title ? [] : ['', numbered + first.trimStart(), ...rest]),
    ...(visible(cause.summary) === title ? [] : paragraph(screen, indent, cause.summary)),
    ...whom(report, cause, screen, indent),
    ...rows.flatMap((row) => evidenceLines(row.evidence, screen, indent)),
    ...instructions(rows, screen, indent),
  ];
}

/** Whom it keeps from Ollama, where that is not everybody who is mentioned at all. */
function whom(report: Report, cause: Cause, screen: Screen, indent: number): string[] {
  const all = new Set(report.causes.flatMap((each) => each.affects));
  if (cause.affects.length === 0 || cause.affects.length === all.size) return [];
  return paragraph(screen, indent, `affects ${named(cause.affects, 4, 'containers')}`, screen.chalk.dim);
}

/** What a person has to do where no recipe does it, each thing once: two checks may have met the same cause. */
function instructions(rows: readonly CheckRow[], screen: Screen, indent: number): string[] {
  const lines = rows.flatMap((row) => (row.recipe === null ? row.instructions : []));
  if (lines.length === 0) return [];
  return [
    ...paragraph(screen, indent, 'To mend it:', screen.chalk.bold),
    ...[...new Set(lines)].flatMap((line) => paragraph(screen, indent + 2, line)),
  ];
}
