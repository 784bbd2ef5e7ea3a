import type { Report } from '../report/schema.ts';
import type { Format } from './options/diagnosis.ts';
import type { Screen } from '../report/human/screen.ts';

type Renderer = (report: Report, screen: () => Promise<Screen>) => Promise<string>;

/** Each loads its own code when it is used. */
const renderers: Record<Format, Renderer> = {
  human: async (report, screen) => (await import('../report/human.ts')).renderHuman(report, await screen()),
  json: async (report) => (await import('../report/json.ts')).renderJson(report),
  junit: async (report) => (await import('../report/junit.ts')).renderJunit(report),
  sarif: async (report) => (await import('../report/sarif.ts')).renderSarif(report),
  github: async (report) => (await import('../report/github.ts')).renderGithub(report),
  markdown: async (report) => (await import('../report/markdown.ts')).renderMarkdown(report),
};

/** The report in a format. `screen` is asked for by the human one alone. */
export function render(report: Report, format: Format, screen: () => Promise<Screen>): Promise<string> {
  return renderers[format](report, screen);
}
