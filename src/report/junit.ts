import type { CheckRow, Report, Status } from './schema.ts';
import { evidenceText } from './text/evidence.ts';

/**
 * The report as JUnit XML: one test case a row. What could not be looked at and matters is an error, as it must not
 * look passed; what was blocked, does not apply, or does not matter is skipped; a warning passes and says so.
 */
export function renderJunit(report: Report): string {
  const cases = report.checks.map((row) => testCase(row, report));
  const failures = cases.filter((each) => each.kind === 'failure').length;
  const errors = cases.filter((each) => each.kind === 'error').length;
  const skipped = cases.filter((each) => each.kind === 'skipped').length;
  const totals = `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${seconds(report.durationMs)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="ollama-doctor" ${totals}>`,
    `  <testsuite name="ollama-doctor" ${totals} timestamp="${escape(report.startedAt.replace(/\.\d+Z$/u, ''))}">`,
    ...cases.map((each) => each.xml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

interface Case {
  kind: 'passed' | 'failure' | 'error' | 'skipped';
  xml: string;
}

function testCase(row: CheckRow, report: Report): Case {
  const kind = kindOf(row, report);
  const name = row.code === undefined ? row.subject : `${row.subject} ${row.code}`;
  const open = `    <testcase classname="${escape(row.id)}" name="${escape(name)}" time="${seconds(row.durationMs)}">`;
  const text = [row.summary, ...row.evidence.map(evidenceText), ...row.instructions].join('\n');
  const inner: Record<Case['kind'], string> = {
    passed: `      <system-out>${escape(row.status === 'warn' ? `warning: ${text}` : text)}</system-out>`,
    failure: `      <failure type="${escape(row.code ?? row.id)}" message="${escape(row.summary)}">${escape(text)}</failure>`,
    error: `      <error type="${row.status}" message="${escape(row.summary)}">${escape(text)}</error>`,
    skipped: `      <skipped message="${escape(`${row.status}: ${row.summary}`)}"/>`,
  };
  return { kind, xml: `${open}\n${inner[kind]}\n    </testcase>` };
}

function kindOf(row: CheckRow, report: Report): Case['kind'] {
  const unknown = row.matters ? 'error' : 'skipped';
  // Nothing failed and the whole did: warnings were told to count.
  const warned = report.status === 'problems' && report.counts.fail === 0 ? 'failure' : 'passed';
  const kinds: Record<Status, Case['kind']> = {
    pass: 'passed',
    warn: warned,
    fail: 'failure',
    inconclusive: unknown,
    blocked: unknown,
    'not-applicable': 'skipped',
  };
  return kinds[row.status];
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

// XML 1.0, production 2: these may not stand in a document, not even as a reference.
const forbidden =
  /(?![\t\n\r\u007f-\u009f])\p{Cc}|[\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

function escape(text: string): string {
  return text
    .replace(forbidden, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\r\u007f-\u009f]/gu, (character) => `&#${character.charCodeAt(0)};`);
}
