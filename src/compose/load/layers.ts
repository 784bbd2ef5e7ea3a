import type { Setting } from '../model/model.ts';
import { laidOver, type ServicePart } from '../model/part.ts';
import { readService } from '../model/read-service.ts';
import { isNothing, isTrue, listAt, mapAt, scalarAt, type Scope, written, wrong } from '../model/scope.ts';
import { readEnvFile } from '../env-file.ts';
import { ComposeProblem } from '../problem.ts';
import { placeOf, type Source } from '../source.ts';
import { readYaml } from '../yaml/read.ts';
import type { MapEntry, MapTree, Tree } from '../yaml/tree.ts';
import type { Files } from './files.ts';
import { servicesOf } from './services.ts';

/** One document of one file. */
export interface Layer {
  source: Source;
  root: MapTree;
  services: ReadonlyMap<string, MapEntry>;
}

/** Opens files as layers and reads services from them, with what they extend and their env files. */
export class Layers {
  readonly scope: Scope;
  private readonly files: Files;
  private readonly opened: (source: Source) => void;
  private readonly known = new Map<string, Layer[]>();

  constructor(files: Files, scope: Scope, opened: (source: Source) => void) {
    this.files = files;
    this.scope = scope;
    this.opened = opened;
  }

  /** The documents of a file. @throws ComposeProblem for what is none */
  async open(path: string): Promise<Layer[]> {
    const known = this.known.get(path);
    if (known) return known;
    const source = await this.files.needed(path);
    this.opened(source);
    if (source.text.replace(/^\u{feff}/u, '').trim() === '') throw new ComposeProblem(`${path} is empty`);
    const layers = readYaml(source)
      .filter((tree) => !isNothing(tree))
      .map((root) => {
        if (root.kind !== 'map')
          throw new ComposeProblem(`${path} is no compose file: it has no services`, placeOf(root.at));
        return { source, root, services: servicesOf(root) };
      });
    if (layers.length === 0) throw new ComposeProblem(`${path} is empty but for comments`);
    this.known.set(path, layers);
    return layers;
  }

  /**
   * What a layer says of a service, over what that extends.
   * @param chain the layers so far, in which an extended service of the same file is looked up
   */
  async part(
    layer: Layer,
    name: string,
    entry: MapEntry,
    chain: readonly Layer[],
    trail: readonly string[] = [],
  ): Promise<ServicePart> {
    const step = `${layer.source.path}:${name}`;
    if (trail.includes(step)) {
      const round = [...trail, step].map((one) => one.slice(one.lastIndexOf(':') + 1));
      throw new ComposeProblem(`service ${name} extends itself: ${round.join(' -> ')}`, placeOf(entry.key));
    }
    const own: ServicePart = readService(name, entry, this.scope);
    const tree = entry.value;
    if (tree.kind !== 'map') return own;
    const fileEnvironment = await this.environmentOf(tree.entries.get('env_file')?.value, layer);
    const part: ServicePart = fileEnvironment ? { ...own, fileEnvironment } : own;
    const extended = tree.entries.get('extends')?.value;
    if (!extended || isNothing(extended)) return part;
    const base = await this.extendedPart(extended, layer, chain, [...trail, step]);
    return laidOver(base, part);
  }

  private async extendedPart(
    tree: Tree,
    layer: Layer,
    chain: readonly Layer[],
    trail: readonly string[],
  ): Promise<ServicePart> {
    const map = tree.kind === 'map' ? tree.entries : undefined;
    const serviceTree = map ? map.get('service')?.value : tree;
    const fileTree = scalarAt(map?.get('file')?.value, 'file');
    const service = scalarAt(serviceTree, 'extends');
    if (!service) throw wrong(tree, 'extends needs the name of a service');
    const name = written(service, this.scope).value;
    const path = fileTree ? this.resolve(layer, written(fileTree, this.scope).value) : undefined;
    const layers = path === undefined ? chain : await this.open(path);
    const found = layers.findLast((one) => one.services.has(name));
    const entry = found?.services.get(name);
    if (!found || !entry)
      throw new ComposeProblem(
        `there is no service ${name} to extend${path === undefined ? '' : ` in ${path}`}`,
        placeOf(service.at),
      );
    return this.part(found, name, entry, layers, trail);
  }

  /** Paths in a file are relative to its own folder. */
  private resolve(layer: Layer, path: string): string {
    const { paths } = this.files;
    return paths.resolve(paths.dirname(layer.source.path), path);
  }

  /** `env_file`: a path, a list of paths, or maps with `path`, `required` and `format`; later files win. */
  private async environmentOf(
    tree: Tree | undefined,
    layer: Layer,
  ): Promise<Map<string, Setting> | undefined> {
    if (!tree || isNothing(tree)) return undefined;
    const settings = new Map<string, Setting>();
    const items = tree.kind === 'map' ? [tree] : listAt(tree, 'env_file');
    for (const item of items) {
      const map = item.kind === 'map' ? mapAt(item, 'env_file') : undefined;
      const pathTree = scalarAt(map ? map.entries.get('path')?.value : item, 'env_file');
      if (!pathTree) continue;
      const path = written(pathTree, this.scope).value;
      if (path === '') continue;
      const required = map?.entries.get('required')?.value;
      const raw = scalarAt(map?.entries.get('format')?.value, 'format')?.text === 'raw';
      const source = await this.files.source(this.resolve(layer, path), 'env file');
      if (!source) {
        if (required === undefined || isTrue(required, this.scope))
          this.scope.warn({ message: `there is no env file ${path}`, at: pathTree.at, refuses: true });
        continue;
      }
      for (const entry of readEnvFile(source, this.scope.lookup, raw)) {
        const value = entry.value ?? this.scope.lookup(entry.name) ?? '';
        settings.set(entry.name, {
          name: entry.name,
          value,
          raw: source.text.slice(entry.at.start, entry.at.end),
          at: entry.at,
          variables: [],
          inherited: entry.value === undefined,
          from: 'env_file',
        });
      }
    }
    return settings;
  }
}
