import type { Fix, FixStatus, Report, ReportedChange, Status } from '../schema.ts';
import { visible, visibleLines } from '../text/visible.ts';
import { beside, paragraph } from './lines.ts';
import { mark, symbols, type Screen } from './screen.ts';

interface Outcome {
  status: Status;
  text: string;
}

const outcomes: Record<FixStatus, Outcome> = {
  planned: { status: 'blocked', text: 'planned, nothing was changed' },
  applied: { status: 'warn', text: 'applied, not proved yet' },
  verified: { status: 'pass', text: 'applied, and proved by asking again' },
  'rolled-back': { status: 'fail', text: 'did not help, and was taken back' },
  failed: { status: 'fail', text: 'could not be applied' },
  declined: { status: 'not-applicable', text: 'not agreed to, nothing was changed' },
};

const cannot: Outcome = { status: 'inconclusive', text: 'cannot be carried out here' };

/** What was or would be changed, by recipe, and how to take it back. */
export function fixes(report: Report, screen: Screen): string[] {
  const inForce = report.fixes.filter((fix) => fix.status !== 'rolled-back');
  const receipts = [...new Set(inForce.flatMap((fix) => fix.receipt ?? []))];
  const shared = sharedNotes(report.fixes);
  const sudo = report.host.elevated || report.host.platform === 'win32' ? '' : 'sudo ';
  if (report.fixes.length === 0) return nothingDone(report, screen);
  return [
    ...report.fixes.flatMap((fix) => [
      '',
      ...oneFix({ ...fix, notes: fix.notes.filter((note) => !shared.includes(note)) }, screen),
    ]),
    ...(shared.length === 0 ? [] : ['']),
    ...shared.flatMap((note) => paragraph(screen, 4, note)),
    ...(receipts.length === 0 ? [] : ['']),
    ...receipts.map(
      (receipt) =>
        `    Take it back: ${screen.chalk.cyan(`${sudo}${screen.command} undo ${visible(receipt)}`)}`,
    ),
  ];
}

/** A fix was asked for, and there is none to make. */
function nothingDone(report: Report, screen: Screen): string[] {
  if (screen.fixing === undefined) return [];
  const text = report.causes.length === 0 ? 'Nothing to mend.' : 'No recipe mends this; nothing was changed.';
  return ['', ...paragraph(screen, 4, text)];
}

/** What every one of several fixes says is said once. */
function sharedNotes(all: readonly Fix[]): string[] {
  const [first, ...others] = all;
  if (!first || others.length === 0) return [];
  return first.notes.filter((note) => others.every((fix) => fix.notes.includes(note)));
}

/** One recipe: its outcome, each change in full, and what to know about it. */
export function oneFix(fix: Fix, screen: Screen, { status, text } = outcomeOf(fix)): string[] {
  const head = { text: `${mark(screen, status)} `, width: 2 };
  // What was agreed to a moment ago, and was done, needs its names alone.
  const brief = screen.fixing === 'agreed' && screen.detail !== 'verbose' && fix.status !== 'failed';
  const changes = brief ? fix.changes.map((change) => ({ ...change, diff: '', commands: [] })) : fix.changes;
  return [
    ...beside(screen, 2, head, `${fix.recipe}: ${text}`, screen.chalk.bold),
    ...changes.flatMap((change) => changeLines(change, screen)),
    ...fix.notes.flatMap((note) => beside(screen, 4, { text: `${symbols(screen).dash} `, width: 2 }, note)),
  ];
}

function outcomeOf(fix: Fix): Outcome {
  const refused = fix.status === 'declined' && fix.changes.length === 0;
  return refused ? cannot : outcomes[fix.status];
}

/** A change: what for, the exact difference, and the commands. */
function changeLines(change: ReportedChange, screen: Screen): string[] {
  const { chalk } = screen;
  // Neither is broken to fit: a command with a line feed in it would be another command.
  const difference = visibleLines(change.diff).map((line) => `      ${diffStyle(line, screen)(line)}`);
  const commands = change.commands.map(
    (command) => `      ${chalk.dim('$')} ${chalk.cyan(visible(command))}`,
  );
  return [...paragraph(screen, 4, change.summary), ...difference, ...commands];
}

function diffStyle(line: string, screen: Screen): (text: string) => string {
  if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('@@')) return screen.chalk.dim;
  if (line.startsWith('+')) return screen.chalk.green;
  if (line.startsWith('-')) return screen.chalk.red;
  return (text) => text;
}
