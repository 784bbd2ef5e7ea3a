import type { Machine } from '../../machine/machine.ts';
import { type Around, type ComposeFinding, type Cure } from '../judge/finding.ts';
import { judge } from '../judge/index.ts';
import { type LoadedProject, loadProject, type ProjectRequest } from '../load/project.ts';
import { ComposeProblem } from '../problem.ts';
import type { Source } from '../source.ts';
import { addHost } from './add-host.ts';
import { isIntended } from './intended.ts';
import { setUrl, wantedValue } from './set-url.ts';
import { type Splice, spliced } from './splice.ts';

export interface EditedProject {
  /** Each file that changes: what it is, and what it becomes. */
  files: { path: string; before: string; after: string }[];
  done: Cure[];
  /** Findings that a cure was named for and that stay, with the reason. */
  refused: { finding: ComposeFinding; reason: string }[];
  /** Services whose settings change besides those that are mended: they share a line. */
  alsoChanged: string[];
}

interface State {
  planned: ReadonlyMap<string, string>;
  project: LoadedProject;
}

/**
 * Works out the edits that mend findings, one after the other, each on the project as the ones before leave it. An edit
 * counts only when the project, read again with it, says exactly what was wanted and nothing else has another value;
 * a finding whose cures cannot all be made keeps its file as it was. Reads files and changes none.
 */
export async function editProject(
  machine: Machine,
  request: ProjectRequest,
  around: Around,
  findings: readonly ComposeFinding[],
): Promise<EditedProject> {
  const first = await loadProject(machine, request);
  let state: State = { planned: new Map(), project: first };
  const pending = findings.filter((one) => one.cures.length > 0);
  const all = pending.flatMap((one) => one.cures);
  const done: Cure[] = [];
  const refused: EditedProject['refused'] = [];
  const also = new Set<string>();
  for (const finding of pending) {
    let next: State | string = state;
    for (const cure of finding.cures) {
      if (typeof next === 'string') break;
      next = await cured(machine, request, next, cure, all);
    }
    if (typeof next !== 'string' && isWorse(state, next, around))
      next = 'the edit would make something else fail';
    if (typeof next === 'string') {
      refused.push({ finding, reason: next });
      continue;
    }
    for (const name of othersChanged(state.project, next.project, finding.cures, all)) also.add(name);
    state = next;
    done.push(...finding.cures);
  }
  const before = new Map(
    [...first.files, ...first.variableFiles, ...envFilesOf(first)].map((file) => [file.path, file.text]),
  );
  const files = [...state.planned].flatMap(([path, after]) => {
    const old = before.get(path);
    return old === undefined || old === after ? [] : [{ path, before: old, after }];
  });
  return { files, done, refused, alsoChanged: [...also] };
}

/** The state with one cure made, or why it cannot be. */
async function cured(
  machine: Machine,
  request: ProjectRequest,
  state: State,
  cure: Cure,
  all: readonly Cure[],
): Promise<State | string> {
  const { project } = state;
  if (isDone(project, cure)) return state;
  const service = project.services.get(cure.service);
  if (!service) return `there is no service ${cure.service}`;
  const proposed =
    cure.kind === 'set-url'
      ? setUrl(project, cure)
      : ((proposal) =>
          'splice' in proposal
            ? { splices: [proposal.splice], reason: 'the file is written in a way that is not understood' }
            : { splices: [], reason: proposal.reason })(addHost(service, cure.host));
  let { reason } = proposed;
  for (const splice of proposed.splices) {
    const next = await withSplice(machine, request, state, splice);
    if (typeof next === 'string') {
      reason = next;
      continue;
    }
    if (cure.kind === 'set-url' && valueOf(next.project, cure) !== wantedValue(project, cure)) continue;
    if (!isDone(next.project, cure)) continue;
    if (!isIntended(project, next.project, cure)) {
      reason = 'the edit would change more than it should';
      continue;
    }
    const others = othersChanged(project, next.project, [cure], all);
    if (others.length > 0 && cure.kind === 'set-url') {
      reason = `${others.join(', ')} ${others.length === 1 ? 'uses' : 'use'} the same line: change it by hand, for both or apart`;
      continue;
    }
    return next;
  }
  return reason;
}

