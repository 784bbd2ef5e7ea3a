import { posix, win32 } from 'node:path';
import type { Argv, Plan } from '../../changes/change.ts';
import type { Around, ComposeFinding, Cure, LoadedProject, ProjectRequest } from '../../compose/index.ts';
import type { Container, OllamaClient } from '../../facts/containers.ts';
import type { Cause } from '../../report/schema.ts';
import { keyOf, type Planning } from '../recipe.ts';

type ComposeModule = typeof import('../../compose/index.ts');

/** A container's compose project as its files have it now. */
export interface OwnProject {
  project: LoadedProject;
  request: ProjectRequest;
  around: Around;
  container: Container;
  service: string;
}

/** An edit to make for a cause. */
export interface WantedEdit {
  cause: Cause;
  own: OwnProject;
  cures: Cure[];
  notes: string[];
}

/**
 * The project that made a container, read from the files that its labels name.
 * @returns why not, in words, where there is none to be read
 */
export async function ownProject(
  compose: ComposeModule,
  { facts, machine, draft }: Planning,
  container: Container,
): Promise<OwnProject | { reason: string }> {
  if (!container.compose) return { reason: `${container.name} was made by no compose file` };
  const { service, workingDirectory } = container.compose;
  const paths = machine.identity.platform === 'win32' ? win32 : posix;
  // podman-compose writes them as they were typed.
  const configFiles = container.compose.configFiles.map((file) =>
    paths.isAbsolute(file) || workingDirectory === undefined ? file : paths.join(workingDirectory, file),
  );
  if (!configFiles.every((file) => paths.isAbsolute(file)))
    return { reason: `where ${configFiles.join(', ')} of ${container.name} is cannot be told` };
  if (configFiles.length === 0) return { reason: `the labels of ${container.name} name no compose file` };
  const planned = new Map(
    [...draft.files].flatMap(([path, text]) => (text === null ? [] : [[path, text] as const])),
  );
  const request: ProjectRequest = { files: configFiles, shell: facts.identity.env, planned };
  try {
    const project = await compose.loadProject(machine, request);
    if (!project.services.has(service))
      return { reason: `${configFiles.join(', ')} has no service ${service} any more` };
    const around: Around = {
      platform: facts.identity.platform,
      product: container.product,
      rootless: container.rootless === true,
      holders: [],
    };
    return { project, request, around, container, service };
  } catch (error) {
    if (error instanceof Error && error.name === 'ComposeProblem') return { reason: error.message };
    throw error;
  }
}

/** The plan of all edits: those of one project are made together, so that each file is one change. */
export async function planOfEdits(
  compose: ComposeModule,
  recipe: string,
  planning: Planning,
  wanted: readonly WantedEdit[],
): Promise<{ plan?: Plan; refused: { cause: Cause; reason: string; instructions: string[] }[] }> {
  const refused: { cause: Cause; reason: string; instructions: string[] }[] = [];
  const plans: Plan[] = [];
  const recreate = planning.facts.options.recreate === true;
  const byProject = grouped(wanted, (one) => one.own.request.files.join(','));
  for (const group of byProject.values()) {
    const [first] = group;
    if (!first) continue;
    const { own } = first;
    const findings = group.map((one) => asFinding(one));
    const edited = await compose.editProject(planning.machine, own.request, own.around, findings);
    for (const { finding, reason } of edited.refused) {
      const index = findings.indexOf(finding);
      const one = group[index];
      if (one)
        refused.push({ cause: one.cause, reason: `${one.own.container.name}: ${reason}`, instructions: [] });
    }
    const cured = group.filter(
      (_, index) => !edited.refused.some(({ finding }) => finding === findings[index]),
    );
    const command: Argv = [
      'docker',
      'compose',
      '-p',
      own.container.compose?.project ?? '',
      ...own.request.files.flatMap((file) => ['-f', file]),
      'up',
      '-d',
    ];
    const plan = compose.editPlan(
      edited,
      cured.map((one) => keyOf(one.cause)),
      command,
      recreate,
    );
    if (!plan) continue;
    for (const { path, after } of edited.files) planning.draft.files.set(path, after);
    plans.push({
      ...plan,
      notes: [...plan.notes, ...new Set(cured.flatMap((one) => one.notes))],
      ...(recreate ? {} : { later: [[...command, ...compose.servicesOf(edited)]] }),
    });
  }
  const [one, ...others] = plans;
  if (!one) return { refused };
  const later = plans.flatMap((plan) => plan.later ?? []);
  return {
    refused,
    plan: {
      recipe,
      cures: plans.flatMap((plan) => plan.cures),
      changes: plans.flatMap((plan) => plan.changes),
      gainsAccess: [],
      notes: [...new Set([one, ...others].flatMap((plan) => plan.notes))],
      ...(later.length === 0 ? {} : { later }),
    },
  };
}

function asFinding({ cause, own, cures }: WantedEdit): ComposeFinding {
  const service = own.project.services.get(own.service);
  if (!service) throw new Error(`${own.service} is a service of its project`);
  return {
    code: cause.code as ComposeFinding['code'],
    status: 'fail',
    service: own.service,
    summary: cause.summary,
    at: service.key,
    instructions: [],
    cures,
  };
}

function grouped<T>(all: readonly T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return groups;
}

/** Clients of a cause: the containers that it is about, with each URL they have. */
export async function clientsOf({ facts }: Planning, cause: Cause): Promise<OllamaClient[]> {
  return (await facts.clients()).filter((client) => !client.hypothetical && client.subject === cause.subject);
}
