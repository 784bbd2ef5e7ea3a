import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import type { OllamaService } from '../facts/service.ts';
import { commandsFor } from '../findings/service-commands.ts';
import { setByHand } from '../findings/set-by-hand.ts';
import { allWays, wantsThisHost } from './clients.ts';

/**
 * A service that somebody uses now and that the next boot leaves down: it is not enabled, or is a user's own whose
 * manager starts as the user logs in. Undefined where nobody in a container uses it: plenty of people start Ollama when
 * they want it.
 */
export async function startsAtBoot(facts: Facts): Promise<Finding | undefined> {
  const services = await facts.services();
  if (services.state !== 'seen') return undefined;
  const [service] = services.value;
  if (service?.state !== 'running') return undefined;
  const atLogin = service.lingers === false && service.startsAtBoot === true;
  if (service.startsAtBoot !== false && !atLogin) return undefined;
  const served = (await allWays(facts)).filter(
    (way) => !way.client.hypothetical && way.works && wantsThisHost(way),
  );
  if (served.length === 0) return undefined;
  const names = [...new Set(served.map((way) => way.client.container.name))].join(', ');
  const { enable } = commandsFor(service);
  const { manager, name, user = 'its user', startedBy = 'by hand' } = service;
  const isWritten = manager === 'systemd' || manager === 'systemd-user';
  const linger = `sudo loginctl enable-linger ${user}`;
  const summary =
    manager === 'by-hand'
      ? `${names} uses an Ollama that was started ${startedBy}: after a reboot it is gone`
      : atLogin
        ? `${names} uses ${name} of ${user}'s, which starts as ${user} logs in: after a reboot it is down until then`
        : `${names} uses ${name}, which does not start at boot: after a reboot it is down`;
  return {
    status: 'warn',
    code: 'not-persistent',
    summary,
    evidence: services.evidence.slice(0, 1),
    ...(isWritten ? { recipe: 'enable-service' } : {}),
    instructions:
      manager === 'by-hand'
        ? lastingInstead(service, services.value)
        : [
            atLogin ? linger : (enable ?? `have ${name} start at boot`),
            ...(isWritten ? ['or: sudo ollama-doctor fix --fix-only enable-service'] : []),
          ],
  };
}

/** What a server that was started by hand gives way to: a service that is here and does not run, told the same. */
function lastingInstead(own: OllamaService, all: readonly OllamaService[]): string[] {
  const idle = all.find(
    (one) =>
      one.state !== 'running' && one.startsAtBoot !== 'masked' && commandsFor(one).enable !== undefined,
  );
  if (!idle) return ['what should last is a service: https://docs.ollama.com/linux says how'];
  const told = own.processHost?.value;
  const [edit] =
    told === undefined || told === '' || told === idle.configuredHost
      ? []
      : setByHand(idle, { variable: 'OLLAMA_HOST', value: told });
  const { enable = '', start } = commandsFor(idle);
  const isSystemd = enable.startsWith('sudo systemctl enable ');
  return [
    ...(edit === undefined ? [] : [`${idle.name} is not told the same yet: ${edit}`]),
    `end the one that was started by hand${own.pid === undefined ? '' : `: kill ${own.pid}`}`,
    ...(isSystemd ? [enable.replace(' enable ', ' enable --now ')] : [enable, start]),
  ];
}
