import { findingEntry } from '../findings/catalogue.ts';
import { renderJson } from './json.ts';
import type { CheckRow, Report } from './schema.ts';
import { exitCode } from './status.ts';
import { evidenceText } from './text/evidence.ts';

const home = 'https://www.npmjs.com/package/ollama-doctor';

/**
 * The report as SARIF 2.1.0 (OASIS): one result for each row that failed, warns, or could not look although it
 * matters. A line of a file is a physical location, a host or container a logical one.
 */
export function renderSarif(report: Report): string {
  const rows = report.checks.filter((row) => levelOf(row) !== undefined);
  const rules = [...new Set(rows.map(ruleOf))];
  const execution = {
    executionSuccessful: true,
    exitCode: exitCode(report.status),
    startTimeUtc: report.startedAt,
  };
  const driver = { name: report.tool.name, version: report.tool.version, informationUri: home };
  return renderJson({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { ...driver, rules: rules.map(rule) } },
        invocations: [execution],
        results: rows.map((row) => result(row, rules)),
      },
    ],
  });
}

function levelOf(row: CheckRow): 'error' | 'warning' | 'note' | undefined {
  if (row.status === 'fail') return row.explainedBy === undefined ? 'error' : 'note';
  if (row.status === 'warn') return 'warning';
  return row.status === 'inconclusive' && row.matters ? 'note' : undefined;
}

function ruleOf(row: CheckRow): string {
  return row.code ?? row.id;
}

function rule(id: string): object {
  const entry = findingEntry(id);
  if (!entry) return { id };
  return {
    id,
    shortDescription: { text: entry.title },
    fullDescription: { text: entry.meaning },
    help: { text: entry.mend },
  };
}

function result(row: CheckRow, rules: readonly string[]): object {
  const text = [row.summary, ...row.evidence.map(evidenceText), ...row.instructions].join('\n');
  const files = row.evidence.flatMap(({ source, text: snippet }) => fileLocation(source, snippet) ?? []);
  const logical = [{ fullyQualifiedName: row.subject, kind: 'resource' }];
  const locations =
    files.length === 0
      ? [{ logicalLocations: logical }]
      : files.map((file) => ({ ...file, logicalLocations: logical }));
  return {
    ruleId: ruleOf(row),
    ruleIndex: rules.indexOf(ruleOf(row)),
    level: levelOf(row),
    ...(row.status === 'inconclusive' ? { kind: 'open', level: 'none' } : { kind: 'fail' }),
    message: { text },
    locations,
    partialFingerprints: { 'check/v1': `${row.id}@${row.subject}@${row.code ?? ''}` },
  };
}

/** `/etc/x.conf:12` as a place in a file; undefined for commands. */
function fileLocation(source: string, snippet: string): object | undefined {
  const found = /^(\/[^\s:]+|[A-Za-z]:\\[^:]+)(?::(\d+))?$/u.exec(source);
  const path = found?.[1];
  if (path === undefined) return undefined;
  const startLine = Number(found?.[2] ?? 1);
  const uri = `file://${path.startsWith('/') ? '' : '/'}${path.replaceAll('\\', '/').split('/').map(encodeSegment).join('/')}`;
  return {
    physicalLocation: {
      artifactLocation: { uri },
      region: { startLine: Math.max(1, startLine), snippet: { text: snippet } },
    },
  };
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll('%3A', ':');
}
