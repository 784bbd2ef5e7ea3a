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
  return [
    ...byReason(mattering).flatMap((group) => ['', ...oneUnknown(group, screen)]),
    ...(report.status === 'incomplete' ? notRun(report, screen) : []),
    ...noted(others, screen),
  ];
}

/** What was not run and leaves the question open, where nothing else on the screen says what stood in its way. */
function notRun({ checks, skipped }: Report, screen: Screen): string[] {
  const told = new Set(
    checks.filter(({ status }) => status !== 'pass').map(({ id, subject }) => `${id}@${subject}`),
  );
  const rows = checks.filter(
    (row) =>
      row.status === 'blocked' && row.matters && (row.blockedBy === undefined || !told.has(row.blockedBy)),
  );
  return rows.flatMap((row) => {
    const before = row.blockedBy?.replace(/@.*$/u, '');
    const whom = row.subject === 'host' ? '' : ` for ${subjectName(row.subject)}`;
    return [
      '',
      ...beside(
        screen,
        2,
        { text: `${mark(screen, 'inconclusive')} `, width: 2 },
        `${row.id}${whom} could not be made`,
        screen.chalk.magenta,
      ),
      ...paragraph(screen, 4, row.summary),
      ...(before !== undefined && skipped.includes(before)
        ? paragraph(screen, 6, `why is for ${before} to say, which was left out: add --only ${before}`)
        : []),
    ];
  });
}

/** Rows that give the same reason and the same advice, together. */
function byReason(rows: readonly CheckRow[]): CheckRow[][] {
  const groups = new Map<string, CheckRow[]>();
  for (const row of rows) {
    const reason = JSON.stringify([row.summary, row.instructions]);
    groups.set(reason, [...(groups.get(reason) ?? []), row]);
  }
  return [...groups.values()];
}

function oneUnknown(group: readonly CheckRow[], screen: Screen): string[] {
  const [row] = group;
  if (!row) return [];
  const whom = (of: CheckRow): string => (of.subject === 'host' ? '' : ` for ${subjectName(of.subject)}`);
  const title = `${[...new Set(group.map((each) => `${each.id}${whom(each)}`))].join(', ')} could not look`;
  return [
    ...beside(screen, 2, { text: `${mark(screen, 'inconclusive')} `, width: 2 }, title, screen.chalk.magenta),
    ...paragraph(screen, 4, row.summary),
    ...(screen.detail === 'verbose' ? group.flatMap((each) => evidenceLines(each.evidence, screen, 4)) : []),
    ...row.instructions.flatMap((line) => paragraph(screen, 6, line)),
  ];
}

/** One line for each reason, as many checks may share it. */
function noted(rows: readonly CheckRow[], screen: Screen): string[] {
  if (rows.length === 0 || screen.detail === 'verbose') return [];
  return [
    '',
    ...byReason(rows).flatMap((group) => {
      const ids = [...new Set(group.map((row) => row.id))];
      const reason = group
        .slice(0, 1)
        .flatMap((row) => [row.summary, ...row.instructions])
        .join('; ');
      return paragraph(screen, 4, `Not looked at: ${ids.join(', ')} (${reason})`, screen.chalk.dim);
    }),
  ];
}
