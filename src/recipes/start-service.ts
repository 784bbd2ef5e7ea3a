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
    if (service.manager !== 'systemd') return refusal(id, byHand(service), [commandsFor(service).start]);
    const { name } = service;
    return {
      refusals: [],
      plan: {
        recipe: id,
        cures: causes.map(keyOf),
        changes: [
          {
            kind: 'command',
            summary: `start ${name}`,
            apply: ['systemctl', 'start', name],
            undo: [['systemctl', 'stop', name]],
            inForce: { argv: ['systemctl', 'is-active', name], line: 'active' },
            diff: '',
            elevated: true,
          },
        ],
        ...(await comesBack(planning, service)),
        ...(service.startsAtBoot === false ? { notPersistent: notEnabled(name) } : {}),
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

function notEnabled(name: string): { summary: string; instructions: string[] } {
  return {
    summary: `${name} does not start at boot: after a reboot Ollama is stopped again`,
    instructions: [`sudo systemctl enable ${name}`],
  };
}

function byHand(service: OllamaService): string {
  return `${service.name} is started by ${managerInWords(service)}, which this version does not handle`;
}
