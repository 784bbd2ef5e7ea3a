import type { ProbeReport } from '../probers/protocol.ts';
import { parseAnswer } from './raw-http.ts';

/**
 * The two answers in what came back for two requests on one connection, each as a report of its own. `one` when the
 * server (or the tool) answered the first alone and closed; undefined when it cannot be told apart, and the first
 * request is to be made again by itself. Never throws.
 */
export function splitReport(
  report: ProbeReport,
): { answers: 'one' } | { answers: 'both'; first: ProbeReport; second: ProbeReport } | undefined {
  if (!report.connected) return { answers: 'one' };
  const first = parseAnswer(report.bytes);
  if (!first || !first.complete || report.broke) return undefined;
  if (first.length === undefined || first.length >= report.bytes.length) return { answers: 'one' };
  const rest = report.bytes.subarray(first.length);
  const second = parseAnswer(rest);
  if (!second?.complete) return undefined;
  return {
    answers: 'both',
    first: { ...report, bytes: report.bytes.subarray(0, first.length) },
    second: { ...report, bytes: rest },
  };
}
