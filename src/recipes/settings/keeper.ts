import type { Argv } from '../../changes/change.ts';
import type { OllamaService } from '../../facts/service.ts';
import type { FileAttributes, Identity } from '../../machine/machine.ts';
import { hasSettingPlace } from '../../path/setting-place.ts';

export const dropInName = 'zz-ollama-doctor.conf';

/** Where a systemd manager keeps what a unit is told, and what makes it count. */
export interface Keeper {
  /** The drop-in that sorts behind those people write. */
  dropIn: string;
  attributes: FileAttributes;
  reload: Argv;
  restart: Argv;
  /** What was stopped by somebody in the meantime stays stopped. */
  restartIfRunning: Argv;
  /** Whose own manager it is; absent for the system's. */
  user?: { name: string; uid: number };
  /** Whether writing there takes root. */
  elevated: boolean;
}

/**
 * @returns undefined where no file of ours counts, and for a user's unit where neither that user nor sudo of theirs runs
 * the doctor: what root writes below a home is written through links that its owner can lay meanwhile
 */
export function keeperOf(service: OllamaService, identity: Identity): Keeper | undefined {
  const { manager, name, user } = service;
  if (!hasSettingPlace(service) || manager === 'openrc') return undefined;
  if (manager === 'systemd')
    return {
      dropIn: `/etc/systemd/system/${name}.d/${dropInName}`,
      attributes: { mode: 0o644 },
      ...commands([], name),
      elevated: true,
    };
  const owner = ownerOf(user, identity);
  if (!owner) return undefined;
  return {
    dropIn: `${owner.home}/.config/systemd/user/${name}.d/${dropInName}`,
    attributes: { mode: 0o644, uid: owner.uid },
    // root asks a user's manager by --machine, and starts it where it does not run (systemctl(1)).
    ...commands(owner.isSelf ? ['--user'] : ['--user', `--machine=${owner.user}@.host`], name),
    user: { name: owner.user, uid: owner.uid },
    elevated: !owner.isSelf,
  };
}

/** The user whose own manager may be told things by this process: who runs it, or who runs it by sudo. */
export function ownerOf(
  user: string | undefined,
  { elevated, user: own, uid, home, invokedBy }: Identity,
): { user: string; uid: number; home: string; isSelf: boolean } | undefined {
  if (user === own && !elevated) return { user, uid, home, isSelf: true };
  return user !== undefined && invokedBy?.user === user ? { ...invokedBy, isSelf: false } : undefined;
}

function commands(
  whose: readonly string[],
  unit: string,
): Pick<Keeper, 'reload' | 'restart' | 'restartIfRunning'> {
  return {
    reload: ['systemctl', ...whose, 'daemon-reload'],
    restart: ['systemctl', ...whose, 'restart', unit],
    restartIfRunning: ['systemctl', ...whose, 'try-restart', unit],
  };
}
