import type { Report } from '../schema.ts';
import { table } from './lines.ts';
import type { Screen } from './screen.ts';

/** What to type next; nothing where nothing is wrong. */
export function nextSteps(report: Report, screen: Screen): string[] {
  const [first] = report.causes;
  if (!first) return [];
  const sudo = report.host.elevated || report.host.platform === 'win32' ? '' : 'sudo ';
  const mendable = report.causes.some((cause) => cause.recipe !== null);
  const planned = report.fixes.length > 0;
  const rows: [string, string][] = [];
  if (mendable && !planned && !screen.fixable) {
    rows.push([`${screen.command} --replay … --dry-run`, 'shows what would change']);
  }
  if (mendable && !planned && screen.fixable) {
    rows.push([`${sudo}${screen.command} fix --dry-run`, 'shows what would change']);
  }
  if (mendable && screen.fixable && !report.fixes.some((fix) => fix.status !== 'planned')) {
    rows.push([`${sudo}${screen.command} fix`, 'mends it, after asking']);
  }
  rows.push([`${screen.command} explain ${first.code}`, 'what it means, step by step']);
  return [
    '',
    `    ${screen.chalk.bold('What to type next')}`,
    ...table(screen, 4, rows, { left: screen.chalk.cyan, right: screen.chalk.dim }),
  ];
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
  return ['', `    ${screen.chalk.dim(`${text.join(', ')}; ${duration(report.durationMs)}`)}`];
}

function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
