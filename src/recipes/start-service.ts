import type { CommandChange } from '../changes/change.ts';
import type { OllamaService } from '../facts/service.ts';
import { commandsFor, managerInWords } from '../findings/service-commands.ts';
import { parseOllamaHost } from '../ollama/host-setting.ts';
import { containersLetIn } from './gaining.ts';
import { keyOf, type Outcome, type Planning, type Recipe, refusal } from './recipe.ts';

const id = 'start-service';

/** Starts a service that is stopped. Whether it starts at boot is left as it is, and said. */
export const startService: Recipe = {
  id,
  cures: ['not-running'],
  async plan(planning, causes): Promise<Outcome> {
    const { facts } = planning;
    const services = await facts.services();
    const service = services.state === 'seen' ? services.value[0] : undefined;
    if (!service)
      return refusal(id, 'no service here starts Ollama, so there is none to start', [
        'start it: ollama serve',
      ]);
    if (service.startsAtBoot === 'masked')
      return refusal(id, `${service.name} is masked: somebody switched it off for good`, [
        `sudo systemctl unmask ${service.name}`,
        `sudo systemctl start ${service.name}`,
      ]);
    if (service.state === 'running' || service.state === 'starting') return { refusals: [] };
    const change = startOf(service);
    if (!change) return refusal(id, byHand(service), [commandsFor(service).start]);
    return {
      refusals: [],
      plan: {
        recipe: id,
        cures: causes.map(keyOf),
        changes: [change],
        ...(await comesBack(planning, service)),
        ...(service.startsAtBoot === false ? { notPersistent: notEnabled(service) } : {}),
      },
    };
  },
};

/** A server that was told to listen beyond loopback can be reached again by whoever could while it ran. */
export async function comesBack(
  planning: Planning,
  service: OllamaService,
): Promise<{ gainsAccess: string[]; notes: string[] }> {
  const setting = parseOllamaHost(service.configuredHost);
  if (setting.listensOn.kind === 'loopback') return { gainsAccess: [], notes: [] };
  const network = await planning.facts.network();
  return {
    gainsAccess: network.state === 'seen' ? await containersLetIn(planning, network.value, setting.port) : [],
    notes: [
      `it listens on ${service.configuredHost ?? 'what it was told'}, as it was set up: whoever the rules let through to port ${setting.port} can reach it again`,
    ],
  };
}

/** Undefined for a manager that is not told by this program. */
function startOf({ manager, name, state }: OllamaService): CommandChange | undefined {
  const common = { kind: 'command', summary: `start ${name}`, diff: '', elevated: true } as const;
  if (manager === 'systemd')
    return {
      ...common,
      apply: ['systemctl', 'start', name],
      undo: [['systemctl', 'stop', name]],
      inForce: { argv: ['systemctl', 'is-active', name], line: 'active' },
    };
  if (manager === 'openrc')
    return {
      ...common,
      // How its state is put in words depends on what supervises it; a crashed one counts as started (openrc-run(8)).
      apply: ['rc-service', name, state === 'failed' ? 'restart' : 'start'],
      undo: [['rc-service', '--ifstarted', name, 'stop']],
    };
  return undefined;
}

function notEnabled(service: OllamaService): { summary: string; instructions: string[] } {
  return {
    summary: `${service.name} does not start at boot: after a reboot Ollama is stopped again`,
    instructions: [commandsFor(service).enable ?? `have ${service.name} start at boot`],
  };
}

function byHand(service: OllamaService): string {
  return `${service.name} is started by ${managerInWords(service)}, which this version does not handle`;
}
