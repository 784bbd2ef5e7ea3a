import type { Fix, FixStatus, Report, ReportedChange, Status } from '../schema.ts';
import { visibleLines } from '../text/visible.ts';
import { wrap } from '../text/width.ts';
import { beside, paragraph, room } from './lines.ts';
import { mark, symbols, type Screen } from './screen.ts';

const outcomes: Record<FixStatus, { status: Status; text: string }> = {
  planned: { status: 'blocked', text: 'planned, nothing was changed' },
  applied: { status: 'warn', text: 'applied, not proved yet' },
  verified: { status: 'pass', text: 'applied, and proved by asking again' },
  'rolled-back': { status: 'fail', text: 'did not help, and was taken back' },
  failed: { status: 'fail', text: 'could not be applied' },
  declined: { status: 'not-applicable', text: 'not agreed to, nothing was changed' },
};

/** What was or would be changed, by recipe, and how to take it back. */
export function fixes(report: Report, screen: Screen): string[] {
  const receipts = [...new Set(report.fixes.flatMap((fix) => fix.receipt ?? []))];
  const sudo = report.host.elevated || report.host.platform === 'win32' ? '' : 'sudo ';
  return [
    ...report.fixes.flatMap((fix) => ['', ...oneFix(fix, screen)]),
    ...(receipts.length === 0 ? [] : ['']),
    ...receipts.map(
      (receipt) => `    Take it back: ${screen.chalk.cyan(`${sudo}${screen.command} undo ${receipt}`)}`,
    ),
  ];
}

/** One recipe: its outcome, each change in full, and what to know about it. */
export function oneFix(fix: Fix, screen: Screen): string[] {
  const { status, text } = outcomes[fix.status];
  const head = { text: `${mark(screen, status)} `, width: 2 };
  return [
    ...beside(screen, 2, head, `${fix.recipe}: ${text}`, screen.chalk.bold),
    ...fix.changes.flatMap((change) => changeLines(change, screen)),
    ...fix.notes.flatMap((note) => beside(screen, 4, { text: `${symbols(screen).dash} `, width: 2 }, note)),
  ];
}

/** A change: what for, the exact difference, and the commands. */
export function changeLines(change: ReportedChange, screen: Screen): string[] {
  const { chalk } = screen;
  const columns = room(screen, 6);
  const difference = visibleLines(change.diff).flatMap((line) => {
    const style = diffStyle(line, screen);
    return wrap(line, columns).map((part) => `      ${style(part)}`);
  });
  const commands = change.commands.flatMap((command) =>
    beside(screen, 6, { text: chalk.dim('$ '), width: 2 }, command, chalk.cyan),
  );
  return [...paragraph(screen, 4, change.summary), ...difference, ...commands];
}

function diffStyle(line: string, screen: Screen): (text: string) => string {
  if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('@@')) return screen.chalk.dim;
  if (line.startsWith('+')) return screen.chalk.green;
  if (line.startsWith('-')) return screen.chalk.red;
  return (text) => text;
}
