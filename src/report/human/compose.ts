import { findingEntry } from '../../findings/catalogue.ts';
import type { ComposeReport, ReportedComposeFinding } from '../compose.ts';
import { visible } from '../text/visible.ts';
import { evidenceLines } from './evidence.ts';
import { oneFix } from './fixes.ts';
import { beside, heading, paragraph, table } from './lines.ts';
import { mark, statusColour, symbols, type Screen } from './screen.ts';
import { counted } from './words.ts';

/** Warnings of compose's own that are shown; a file without its `.env` has one for each variable. */
const mostWarnings = 5;

/**
 * The report of a compose project, for people.
 * @param again the words after `compose` by which the same project is looked at again; absent says nothing of what to type
 */
export function composeLines(report: ComposeReport, again: string | undefined, screen: Screen): string[] {
  const receipts = [
    ...new Set(report.fixes.flatMap((fix) => (fix.status === 'rolled-back' ? [] : (fix.receipt ?? [])))),
  ];
  return [
    ...composeFound(report, screen),
    ...report.fixes.flatMap((fix) => ['', ...oneFix(fix, screen)]),
    ...(screen.fixing === undefined || report.fixes.length > 0 ? [] : nothingDone(report, screen)),
    ...(receipts.length === 0 ? [] : ['']),
    ...receipts.map(
      (receipt) => `    Take it back: ${screen.chalk.cyan(`${screen.command} undo ${receipt}`)}`,
    ),
    ...(again === undefined ? [] : next(report, again, screen)),
  ];
}

/** What was found, without what was done about it. */
function composeFound(report: ComposeReport, screen: Screen): string[] {
  return [
    ...verdict(report, screen),
    ...report.findings.flatMap((one, index) => finding(one, index, report.findings.length, screen)),
    ...warnings(report, screen),
    ...report.notes.flatMap((note) =>
      beside(screen, 4, { text: `${symbols(screen).dash} `, width: 2 }, note),
    ),
  ];
}

function verdict(report: ComposeReport, screen: Screen): string[] {
  const broken = report.findings.filter((one) => one.status === 'fail').length;
  const warned = report.findings.length - broken;
  const status = broken > 0 ? 'fail' : warned > 0 ? 'warn' : 'pass';
  const files = report.files.slice(0, 3).join(', ') + (report.files.length > 3 ? ', …' : '');
  const words =
    broken + warned === 0
      ? `${files}: ${wellness(report)}`
      : `${files}: ${[...(broken > 0 ? [counted(broken, 'problem')] : []), ...(warned > 0 ? [counted(warned, 'warning')] : [])].join(', ')}`;
  const head = { text: `${mark(screen, status)} `, width: 2 };
  return beside(screen, 2, head, words, statusColour(screen, status).bold);
}

function wellness({ clients, servers }: ComposeReport): string {
  if (clients.length > 0)
    return `nothing is wrong with the Ollama ${clients.length === 1 ? 'URL' : 'URLs'} of ${list(clients)}`;
  if (servers.length > 0)
    return `nothing is wrong; ${list(servers)} ${servers.length === 1 ? 'serves' : 'serve'} Ollama`;
  return 'no service names an Ollama';
}

function finding(one: ReportedComposeFinding, index: number, count: number, screen: Screen): string[] {
  const { chalk } = screen;
  const colour = statusColour(screen, one.status);
  const title = findingEntry(one.code)?.title ?? one.code;
  const [first = '', ...rest] = heading(title, one.code, screen, chalk.bold);
  const number = count === 1 ? '    ' : `  ${colour(index + 1)} `;
  return [
    '',
    number + first.trimStart(),
    ...rest,
    ...paragraph(
      screen,
      4,
      one.summary.includes(one.service) ? one.summary : `${one.service}: ${one.summary}`,
    ),
    ...evidenceLines([{ source: `${one.file}:${one.line}`, text: one.text }], screen, 4),
    ...(one.instructions.length === 0 ? [] : paragraph(screen, 4, 'To mend it:', chalk.bold)),
    ...one.instructions.flatMap((line) => paragraph(screen, 6, line)),
  ];
}

function warnings({ warnings }: ComposeReport, screen: Screen): string[] {
  if (warnings.length === 0) return [];
  const sorted = warnings.toSorted((a, b) => Number(b.refuses) - Number(a.refuses));
  const shown = sorted.slice(0, screen.detail === 'verbose' ? sorted.length : mostWarnings);
  const left = sorted.length - shown.length;
  return [
    '',
    ...paragraph(screen, 4, 'What compose itself says of it', screen.chalk.bold),
    ...shown.flatMap(({ file, line, message, refuses }) =>
      beside(
        screen,
        4,
        { text: `${mark(screen, refuses ? 'fail' : 'warn')} `, width: 2 },
        `${file}:${line}: ${message}${refuses ? ' (compose will not start it)' : ''}`,
      ),
    ),
    ...(left === 0 ? [] : paragraph(screen, 6, `and ${counted(left, 'more')}`, screen.chalk.dim)),
  ];
}

function next(report: ComposeReport, again: string, screen: Screen): string[] {
  const [first] = report.findings;
  const rows: [string, string][] = [];
  if (report.fixes.length === 0 && report.findings.some((one) => one.recipes.length > 0)) {
    rows.push([`${screen.command} compose${again} --fix --dry-run`, 'shows what would change in the file']);
    rows.push([`${screen.command} compose${again} --fix`, 'changes it, after asking']);
  }
  if (first) rows.push([`${screen.command} explain ${first.code}`, 'what it means, step by step']);
  if (rows.length === 0 && report.next.length === 0) return [];
  return [
    '',
    `    ${screen.chalk.bold('What to type next')}`,
    ...report.next.flatMap((command) => [
      // Never broken to fit, as it is to be typed.
      `    ${screen.chalk.cyan(visible(command))}`,
      ...paragraph(screen, 8, 'makes the containers again with it', screen.chalk.dim),
    ]),
    ...table(screen, 4, rows, { left: screen.chalk.cyan, right: screen.chalk.dim }),
  ];
}

/** A few names; more than four are counted. */
function list(names: readonly string[]): string {
  return names.length > 4 ? counted(names.length, 'service') : names.join(', ');
}

/** A fix was asked for, and there is none to make. */
function nothingDone(report: ComposeReport, screen: Screen): string[] {
  const text = report.findings.length === 0 ? 'Nothing to mend.' : 'No edit mends this; nothing was changed.';
  return ['', ...paragraph(screen, 4, text)];
}
