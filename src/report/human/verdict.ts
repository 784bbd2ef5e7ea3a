import { findingEntry } from '../../findings/catalogue.ts';
import type { Report, Status } from '../schema.ts';
import { heading, paragraph } from './lines.ts';
import { mark, statusColour, type Screen } from './screen.ts';
import { affected, counted, named, reaching } from './words.ts';

/** The one line that says how it is; `quiet` prints nothing else. */
export function verdict(report: Report, screen: Screen): string[] {
  const { status, text } = verdictText(report);
  const style = statusColour(screen, status).bold;
  const sole = soleTitle(report);
  const code = report.causes[0]?.code ?? '';
  const lines = sole === text && screen.detail !== 'quiet' ? heading(text, code, screen, style) : undefined;
  const [first = '', ...rest] = lines ?? paragraph(screen, 4, text, style);
  return [`  ${mark(screen, status)} ${first.trimStart()}`, ...rest];
}

/** The same as plain text, for formats without colours. */
export function verdictText(report: Report): { status: Status; text: string } {
  if (report.status === 'problems') return { status: 'fail', text: problems(report) };
  if (report.status === 'incomplete') {
    const unknown = report.checks.filter(
      (row) => row.matters && (row.status === 'inconclusive' || row.status === 'blocked'),
    ).length;
    const text = `Not certain: nothing was found broken, but ${counted(unknown, 'check')} could not be made`;
    return { status: 'inconclusive', text };
  }
  const mended = report.fixes.some((fix) => fix.status === 'verified');
  const warnings = report.counts.warn === 0 ? '' : `, with ${counted(report.counts.warn, 'warning')}`;
  return { status: 'pass', text: (mended ? 'Mended: ' : '') + wellness(report) + warnings };
}

function wellness(report: Report): string {
  const containers = reaching(report);
  if (containers.length === 0) return 'Nothing is wrong';
  return `${named(containers, 3, 'containers')} ${containers.length === 1 ? 'reaches' : 'reach'} Ollama`;
}

function problems(report: Report): string {
  const [first] = report.causes;
  if (!first) {
    const failed = report.checks.filter((row) => row.status === 'fail').length;
    if (failed > 0) return `${counted(failed, 'check')} failed`;
    return `${counted(report.counts.warn, 'warning')}, and warnings count as failures here`;
  }
  const containers = affected(report);
  const number = report.causes.length === 1 ? '' : `: ${report.causes.length} causes`;
  if (containers.length === 0) {
    return soleTitle(report) ?? `Ollama cannot be used${number}`;
  }
  return `${named(containers, 3, 'containers')} cannot ${cutOff(report, containers) ? 'reach' : 'use'} Ollama${number}`;
}

/** The title of the only cause where that is the whole verdict: no container is kept from Ollama by it. */
export function soleTitle(report: Report): string | undefined {
  const [first, second] = report.causes;
  if (!first || second || affected(report).length > 0) return undefined;
  return findingEntry(first.code)?.title ?? first.summary;
}

const waysIn = new Set(['client', 'name', 'route', 'firewall', 'listener', 'http']);

/** Whether the way itself is broken for one of them, not only what lies at its end. */
function cutOff(report: Report, containers: readonly string[]): boolean {
  return report.paths.some(
    (path) =>
      containers.includes(path.from) && path.hops.some((hop) => hop.status === 'fail' && waysIn.has(hop.hop)),
  );
}
