import {
  judge,
  loadProject,
  type Around,
  type ComposeFinding,
  type LoadedProject,
} from '../../src/compose/index.ts';
import { simulate } from '../../src/machine/simulated.ts';

/** A plain Linux host on which no engine answers. */
const linux: Around = { platform: 'linux', product: undefined, holders: [] };

interface Given {
  /** Files laid over one another; `/p/compose.yaml` unless named. */
  files?: string[];
  shell?: Record<string, string>;
  envFiles?: string[];
}

/** Loads a project from texts: a name without a folder is in /p; one text alone is compose.yaml. */
export function load(texts: string | Record<string, string>, given: Given = {}): Promise<LoadedProject> {
  const named = typeof texts === 'string' ? { 'compose.yaml': texts } : texts;
  const files = Object.fromEntries(
    Object.entries(named).map(([name, text]) => [name.startsWith('/') ? name : `/p/${name}`, text]),
  );
  return loadProject(simulate({ files }), {
    files: (given.files ?? ['compose.yaml']).map((name) => `/p/${name}`),
    shell: given.shell ?? {},
    envFiles: given.envFiles ?? [],
  });
}

/** What is found in such a project, as `code service line`. */
export async function found(
  texts: string | Record<string, string>,
  around: Partial<Around> = {},
  given: Given = {},
): Promise<string[]> {
  const findings = await findingsOf(texts, around, given);
  return findings.map((one) => `${one.status === 'warn' ? 'warn ' : ''}${one.code} ${one.service}`);
}

export async function findingsOf(
  texts: string | Record<string, string>,
  around: Partial<Around> = {},
  given: Given = {},
): Promise<ComposeFinding[]> {
  return judge(await load(texts, given), { ...linux, ...around });
}

/** The message of the problem that a project has; fails the test where it has none. */
export async function problemOf(texts: string | Record<string, string>, given: Given = {}): Promise<string> {
  try {
    await load(texts, given);
  } catch (error) {
    if (error instanceof Error && error.name === 'ComposeProblem') return error.message;
    throw error;
  }
  throw new Error('it was understood');
}
