import { findingEntry } from '../findings/catalogue.ts';
import { subjectName } from './human/words.ts';
import { verdictText } from './human/verdict.ts';
import type { Cause, CheckRow, Evidence, Fix, Path, Report, Status } from './schema.ts';
import { visible, visibleLines } from './text/visible.ts';

const marks: Record<Status, string> = {
  pass: '✅',
  warn: '⚠️',
  fail: '❌',
  inconclusive: '❔',
  blocked: '⏸️',
  'not-applicable': '➖',
};

/** The report as GitHub-flavoured Markdown, for an issue or a job summary. What was read from the machine stays text. */
export function renderMarkdown(report: Report): string {
  const { status, text } = verdictText(report);
  const lines = [
    `# ${marks[status]} ${inline(text)}`,
    ...report.causes.flatMap((cause) => causeLines(cause, report)),
    ...report.paths.flatMap(pathLines),
    ...fixLines(report.fixes),
    ...rowLines(report),
    '',
    `<sub>ollama-doctor ${inline(report.tool.version)}, ${inline(report.startedAt)}, ${report.host.platform} ${inline(report.host.environment)}${report.host.elevated ? '' : ', without root'}</sub>`,
  ];
  return `${lines.join('\n')}\n`;
}

function causeLines(cause: Cause, report: Report): string[] {
  const rows = report.checks.filter(
    (row) => row.status === 'fail' && row.code === cause.code && row.subject === cause.subject,
  );
  const mend = cause.recipe === null ? '' : `Mended by \`ollama-doctor fix\` (recipe ${code(cause.recipe)}).`;
  return [
    '',
    `## ${inline(findingEntry(cause.code)?.title ?? cause.summary)}`,
    '',
    `${code(cause.code)}: ${inline(cause.summary)}`,
    ...evidenceLines(rows.flatMap((row) => row.evidence)),
    ...(mend === '' ? rows.flatMap((row) => listed(row.instructions)) : ['', mend]),
  ];
}

function evidenceLines(evidence: readonly Evidence[]): string[] {
  return evidence.flatMap(({ source, text }) => [
    '',
    code(visible(source)),
    ...block('text', visibleLines(text)),
  ]);
}

function listed(items: readonly string[]): string[] {
  return items.length === 0 ? [] : ['', ...items.map((item) => `- ${inline(item)}`)];
}

function pathLines(path: Path): string[] {
  return [
    '',
    `## From ${inline(subjectName(path.from))} to ${code(visible(path.url))}`,
    '',
    '| hop | | |',
    '|---|---|---|',
    ...path.hops.map((hop) => `| ${hop.hop} | ${marks[hop.status]} | ${inline(hop.detail)} |`),
  ];
}

function fixLines(fixes: readonly Fix[]): string[] {
  return fixes.flatMap((fix) => [
    '',
    `## Fix ${code(fix.recipe)}: ${fix.status}`,
    ...fix.changes.flatMap((change) => [
      '',
      inline(change.summary),
      ...block('diff', visibleLines(change.diff)),
      ...block('sh', change.commands.map(visible)),
    ]),
    ...listed([...fix.notes, ...(fix.receipt === undefined ? [] : [`receipt ${fix.receipt}`])]),
  ]);
}

function rowLines(report: Report): string[] {
  const row = (each: CheckRow): string =>
    `| ${marks[each.status]} ${each.status} | ${inline(each.id)} | ${inline(subjectName(each.subject))} | ${inline(each.summary)} |`;
  return [
    '',
    '## Every check',
    '',
    '| | check | subject | |',
    '|---|---|---|---|',
    ...report.checks.map(row),
  ];
}

/** Text that Markdown and HTML leave alone, on one line. */
function inline(text: string): string {
  return visible(text.replace(/\s*[\r\n]+\s*/gu, ' '))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]#|~!>]/gu, String.raw`\$&`)
    .replace(/@(?=\w)/gu, '@\u2060');
}

/** Text as code; the fence is longer than any run of backticks in it (CommonMark 6.1). */
function code(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1);
  const space = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${space}${text}${space}${fence}`;
}

function block(language: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const fence = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1));
  return ['', `${fence}${language}`, ...lines, fence];
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/gu) ?? []).map((run) => run.length));
}
