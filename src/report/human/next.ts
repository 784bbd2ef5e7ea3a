import type { Report } from '../schema.ts';
import { visible } from '../text/visible.ts';
import { table } from './lines.ts';
import type { Screen } from './screen.ts';

/** What to type next; nothing where nothing is wrong. */
export function nextSteps(report: Report, screen: Screen): string[] {
  const [first] = report.causes;
  const rows: [string, string][] = [];
  const again = visible(screen.again ?? '');
  const sudo = report.host.elevated || report.host.platform === 'win32' ? '' : 'sudo ';
  const mendable = report.causes.some((cause) => cause.recipe !== null);
  const planned = report.fixes.length > 0;
  if (needsRoot(report)) rows.push([`sudo ${screen.command}${again}`, 'looks again, as root']);
  if (mendable && !planned && screen.replay !== undefined) {
    const replayed = `${screen.command}${again} --replay ${visible(screen.replay)}`;
    rows.push([`${replayed} --dry-run`, 'shows what would change']);
  }
  if (mendable && !planned && screen.replay === undefined) {
    rows.push([`${sudo}${screen.command} fix${again} --dry-run`, 'shows what would change']);
  }
  if (mendable && screen.replay === undefined && !report.fixes.some((fix) => fix.status !== 'planned')) {
    rows.push([`${sudo}${screen.command} fix${again}`, 'mends it, after asking']);
  }
  if (first) rows.push([`${screen.command} explain ${visible(first.code)}`, 'what it means, step by step']);
  if (rows.length === 0) return [];
  return [
    '',
    `    ${screen.chalk.bold('What to type next')}`,
    ...table(screen, 4, rows, { left: screen.chalk.cyan, right: screen.chalk.dim }),
  ];
}

/** Whether something that matters would be seen with sudo. */
function needsRoot(report: Report): boolean {
  if (report.host.elevated || report.host.platform === 'win32') return false;
  return report.checks.some(
    (row) =>
      row.status === 'inconclusive' && row.matters && row.instructions.some((line) => /\bsudo\b/u.test(line)),
  );
}

/** How many rows there are of each status, and how long it took. */
export function footer(report: Report, screen: Screen): string[] {
  const { counts } = report;
  const parts = [
    [counts.fail, 'failed'],
    [counts.warn, 'warned'],
    [counts.pass, 'passed'],
    [counts.inconclusive, 'could not look'],
    [counts.blocked, 'not run'],
  ] as const;
  const text = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return ['', `    ${screen.chalk.dim([text.join(', '), ...duration(report.durationMs)].join('; '))}`];
}

/** Nothing for a replay, where no time passes. */
function duration(milliseconds: number): string[] {
  if (milliseconds < 1) return [];
  return [milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`];
}
