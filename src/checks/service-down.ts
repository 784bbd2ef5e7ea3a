import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import { settingInForce } from '../facts/in-force.ts';
import type { Listener } from '../facts/network.ts';
import type { OllamaService } from '../facts/service.ts';
import { commandsFor, managerInWords } from '../findings/service-commands.ts';
import { parseOllamaHost } from '../ollama/host-setting.ts';
import { mendedOrigins } from '../ollama/origin-setting.ts';
import { meantPort } from '../path/meant-port.ts';
import { hasSettingPlace } from '../path/setting-place.ts';
import { failureInWords } from './service-failure.ts';

/** What is said of a service that does not run while somebody wants it: why, as far as its log says, and what mends it. */
export async function notRunning(
  facts: Facts,
  service: OllamaService,
  evidence: Finding['evidence'],
): Promise<Finding> {
  const kept = [...(evidence ?? [])];
  const { failure, name } = service;
  if (failure && !kept.some((row) => row.text.includes(failure.line)))
    kept.push({ source: `journal of ${name}`, text: failure.line });
  const commands = commandsFor(service);
  if (service.startsAtBoot === 'masked')
    return {
      status: 'fail',
      code: 'not-running',
      summary: `${name} is masked: somebody switched it off for good`,
      evidence: kept,
      instructions: [`sudo systemctl unmask ${name}`, commands.start],
    };
  if (service.state === 'crash-loop' || (service.state === 'failed' && failure)) {
    const holders = await holdersOf(facts, service);
    if (holders.length === 0 && (await isOver(facts, service)))
      return {
        status: 'fail',
        code: 'not-running',
        summary: `${name} could not start (${failure?.line ?? ''}), and nothing stands in its way any more`,
        evidence: kept,
        recipe: 'start-service',
      };
    const containers = holders.length === 0 ? undefined : await facts.containers();
    const words = failureInWords(service, holders, containers?.state === 'seen' ? containers.value : []);
    const looped = service.state === 'crash-loop' ? 'starts and ends again' : 'failed';
    const look = commands.log === undefined ? [] : [`its last words: ${commands.log}`];
    return {
      status: 'fail',
      code: failure?.kind === 'port-in-use' ? 'port-conflict' : 'crash-loop',
      summary: `${name} ${failure?.kind === 'port-in-use' ? 'cannot start' : looped}: ${words.summary}`,
      evidence: kept,
      ...recipeFor(service),
      instructions: [...words.instructions, ...look.filter((line) => !words.instructions.includes(line))],
    };
  }
  const boot = service.startsAtBoot === false ? ', and not set to start at boot' : '';
  const by = service.manager === 'systemd' ? '' : ` (${managerInWords(service)})`;
  return {
    status: 'fail',
    code: 'not-running',
    summary: `${name}${by} is ${service.state}${boot}: nothing can answer`,
    evidence: kept,
    ...(isStarted(service) ? { recipe: 'start-service' } : {}),
    ...(service.manager === 'systemd'
      ? {}
      : {
          instructions: [
            commands.start,
            ...(boot === '' || commands.enable === undefined ? [] : [commands.enable]),
          ],
        }),
  };
}

/** Whether the recipe starts it. */
function isStarted({ manager, state }: OllamaService): boolean {
  return manager === 'systemd' || (manager === 'openrc' && state !== 'unknown');
}

/** The recipe that mends why it ends, where it is plain what was meant and there is a place to write it. */
function recipeFor(service: OllamaService): { recipe?: string } {
  if (!hasSettingPlace(service)) return {};
  if (service.failure?.kind === 'low-port' && meantPort(service) !== undefined) return { recipe: 'set-port' };
  const origins = settingInForce(service.settings, 'OLLAMA_ORIGINS');
  const isPlain = origins !== undefined && mendedOrigins(origins.value) !== undefined;
  return service.failure?.kind === 'bad-origins' && isPlain ? { recipe: 'mend-origins' } : {};
}

/** Who listens on the port that the service wants, at an address that is in its way. */
async function holdersOf(facts: Facts, service: OllamaService): Promise<Listener[]> {
  const looked = await facts.listeners();
  if (looked.state !== 'seen') return [];
  const { port } = parseOllamaHost(service.configuredHost);
  return looked.value.listeners.filter((listener) => listener.port === port);
}

/** Whether what made it fail is gone, as far as that can be seen: its port is free, its address is there. */
async function isOver(facts: Facts, service: OllamaService): Promise<boolean> {
  // One that is started again and again comes up by itself.
  if (service.state !== 'failed' && service.gaveUp !== true) return false;
  const { kind } = service.failure ?? {};
  if (kind === 'port-in-use') return (await facts.listeners()).state === 'seen';
  if (kind !== 'bad-address') return false;
  const network = await facts.network();
  const { listensOn } = parseOllamaHost(service.configuredHost);
  if (network.state !== 'seen' || listensOn.kind !== 'address') return false;
  return network.value.addresses.some(({ address, up }) => up && address === listensOn.address);
}
