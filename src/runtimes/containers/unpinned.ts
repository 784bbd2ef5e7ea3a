import type { Container } from '../../facts/containers.ts';
import type { Machine } from '../../machine/machine.ts';

/** A network of a compose project whose subnet nobody wrote down. */
export interface UnpinnedNetwork {
  name: string;
  subnets: string[];
}

/**
 * Networks of compose projects whose subnets none of the project's files names: made again (`docker compose down`, then
 * `up`), such a network may get another one. Left out where a file cannot be read, or takes a subnet from a variable.
 */
export async function findUnpinned(
  machine: Machine,
  containers: readonly Container[],
): Promise<UnpinnedNetwork[]> {
  const found = new Map<string, UnpinnedNetwork>();
  const files = new Map<string, Promise<string | undefined>>();
  const textOf = (path: string): Promise<string | undefined> => {
    const known =
      files.get(path) ?? machine.read(path).then((read) => (read.outcome === 'read' ? read.text : undefined));
    files.set(path, known);
    return known;
  };
  for (const { compose, networks } of containers) {
    const open = networks.filter(({ driver, pinned }) => driver === 'bridge' && pinned === undefined);
    if (!compose || compose.configFiles.length === 0 || open.length === 0) continue;
    const texts = await Promise.all(compose.configFiles.map(textOf));
    if (
      texts.some(
        (text) => text === undefined || /^\s*-?\s*subnet:.*\$/mu.test(text) || /^\s*include:/mu.test(text),
      )
    )
      continue;
    // A network from elsewhere is not this project's to make.
    for (const { name, subnets } of open)
      if (
        name.startsWith(`${compose.project}_`) &&
        !subnets.some(({ subnet }) => texts.some((text) => text?.includes(subnet)))
      )
        found.set(name, { name, subnets: subnets.map(({ subnet }) => subnet) });
  }
  return [...found.values()];
}
