import type { CommandChange } from '../changes/change.ts';
import { keyOf, type Outcome, type Recipe } from './recipe.ts';
import { ownerOf } from './settings/keeper.ts';

const id = 'enable-service';

/** Has a service that runs start at boot too. Only on demand: somebody may have switched it off. */
export const enableService: Recipe = {
  id,
  cures: ['not-persistent'],
  onDemand: true,
  async plan({ facts, machine }, causes): Promise<Outcome> {
    const services = await facts.services();
    const service = services.state === 'seen' ? services.value[0] : undefined;
    const atLogin = service?.manager === 'systemd-user' && service.lingers === false;
    if (!service || (service.startsAtBoot !== false && !atLogin)) return { refusals: [] };
    if (service.manager !== 'systemd' && service.manager !== 'systemd-user') return { refusals: [] };
    const { name, manager, user } = service;
    const owner = manager === 'systemd-user' ? ownerOf(user, machine.identity) : undefined;
    const whose = owner ? (owner.isSelf ? ['--user'] : ['--user', `--machine=${owner.user}@.host`]) : [];
    if (manager === 'systemd-user' && !owner)
      return {
        refusals: [
          {
            recipe: id,
            reason: `${name} is ${user ?? 'a user'}'s own service`,
            instructions: [`run it as ${user ?? 'that user'}, with sudo`],
          },
        ],
      };
    const changes: CommandChange[] = [];
    if (service.startsAtBoot === false)
      changes.push({
        kind: 'command',
        summary: `have ${name} start ${owner ? `with ${owner.user}'s own services` : 'at boot'}`,
        apply: ['systemctl', ...whose, 'enable', name],
        undo: [['systemctl', ...whose, 'disable', name]],
        inForce: { argv: ['systemctl', ...whose, 'is-enabled', name], line: 'enabled' },
        diff: '',
        elevated: owner?.isSelf !== true,
      });
    if (owner && service.lingers === false) {
      const file = `/var/lib/systemd/linger/${owner.user}`;
      changes.push({
        kind: 'command',
        summary: `have ${owner.user}'s own services start at boot`,
        apply: ['loginctl', 'enable-linger', owner.user],
        undo: [['loginctl', 'disable-linger', owner.user]],
        inForce: { argv: ['find', '/var/lib/systemd', '-maxdepth', '2', '-path', file], line: file },
        diff: '',
        elevated: true,
      });
    }
    const notes = [`${name} runs already and is not restarted`];
    return { refusals: [], plan: { recipe: id, cures: causes.map(keyOf), changes, gainsAccess: [], notes } };
  },
};
