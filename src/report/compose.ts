import type { ComposeFinding, LoadedProject } from '../compose/index.ts';
import { placeOf } from '../compose/source.ts';
import { shownLine } from '../compose/shown-line.ts';
import { docsFor } from '../findings/index.ts';
import type { Fix } from './schema.ts';
import { tool } from './tool.ts';

/** What `compose --json` prints. */
export interface ComposeReport {
  schemaVersion: 1;
  tool: typeof tool;
  status: 'healthy' | 'problems';
  project: string;
  /** In the order they were laid over one another; those that were included or extended behind them. */
  files: string[];
  /** Names of services that name an Ollama, and of those that serve one. */
  clients: string[];
  servers: string[];
  findings: ReportedComposeFinding[];
  warnings: { message: string; file: string; line: number; column: number; refuses: boolean }[];
  notes: string[];
  fixes: Fix[];
  /** What to type so that containers which run get what the files say now. */
  next: string[];
}

export interface ReportedComposeFinding {
  code: string;
  status: 'fail' | 'warn';
  service: string;
  summary: string;
  file: string;
  line: number;
  column: number;
  /** The line as it is written, without what looks like a secret. */
  text: string;
  /** Recipes of `--fix` that mend it; empty where a person has to decide. */
  recipes: string[];
  instructions: string[];
  docs: string;
}

/**
 * The report of a project.
 * @param shown makes of a whole path what a person would write for it
 */
export function composeReport(
  { project, findings, clients, servers, notes }: Examined,
  { fixes, next }: { fixes: readonly Fix[]; next: string[] },
  shown: (path: string) => string,
): ComposeReport {
  return {
    schemaVersion: 1,
    tool,
    status: findings.some((one) => one.status === 'fail') ? 'problems' : 'healthy',
    project: project.name,
    files: project.files.map((file) => shown(file.path)),
    clients,
    servers,
    findings: findings.map((one) => reported(one, shown)),
    warnings: project.warnings.map(({ message, at, refuses }) => {
      const { file, line, column } = placeOf(at);
      return { message, file: shown(file), line, column, refuses };
    }),
    notes,
    fixes: [...fixes],
    next,
  };
}

/** What was seen of a project. */
interface Examined {
  project: LoadedProject;
  findings: readonly ComposeFinding[];
  clients: string[];
  servers: string[];
  notes: string[];
}

function reported(finding: ComposeFinding, shown: (path: string) => string): ReportedComposeFinding {
  const { code, status, service, summary, instructions, cures } = finding;
  const { file, line, column, text } = placeOf(finding.at);
  const recipes = cures.map((cure) => (cure.kind === 'add-host' ? 'add-host-gateway' : 'set-client-url'));
  return {
    code,
    status,
    service,
    summary,
    file: shown(file),
    line,
    column,
    text: shownLine(text),
    recipes: [...new Set(recipes)],
    instructions,
    docs: docsFor(code),
  };
}
