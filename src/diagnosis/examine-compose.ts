import {
  type Around,
  type Asked,
  chooseFiles,
  type ComposeFinding,
  judge,
  type LoadedProject,
  loadProject,
  type ProjectRequest,
  roles,
  withProfiles,
} from '../compose/index.ts';
import type { Machine } from '../machine/machine.ts';
import { lookAround } from './compose-around.ts';

export interface ComposeQuestion extends Asked {
  /** Files with variables in place of `.env`. */
  envFiles: readonly string[];
  /** Profiles that are on; empty judges every service. */
  profiles: readonly string[];
}

export interface ComposeExamination {
  request: ProjectRequest;
  project: LoadedProject;
  around: Around;
  findings: ComposeFinding[];
  /** Services that name an Ollama, and those that serve one. */
  clients: string[];
  servers: string[];
  notes: string[];
}

/**
 * Reads a compose project and judges it, with what this host adds (its engine, who has its ports). Changes nothing.
 *
 * @throws ComposeProblem for what cannot be understood
 */
export async function examineCompose(
  machine: Machine,
  question: ComposeQuestion,
): Promise<ComposeExamination> {
  const chosen = await chooseFiles(machine, question);
  const request: ProjectRequest = {
    files: chosen.files,
    envFiles: question.envFiles,
    shell: question.shell,
  };
  const project = withProfiles(await loadProject(machine, request), question.profiles);
  const around = await lookAround(machine, project);
  return {
    request,
    project,
    around,
    findings: judge(project, around),
    ...roles(project),
    notes: chosen.notes,
  };
}
