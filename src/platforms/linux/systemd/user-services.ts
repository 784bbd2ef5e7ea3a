import type { Machine } from '../../../machine/machine.ts';
import { readService } from './services.ts';
import type { SystemdService, UnitUser } from './services.ts';
import { existingUnits, showUnits } from './show-units.ts';

/** Units of a user's own manager that start Ollama: written by hand, and Homebrew's, by its old name and its new one. */
const userUnits = ['ollama.service', 'homebrew.ollama.service', 'sh.brew.ollama.service'] as const;

/**
 * The own units of the user, and under sudo of the user behind it. Their manager is asked only where a file says that
 * there is something to ask for.
 */
export async function userServices(machine: Machine): Promise<SystemdService[]> {
  const { home, elevated, user, invokedBy } = machine.identity;
  const whose: UnitUser | undefined = !elevated
    ? { name: user, home, isSelf: true }
    : invokedBy && { name: invokedBy.user, home: invokedBy.home, isSelf: false };
  if (!whose) return [];
  const folders = await Promise.all(
    [`${whose.home}/.config/systemd/user`, `${whose.home}/.config/containers/systemd`].map((path) =>
      machine.list(path),
    ),
  );
  const isNamed = folders.some(
    (folder) => folder.outcome === 'listed' && folder.names.some((name) => name.includes('ollama')),
  );
  return isNamed ? unitsOf(machine, whose, userUnits) : [];
}

/** Asks a user's own manager for units; root asks it by `--machine=USER@.host` (systemctl(1)). */
export async function unitsOf(
  machine: Machine,
  user: UnitUser,
  units: readonly string[],
): Promise<SystemdService[]> {
  const whose = user.isSelf ? ['--user'] : ['--user', `--machine=${user.name}@.host`];
  const shown = await machine.run(showUnits(units, whose));
  if (shown.outcome !== 'exited' || shown.exitCode !== 0) return [];
  const found = existingUnits(shown.stdout);
  const lingers = found.length === 0 ? undefined : await isLingering(machine, user.name);
  const read = await Promise.all(found.map((unit) => readService(machine, unit, user)));
  return read.map(({ service, evidence }) => ({
    service: { ...service, ...(lingers !== undefined && { lingers }) },
    evidence,
  }));
}

/** Whether a user's manager starts at boot: logind keeps an empty file of the user's name (loginctl(1), "enable-linger"). */
async function isLingering(machine: Machine, user: string): Promise<boolean | undefined> {
  const users = await machine.list('/var/lib/systemd/linger');
  if (users.outcome === 'listed') return users.names.includes(user);
  return users.outcome === 'absent' ? false : undefined;
}
