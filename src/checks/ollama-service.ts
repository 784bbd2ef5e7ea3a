import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import { type OllamaService, serviceEvidence } from '../facts/service.ts';
import { managerInWords } from '../findings/service-commands.ts';
import { allWays, nobodyAsksThisHost } from './clients.ts';
import { notRunning } from './service-down.ts';
import { settingFindings } from './service-settings.ts';
import { couldNotLook, type FactCheck, hostOnly, notApplicable, pass } from './context.ts';

/** Is an Ollama server set up here, does it run, and does it heed what it was told? */
export const ollamaService: FactCheck = {
  id: 'ollama-service',
  needs: [],
  subjects: hostOnly,
  notApplicable: 'no host to look at',
  async run(facts) {
    const [services, asked] = await Promise.all([facts.services(), facts.host()]);
    const answers = asked.answer.kind === 'ollama';
    if (services.state === 'unavailable') return [couldNotLook(services, answers ? false : undefined)];
    const service = services.state === 'seen' ? services.value[0] : undefined;
    if (!service) return [await withoutService(facts, answers, services.evidence)];
    const evidence = services.evidence;
    if (hidesFrom(service) && !answers)
      return [
        {
          status: 'inconclusive',
          summary: `an Ollama runs here that nobody set up as a service (started ${managerInWords(service)}), and nothing answers at ${asked.url}: it may listen elsewhere`,
          evidence,
          instructions: [
            'see where it listens: sudo ss -ltnp, then: ollama-doctor --url http://127.0.0.1:PORT',
          ],
        },
      ];
    if (service.state === 'running' || service.state === 'starting')
      return [pass(running(service), evidence), ...(await settingFindings(facts, service))];
    if (answers)
      return [
        pass(`Ollama answers at ${asked.url}, started by other means than ${service.name}`, evidence),
        ...(await settingFindings(facts, service)),
      ];
    if (nobodyAsksThisHost(await allWays(facts)))
      return [
        notApplicable(
          `${service.name} is ${service.state}, and no container asks this host for Ollama`,
          evidence,
        ),
      ];
    return [await notRunning(facts, service, evidence), ...(await settingFindings(facts, service))];
  },
};

/** A server of somebody else's, of which it cannot be read where it listens. */
function hidesFrom(service: OllamaService): boolean {
  return service.manager === 'by-hand' && service.processHost === undefined;
}

function running(service: OllamaService): string {
  const { manager, name, state, user } = service;
  const pid = service.pid === undefined ? '' : ` (PID ${service.pid})`;
  if (manager === 'by-hand') {
    const boot = service.startsAtBoot === false ? ', and does not come back after a reboot' : '';
    return `Ollama runs${pid}${user === undefined ? '' : ` as ${user}`}, started ${managerInWords(service)}${boot}`;
  }
  const when = service.lingers === false ? `as ${user ?? 'its user'} logs in` : 'at boot';
  const boot = service.startsAtBoot === true ? `, starts ${when}` : '';
  const by = manager === 'systemd' ? '' : `, started by ${managerInWords(service)}`;
  return `${name} is ${state}${pid}${by}${boot}`;
}

async function withoutService(
  facts: Facts,
  answers: boolean,
  evidence: Finding['evidence'],
): Promise<Finding> {
  const kept = evidence ?? [];
  if (answers)
    return pass('Ollama answers, and no service starts it: it was started by hand, or in a container', kept);
  const ways = await allWays(facts);
  if (nobodyAsksThisHost(ways))
    return notApplicable('no Ollama on this host, and no container asks this host for one', kept);
  const asked = await facts.host();
  const something = asked.answer.kind !== 'unreachable' && asked.answer.kind !== 'unavailable';
  if (something) return notApplicable(`no Ollama service here; something else answers at ${asked.url}`, kept);
  if (asked.answer.kind === 'unavailable')
    return couldNotLook({
      state: 'unavailable',
      reason: `no Ollama service is set up; ${asked.answer.reason}`,
    });
  if (kept.some((row) => row.source === serviceEvidence.program))
    return {
      status: 'fail',
      code: 'not-running',
      summary: 'Ollama is installed, but nothing runs it and nothing answers',
      evidence: kept,
      instructions: ['start it: ollama serve'],
    };
  return {
    status: 'fail',
    code: 'not-installed',
    summary: `no Ollama here: no service, and nothing answers at ${asked.url}`,
    evidence: kept,
    instructions: ['install it: https://ollama.com/download'],
  };
}
