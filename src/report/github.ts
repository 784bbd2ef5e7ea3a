import { findingEntry } from '../findings/catalogue.ts';
import { verdictText } from './human/verdict.ts';
import type { CheckRow, Report } from './schema.ts';
import { evidenceText } from './text/evidence.ts';
import { visible, visibleLines } from './text/visible.ts';

/**
 * The report as workflow commands of GitHub Actions, which show as annotations: an error for a failure, a warning
 * for a warning or for what could not be looked at and matters, and a notice with the verdict. Every line is a
 * command, so that nothing read from the machine can be one of its own.
 */
export function renderGithub(report: Report): string {
  const rows = report.checks.filter((row) => levelOf(row) !== undefined);
  return [...rows.map(annotation), command('notice', 'ollama-doctor', verdictText(report).text), ''].join(
    '\n',
  );
}

function levelOf(row: CheckRow): 'error' | 'warning' | 'notice' | undefined {
  if (row.status === 'fail') return row.explainedBy === undefined ? 'error' : 'notice';
  if (row.status === 'warn') return 'warning';
  return row.status === 'inconclusive' && row.matters ? 'warning' : undefined;
}

function annotation(row: CheckRow): string {
  const title = (row.code === undefined ? undefined : findingEntry(row.code)?.title) ?? row.id;
  const mend =
    row.recipe === null ? row.instructions : [`ollama-doctor fix (${row.recipe})`, ...row.instructions];
  const text = [`${row.subject}: ${row.summary}`, ...row.evidence.map(evidenceText), ...mend];
  return command(levelOf(row) ?? 'notice', title, text.flatMap(visibleLines).join('\n'));
}

/** https://docs.github.com/actions/reference/workflow-commands: `%`, CR and LF are escaped, in properties `:` and `,` too. */
function command(level: 'error' | 'warning' | 'notice', title: string, message: string): string {
  const data = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = visible(title).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::${level} title=${property}::${data}`;
}
