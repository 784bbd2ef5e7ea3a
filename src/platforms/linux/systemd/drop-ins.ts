import type { Machine } from '../../../machine/machine.ts';

/** Where the system's manager looks for units, the first of them winning (systemd.unit(5), "Unit File Load Path"). */
export const systemUnitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
] as const;

/** The same for a user's own manager. */
export function userUnitFolders(home: string): string[] {
  return [`${home}/.config/systemd/user`, '/etc/systemd/user', '/run/systemd/user', '/usr/lib/systemd/user'];
}

/**
 * The drop-ins of a unit as they are on disk now, in the order they apply: by name, whatever their folder, and of two
 * of one name the one in the folder that comes first.
 * @param known those that the manager has read, for folders that cannot be listed and for drop-ins of all services
 */
export async function dropInsOnDisk(
  machine: Machine,
  unit: string,
  folders: readonly string[],
  known: readonly string[],
): Promise<string[]> {
  const listed = await Promise.all(
    folders.map(async (folder) => ({
      at: `${folder}/${unit}.d`,
      names: await machine.list(`${folder}/${unit}.d`),
    })),
  );
  const byName = new Map<string, string>();
  for (const { at, names } of listed) {
    if (names.outcome !== 'listed') continue;
    for (const name of names.names) {
      if (name.endsWith('.conf') && !byName.has(name)) byName.set(name, `${at}/${name}`);
    }
  }
  const gone = new Set(
    listed.flatMap(({ at, names }) => (names.outcome === 'listed' || names.outcome === 'absent' ? [at] : [])),
  );
  for (const path of known) {
    const cut = path.lastIndexOf('/');
    const name = path.slice(cut + 1);
    if (!gone.has(path.slice(0, cut)) && !byName.has(name)) byName.set(name, path);
  }
  return [...byName].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, path]) => path);
}
