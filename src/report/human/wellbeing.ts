import type { Report } from '../schema.ts';
import { paragraph } from './lines.ts';
import type { Screen } from './screen.ts';

/** What a healthy report adds to its verdict: who answered, with how many models, and whatever else was asked of it. */
export function wellbeing(report: Report, screen: Screen): string[] {
  const passed = ['ollama-api', 'models'].map((id) =>
    report.checks.filter((row) => row.id === id && row.subject === 'host' && row.status === 'pass'),
  );
  const told = passed.flatMap((rows) => rows.slice(0, 1));
  if (told.length === 0) return [];
  const text = told.map((row) => row.summary).join('; ');
  // A page's origin, a model's answer: looked at since somebody asked for it by an option.
  const asked = passed.flatMap((rows) => rows.slice(1));
  return [text, ...asked.map((row) => row.summary)].flatMap((one) =>
    paragraph(screen, 4, one, screen.chalk.dim),
  );
}