async function withSplice(
  machine: Machine,
  request: ProjectRequest,
  state: State,
  splice: Splice,
): Promise<State | string> {
  const sources = [...state.project.files, ...state.project.variableFiles, ...envFilesOf(state.project)];
  const source = sources.find((one) => one.path === splice.path);
  if (!source) return `${splice.path} is no file of this project`;
  // What is not UTF-8 would not be written back as it was.
  if (source.text.includes('\u{fffd}')) return `${splice.path} has characters that are not UTF-8`;
  const planned = new Map([...state.planned, [splice.path, spliced(source.text, splice)]]);
  try {
    return { planned, project: await loadProject(machine, { ...request, planned }) };
  } catch (error) {
    if (error instanceof ComposeProblem) return 'the file is written in a way that cannot be edited safely';
    throw error;
  }
}

function isDone(project: LoadedProject, cure: Cure): boolean {
  const service = project.services.get(cure.service);
  if (cure.kind === 'add-host') return service?.extraHosts.some((one) => one.name === cure.host) === true;
  const value = valueOf(project, cure);
  if (value?.includes(cure.to) !== true) return false;
  // A path more leaves the old address as the beginning of the new one.
  const rest = cure.to.includes(cure.from) ? value.replaceAll(cure.to, '') : value;
  return !rest.includes(cure.from);
}

function valueOf(project: LoadedProject, cure: Extract<Cure, { kind: 'set-url' }>): string | undefined {
  const service = project.services.get(cure.service);
  const setting = service?.environment.get(cure.setting);
  if (setting) return setting.value;
  return service?.argv.find((word) => word.value.includes(cure.to) || word.value.includes(cure.from))?.value;
}

/** Services besides the mended ones whose settings or names are not what they were. */
function othersChanged(
  before: LoadedProject,
  after: LoadedProject,
  cures: readonly Cure[],
  all: readonly Cure[],
): string[] {
  const meant = new Set(cures.map((cure) => cure.service));
  return [...after.services].flatMap(([name, service]) => {
    const was = before.services.get(name);
    if (meant.has(name) || !was || fingerprint(was) === fingerprint(service)) return [];
    // Whoever is about to get the same change is no bystander.
    const same = all.some(
      (one) =>
        one.service === name &&
        cures.some(
          (cure) =>
            cure.kind === one.kind && JSON.stringify({ ...cure, service: name }) === JSON.stringify(one),
        ),
    );
    return same ? [] : [name];
  });
}

function fingerprint(
  service: LoadedProject['services'] extends ReadonlyMap<string, infer S> ? S : never,
): string {
  return JSON.stringify([
    [...service.environment.values()].map(({ name, value }) => [name, value]),
    service.extraHosts.map(({ name, address }) => [name, address]),
    service.argv.map((word) => word.value),
    service.image,
    service.ports.map((port) => ({ ...port, at: 0 })),
  ]);
}

/** Whether something is found now that was not there before. */
function isWorse(before: State, after: State, around: Around): boolean {
  const key = (one: ComposeFinding): string => `${one.code} ${one.service}`;
  const known = new Set(judge(before.project, around).map(key));
  return judge(after.project, around).some((one) => one.status === 'fail' && !known.has(key(one)));
}

/** Files of `env_file`, as far as settings came from them. */
function envFilesOf(project: LoadedProject): Source[] {
  const sources = [...project.services.values()].flatMap((service) =>
    [...service.environment.values()].flatMap((one) => (one.from === 'env_file' ? [one.at.source] : [])),
  );
  return [...new Set(sources)];
}
