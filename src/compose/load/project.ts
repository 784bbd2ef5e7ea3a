import type { Machine } from '../../machine/machine.ts';
import type { ComposeWarning, Project, ProjectNetwork, Service } from '../model/model.ts';
import { asService, laidOver, type ServicePart } from '../model/part.ts';
import { isTrue, mapAt, scalarAt, written } from '../model/scope.ts';
import { ComposeProblem } from '../problem.ts';
import type { Source } from '../source.ts';
import { Files } from './files.ts';
import { included } from './include.ts';
import { type Layer, Layers } from './layers.ts';
import { Variables, variablesFor } from './variables.ts';

export interface ProjectRequest {
  /** Compose files, whole paths, in the order they are laid over one another. */
  files: readonly string[];
  /** Files with variables in place of `.env`. */
  envFiles?: readonly string[];
  /** Variables of the shell. */
  shell: Readonly<Record<string, string | undefined>>;
  /** Texts that files will have, by path: to look at what a change would make. */
  planned?: ReadonlyMap<string, string>;
}

/** A project with what tells where its variables come from. */
export interface LoadedProject extends Project {
  variables: Variables;
}

/**
 * Reads a compose project from its files, as `docker compose -f A -f B` puts it together. Reads files and nothing
 * else: no engine is asked.
 *
 * @throws ComposeProblem, one line with file, line and column, for what cannot be understood
 */
export async function loadProject(machine: Machine, request: ProjectRequest): Promise<LoadedProject> {
  const files = new Files(machine, request.planned);
  const [first] = request.files;
  if (first === undefined) throw new ComposeProblem('no compose file was named');
  const directory = files.paths.dirname(first);
  const variables = await variablesFor(files, directory, request.shell, request.envFiles);
  const loader = new ProjectLoader(files, variables);
  await loader.add(request.files, directory, variables);
  return loader.result(directory);
}

/** Puts services and networks of files together; used again for each included project. */
class ProjectLoader {
  private readonly files: Files;
  private readonly variables: Variables;
  private readonly services = new Map<string, Service>();
  private readonly networks = new Map<string, ProjectNetwork>();
  private readonly sources = new Map<string, Source>();
  private readonly variableFiles = new Map<string, Source>();
  private readonly warnings: ComposeWarning[] = [];
  private readonly including: string[] = [];
  private name: string | undefined;

  constructor(files: Files, variables: Variables) {
    this.files = files;
    this.variables = variables;
  }

  /** Adds the project of these files, and what they include. */
  async add(paths: readonly string[], directory: string, variables: Variables): Promise<void> {
    const cycle = paths.find((path) => this.including.includes(path));
    if (cycle !== undefined || this.including.length > 100)
      throw new ComposeProblem(
        `${cycle ?? paths[0] ?? ''} includes itself: ${[...this.including, cycle].join(' -> ')}`,
      );
    this.including.push(...paths);
    const warn = (warning: ComposeWarning): void => void this.warnings.push(warning);
    const layers = new Layers(this.files, { lookup: (name) => variables.value(name), warn }, (source) =>
      this.sources.set(source.path, source),
    );
    const chain: Layer[] = [];
    for (const path of paths) chain.push(...(await layers.open(path)));
    for (const source of variables.files) this.variableFiles.set(source.path, source);
    assertComposes(chain);
    for (const layer of chain) await this.includes(layer, directory, variables);
    const own = new Map<string, ServicePart>();
    for (const [index, layer] of chain.entries()) {
      for (const [name, entry] of layer.services) {
        const part = await layers.part(layer, name, entry, chain.slice(0, index + 1));
        const below = own.get(name);
        own.set(name, below ? laidOver(below, part) : part);
      }
      this.takeNetworks(layer, layers);
      const named = scalarAt(layer.root.entries.get('name')?.value, 'name');
      if (named) this.name ??= written(named, layers.scope).value;
    }
    for (const [name, part] of own) this.services.set(name, asService(name, part));
    this.including.splice(-paths.length);
  }

  private async includes(layer: Layer, directory: string, variables: Variables): Promise<void> {
    for (const one of included(layer, directory, this.files.paths)) {
      const inner = variables.copy();
      for (const path of one.envFiles) {
        const source = await (one.envNamed
          ? this.files.needed(path, 'env file')
          : this.files.source(path, 'env file'));
        if (source) inner.add(source);
      }
      await this.add(one.paths, one.directory, inner);
    }
  }

  private takeNetworks({ root }: Layer, layers: Layers): void {
    const map = mapAt(root.entries.get('networks')?.value, 'networks');
    for (const [name, { value }] of map?.entries ?? []) {
      const entries = mapAt(value, `network ${name}`)?.entries;
      const external = entries?.get('external')?.value;
      this.networks.set(name, {
        name,
        external: external !== undefined && (external.kind === 'map' || isTrue(external, layers.scope)),
        internal: isTrue(entries?.get('internal')?.value, layers.scope),
      });
    }
  }

  result(directory: string): LoadedProject {
    const name =
      this.name ?? this.variables.value('COMPOSE_PROJECT_NAME') ?? this.files.paths.basename(directory);
    return {
      directory,
      name,
      services: this.services,
      networks: this.networks,
      files: [...this.sources.values()],
      variableFiles: [...this.variableFiles.values()],
      warnings: unique(this.warnings),
      variables: this.variables,
    };
  }
}

/** The same line may be read several times, as services extend one another. */
function unique(warnings: readonly ComposeWarning[]): ComposeWarning[] {
  return [
    ...new Map(warnings.map((one) => [`${one.at.source.path} ${one.at.start} ${one.message}`, one])).values(),
  ];
}

/** At least one file must look like a compose file: with `services`, or `include`. */
function assertComposes(layers: readonly Layer[]): void {
  const has = (key: string): boolean => layers.some(({ root }) => root.entries.has(key));
  if (has('services') || has('include')) return;
  const [layer] = layers;
  const path = layer?.source.path ?? '';
  const keys = [...(layer?.root.entries.keys() ?? [])];
  const oldStyle = [...(layer?.root.entries.values() ?? [])].some(
    ({ value }) => value.kind === 'map' && (value.entries.has('image') || value.entries.has('build')),
  );
  if (oldStyle)
    throw new ComposeProblem(
      `${path} has services at its top, as Compose files of version 1 had`,
      undefined,
      'put them under services:',
    );
  throw new ComposeProblem(
    keys.length === 0
      ? `${path} is empty`
      : `${path} is no compose file: it has no services (its keys are ${keys.slice(0, 5).join(', ')})`,
  );
}
