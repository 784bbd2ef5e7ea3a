import type { Report } from '../report/schema.ts';
import type { Format } from './options/diagnosis.ts';
import type { Screen } from '../report/human/screen.ts';

/** The report in a format; only that format's code is loaded. `screen` is asked for by the human one alone. */
export async function render(report: Report, format: Format, screen: () => Promise<Screen>): Promise<string> {
  switch (format) {
    case 'human':
      return (await import('../report/human.ts')).renderHuman(report, await screen());
    case 'json':
      return (await import('../report/json.ts')).renderJson(report);
    case 'junit':
      return (await import('../report/junit.ts')).renderJunit(report);
    case 'sarif':
      return (await import('../report/sarif.ts')).renderSarif(report);
    case 'github':
      return (await import('../report/github.ts')).renderGithub(report);
    case 'markdown':
      return (await import('../report/markdown.ts')).renderMarkdown(report);
  }
}
