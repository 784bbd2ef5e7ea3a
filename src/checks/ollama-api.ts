import type { Finding } from '../engine/check.ts';
import type { Asked } from '../facts/api.ts';
import { blockedBy, couldNotLook, type FactCheck, hostOnly, notApplicable, pass } from './context.ts';
import { allWays, nobodyAsksThisHost } from './clients.ts';

/** Does Ollama answer on this host itself? */
export const ollamaApi: FactCheck = {
  id: 'ollama-api',
  needs: [],
  subjects: hostOnly,
  notApplicable: 'no host to look at',
  async run(facts) {
    const [asked, services] = await Promise.all([facts.host(), facts.services()]);
    if (asked.answer.kind === 'unreachable' && nobodyAsksThisHost(await allWays(facts)))
      return [notApplicable('no container asks this host for Ollama')];
    const service = services.state === 'seen' ? services.value[0] : undefined;
    const runs = service?.state === 'running' || service?.state === 'starting';
    const found = fromHost(asked, runs ? 'bind-address' : 'ollama-service');
    const wanted = facts.options.requireVersion;
    if (wanted === undefined || asked.answer.kind !== 'ollama') return [found];
    return [await ofVersion(asked.answer.version, wanted, found)];
  },
};

/** Whether the version is one that was required. Suffixes such as `-rc1` count as the version they lead to. */
async function ofVersion(version: string, wanted: string, found: Finding): Promise<Finding> {
  const { default: semver } = await import('semver');
  const number = semver.coerce(version);
  if (!number)
    return {
      ...found,
      status: 'inconclusive',
      summary: `Ollama calls its version ${version}: not comparable with ${wanted}`,
      matters: true,
    };
  if (semver.satisfies(number, wanted.replaceAll(',', ' '))) return found;
  return {
    status: 'fail',
    code: 'api-error',
    summary: `Ollama is of version ${version}, and ${wanted} is required`,
    evidence: found.evidence ?? [],
    instructions: ['update it: https://ollama.com/download'],
  };
}

/** @param before the check that says why nothing takes connections */
function fromHost(asked: Asked, before: string): Finding {
  const { answer, evidence, url } = asked;
  switch (answer.kind) {
    case 'ollama':
      return pass(`Ollama ${answer.version} answers at ${url}`, evidence);
    case 'unavailable':
      return couldNotLook({
        state: 'unavailable',
        reason: answer.reason,
        ...(answer.help ? { help: answer.help } : {}),
      });
    case 'not-ollama':
      return {
        status: 'fail',
        code: 'not-ollama',
        summary: `${url} is answered by something else than Ollama: ${answer.what}`,
        evidence,
        instructions: ['see who listens there: sudo ss -ltnp', 'stop it, or give Ollama another port'],
      };
    case 'forbidden':
      return forbidden(answer.because, url, evidence);
    case 'http-error':
      return {
        status: 'fail',
        code: 'api-error',
        summary: `${url} answers ${answer.status}: ${answer.what}`,
        evidence,
        instructions: ["look at the server's log: journalctl -u ollama -n 50"],
      };
    case 'no-answer':
      return {
        status: 'fail',
        code: 'api-timeout',
        summary: `${url} takes the connection and does not answer: ${answer.detail}`,
        evidence,
        instructions: ["look at the server's log: journalctl -u ollama -n 50"],
      };
    case 'unreachable':
      if (answer.failure === 'refused')
        return {
          ...blockedBy(before, 'host', `nothing takes connections at ${url}`),
          evidence,
        };
      return {
        status: 'fail',
        code: answer.failure === 'timeout' ? 'api-timeout' : 'api-error',
        summary: `${url} cannot be reached from this host: ${answer.detail}`,
        evidence,
        instructions: ['see what listens: ss -ltn', "look at the server's log: journalctl -u ollama -n 50"],
      };
  }
}

function forbidden(
  because: 'host' | 'origin' | 'unknown',
  url: string,
  evidence: Finding['evidence'],
): Finding {
  return {
    status: 'fail',
    code: because === 'origin' ? 'forbidden-origin' : 'forbidden-host',
    summary:
      because === 'origin'
        ? `${url} answers 403: Ollama does not allow this Origin`
        : `${url} answers 403: on a loopback listener Ollama takes only local Host names`,
    evidence: evidence ?? [],
    instructions:
      because === 'origin'
        ? ['add the origin to OLLAMA_ORIGINS and restart Ollama']
        : ['let Ollama listen on all interfaces, or let the proxy send Host: localhost'],
  };
}
