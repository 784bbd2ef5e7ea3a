import { readEnvFile } from '../env-file.ts';
import type { Cure } from '../judge/finding.ts';
import type { LoadedProject } from '../load/project.ts';
import type { Source } from '../source.ts';
import { readYaml } from '../yaml/read.ts';
import type { Tree } from '../yaml/tree.ts';
import { type Difference, differences } from './differences.ts';

/**
 * Whether two states of a project differ by the one thing that a cure is for: one scalar with another text, or one
 * name of a host more. Compares whole files, also what the doctor has no use for, and env files entry by entry.
 */
export function isIntended(before: LoadedProject, after: LoadedProject, cure: Cure): boolean {
  const trees = pairs(before.files, after.files).flatMap(([one, other]) =>
    differences(readYaml(one), readYaml(other)),
  );
  const entries = pairs(sourcesOf(before), sourcesOf(after)).reduce(
    (sum, [one, other]) => sum + changedEntries(one, other),
    0,
  );
  if (entries > 0) return cure.kind === 'set-url' && entries === 1 && trees.length === 0;
  const [difference, ...more] = atDistinctPlaces(trees);
  if (!difference || more.length > 0) return false;
  return cure.kind === 'set-url' ? isReplaced(difference) : isAddedHost(difference, cure.host);
}

function pairs(before: readonly Source[], after: readonly Source[]): [Source, Source][] {
  return before.flatMap((one): [Source, Source][] => {
    const other = after.find((each) => each.path === one.path);
    return other && other.text !== one.text ? [[one, other]] : [];
  });
}

function sourcesOf(project: LoadedProject): Source[] {
  const fromServices = [...project.services.values()].flatMap((service) =>
    [...service.environment.values()].flatMap((one) => (one.from === 'env_file' ? [one.at.source] : [])),
  );
  return [...new Map([...project.variableFiles, ...fromServices].map((one) => [one.path, one])).values()];
}

/** Entries of an env file that are not as they were; a great number when they are not the same ones. */
function changedEntries(before: Source, after: Source): number {
  const read = (source: Source) =>
    readEnvFile(source, () => undefined).map(
      ({ name, at }) => [name, source.text.slice(at.start, at.end)] as const,
    );
  const [old, fresh] = [read(before), read(after)];
  if (old.length !== fresh.length || old.some(([name], index) => name !== fresh[index]?.[0])) return 1000;
  return old.filter(([, text], index) => text !== fresh[index]?.[1]).length;
}

/** One written thing may be met by many ways, over anchors. */
function atDistinctPlaces(all: readonly Difference[]): Difference[] {
  const key = ({ before, after }: Difference): string => `${place(before)} ${place(after)}`;
  return [...new Map(all.map((one) => [key(one), one])).values()];
}

function place(tree: Tree | undefined): string {
  return tree ? `${tree.at.source.path}:${tree.at.start}` : '';
}

function isReplaced({ before, after }: Difference): boolean {
  return before?.kind === 'scalar' && after?.kind === 'scalar' && before.tag === after.tag && !after.isNull;
}

function isAddedHost({ path, before, after }: Difference, host: string): boolean {
  if (!path.includes('extra_hosts') || !after) return false;
  const texts = textsOf(after);
  const isNew = before === undefined || (before.kind === 'scalar' && before.isNull);
  return isNew && texts.some((text) => text === `${host}:host-gateway` || text === 'host-gateway');
}

function textsOf(tree: Tree): string[] {
  if (tree.kind === 'scalar') return [tree.text];
  if (tree.kind === 'list') return tree.items.flatMap(textsOf);
  return [...tree.entries.values()].flatMap(({ value }) => textsOf(value));
}
