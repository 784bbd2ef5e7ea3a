import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import { type OllamaService, serviceEvidence, type Setting } from '../facts/service.ts';
import { parseOllamaHost } from '../ollama/host-setting.ts';
import { allWays, nobodyAsksThisHost, sufferers } from './clients.ts';
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
    return [notRunning(service, evidence), ...(await settingFindings(facts, service))];
  },
};

function running(service: OllamaService): string {
  const pid = service.pid === undefined ? '' : ` (PID ${service.pid})`;
  const boot = service.startsAtBoot === true ? ', starts at boot' : '';
  return `${service.name} is ${service.state}${pid}${boot}`;
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
  if (kept.some((row) => row.source === serviceEvidence.process))
    return {
      status: 'inconclusive',
      summary: `an Ollama runs here that nobody set up as a service, and nothing answers at ${asked.url}: it may listen elsewhere`,
      evidence: kept,
      instructions: ['see where it listens: sudo ss -ltnp, then: ollama-doctor --url http://127.0.0.1:PORT'],
    };
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

function notRunning(service: OllamaService, evidence: Finding['evidence']): Finding {
  const kept = [...(evidence ?? [])];
  const failure = service.failure;
  if (failure && !kept.some((row) => row.text.includes(failure.line)))
    kept.push({ source: `journal of ${service.name}`, text: failure.line });
  const look = [`journalctl -u ${service.name} -n 50`];
  if (service.state === 'crash-loop' || (service.state === 'failed' && failure)) {
    if (failure?.kind === 'port-in-use')
      return {
        status: 'fail',
        code: 'port-conflict',
        summary: `${service.name} cannot start: its port is taken`,
        evidence: kept,
        instructions: ['see who listens: sudo ss -ltnp', ...look],
      };
    return {
      status: 'fail',
      code: 'crash-loop',
      summary: `${service.name} starts and ends again${failure ? `: ${failure.line}` : ''}`,
      evidence: kept,
      instructions: look,
    };
  }
  if (service.startsAtBoot === 'masked')
    return {
      status: 'fail',
      code: 'not-running',
      summary: `${service.name} is masked: somebody switched it off for good`,
      evidence: kept,
      instructions: [`sudo systemctl unmask ${service.name}`, `sudo systemctl start ${service.name}`],
    };
  return {
    status: 'fail',
    code: 'not-running',
    summary: `${service.name} is ${service.state}: nothing can answer`,
    evidence: kept,
    recipe: 'start-service',
  };
}

/**
 * Settings of OLLAMA_HOST that were written and do not count. They are causes only while what they asked for would
 * have let a client in that is kept out; a drop-in that wins over the unit is how it should be.
 */
async function settingFindings(facts: Facts, service: OllamaService): Promise<Finding[]> {
  const lost = service.settings.filter(
    (setting) => setting.variable === 'OLLAMA_HOST' && setting.status !== 'in-force',
  );
  if (lost.length === 0) return [];
  const inForce = parseOllamaHost(service.processHost?.value ?? service.configuredHost);
  const findings: Finding[] = [];
  const suffering = sufferers(await allWays(facts)).map((way) => way.client.subject);
  for (const setting of lost) {
    const wanted = parseOllamaHost(setting.value);
    if (wanted.listensOn.kind !== 'all' || inForce.listensOn.kind === 'all') {
      if (
        setting.status === 'ignored' &&
        setting.value !== '' &&
        wanted.listensOn.kind !== inForce.listensOn.kind
      )
        findings.push(lostSetting(service, setting, 'warn', []));
      continue;
    }
    findings.push(lostSetting(service, setting, suffering.length > 0 ? 'fail' : 'warn', suffering));
  }
  return findings;
}

function lostSetting(
  service: OllamaService,
  setting: Setting,
  status: 'fail' | 'warn',
  affects: string[],
): Finding {
  const ignored = setting.status === 'ignored';
  return {
    status,
    code: ignored ? 'config-ignored' : 'config-overridden',
    summary: ignored
      ? `${setting.file}:${setting.line} is ignored: ${setting.because ?? 'it is not a valid assignment'}`
      : `${setting.file}:${setting.line} loses to ${setting.because ?? 'another setting'}`,
    evidence: [{ source: `${setting.file}:${setting.line}`, text: setting.text }],
    instructions: [`see what counts: systemctl show ${service.name} -p Environment -p EnvironmentFiles`],
    affects,
  };
}
