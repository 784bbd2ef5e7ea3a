import type { Report } from '../schema.ts';
import { paragraph } from './lines.ts';
import type { Screen } from './screen.ts';

/** What a healthy report adds to its verdict: who answered, and with how many models. */
export function wellbeing(report: Report, screen: Screen): string[] {
  const told = ['ollama-api', 'models'].flatMap((id) =>
    report.checks
      .filter((row) => row.id === id && row.subject === 'host' && row.status === 'pass')
      .slice(0, 1),
  );
  if (told.length === 0) return [];
  const text = told.map((row) => row.summary).join('; ');
  return paragraph(screen, 4, text, screen.chalk.dim);
}
