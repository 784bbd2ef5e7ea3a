import { causes } from './human/causes.ts';
import { fixes } from './human/fixes.ts';
import { footer, nextSteps } from './human/next.ts';
import { unknowns, warnings } from './human/notes.ts';
import { paths } from './human/paths.ts';
import { allRows } from './human/rows.ts';
import type { Screen } from './human/screen.ts';
import { verdict } from './human/verdict.ts';
import { wellbeing } from './human/wellbeing.ts';
import type { Report } from './schema.ts';

/**
 * The report for a person in front of a terminal: what is wrong first, with its evidence; where the way breaks; what
 * to type next; warnings after. One to a few lines when all is well. Ends with a line feed.
 */
export function renderHuman(report: Report, screen: Screen): string {
  return `${body(report, screen).join('\n')}\n`;
}

function body(report: Report, screen: Screen): string[] {
  const first = verdict(report, screen);
  if (screen.detail === 'quiet') return first;
  const verbose = screen.detail === 'verbose';
  const well = report.status === 'healthy';
  return [
    ...first,
    ...(well ? wellbeing(report, screen) : causes(report, screen)),
    ...paths(report, screen),
    ...fixes(report, screen),
    // What could not be looked at is the news of an incomplete report, and a note to any other.
    ...(report.status === 'incomplete' ? unknowns(report, screen) : []),
    ...nextSteps(report, screen),
    ...warnings(report, screen),
    ...(report.status === 'incomplete' ? [] : unknowns(report, screen)),
    ...(verbose ? allRows(report, screen) : []),
    ...(well && !verbose ? [] : footer(report, screen)),
  ];
}
