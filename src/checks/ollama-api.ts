import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import type { Asked } from '../facts/api.ts';
import { forbiddenHost, forbiddenOrigin } from './answers/forbidden.ts';
import { httpError } from './answers/http-error.ts';
import { type Place, silent, unreachable } from './answers/no-answer.ts';
import { ofVersion } from './answers/version.ts';
import { allWays, nobodyAsksThisHost } from './clients.ts';
import { couldNotLook, type FactCheck, hostOnly, notApplicable, pass } from './context.ts';
import { ollamaOf } from '../ollama/product.ts';

/** Does Ollama answer on this host itself? */
export const ollamaApi: FactCheck = {
  id: 'ollama-api',
  needs: [],
  subjects: hostOnly,
  notApplicable: 'no host to look at',
  async run(facts) {
    const [asked, services, server] = await Promise.all([facts.host(), facts.services(), facts.server()]);
    if (asked.answer.kind === 'unreachable' && nobodyAsksThisHost(await allWays(facts)))
      return [notApplicable('no container asks this host for Ollama')];
    const service = services.state === 'seen' ? services.value[0] : undefined;
    const runs = service?.state === 'running' || service?.state === 'starting';
    const before = runs ? 'bind-address' : 'ollama-service';
    const fallen =
      service !== undefined && !runs && service.state !== 'unknown' && facts.options.url === undefined;
    const { url, only } = facts.options;
    const named = url !== undefined && (runs || services.state === 'unavailable' || only.length > 0);
    const found = fromHost(asked, { before, fallen, named, listeners: server.listeners ?? [] });
    if (asked.answer.kind !== 'ollama') return [found, ...(await refusedNames(facts, asked))];
    const wanted = facts.options.requireVersion;
    return [
      ...unreadableList(asked),
      wanted === undefined ? found : await ofVersion(asked.answer.version, wanted, found),
      ...(await fromPage(facts)),
      ...(await refusedNames(facts, asked)),
    ];
  },
};

/** Ollama, by its version, whose list of models is none: every client that asks for it fails there. */
function unreadableList({ answer, evidence, url }: Asked): Finding[] {
  if (answer.kind !== 'ollama' || answer.listTrouble === undefined) return [];
  return [
    {
      status: 'fail',
      code: 'api-error',
      summary: `${ollamaOf(answer.version)} answers at ${url}, and gives no list of models at /api/tags: ${answer.listTrouble}`,
      evidence,
      instructions: [
        `see what comes: curl -si ${url}/api/tags | head -c 2000`,
        "look at the server's log: journalctl -u ollama -n 50",
      ],
    },
  ];
}

function fromHost(asked: Asked, place: Place): Finding {
  const { answer, evidence, url } = asked;
  switch (answer.kind) {
    case 'ollama':
      return pass(`${ollamaOf(answer.version)} answers at ${url}`, evidence);
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
      return forbiddenHost(answer, asked);
    case 'http-error':
      return httpError(answer, asked);
    case 'no-answer':
      return silent(answer.detail, asked, place.listeners);
    case 'unreachable':
      return unreachable(answer, asked, place);
  }
}

/** What a page of --origin gets. */
async function fromPage(facts: Facts): Promise<Finding[]> {
  const { origin } = facts.options;
  const asked = origin === undefined ? undefined : await facts.fromPage();
  if (origin === undefined || asked === undefined) return [];
  if (asked.answer.kind === 'ollama')
    return [pass(`a page of ${origin} may ask Ollama at ${asked.url}`, asked.evidence)];
  if (asked.answer.kind === 'forbidden' && asked.answer.because === 'origin') {
    const services = await facts.services();
    return [forbiddenOrigin(origin, services.state === 'seen' ? services.value[0] : undefined, asked)];
  }
  return [
    {
      status: 'inconclusive',
      summary: `what a page of ${origin} gets could not be seen`,
      evidence: asked.evidence,
      matters: true,
    },
  ];
}

/** Containers that reach an Ollama on loopback, by a name that it refuses: through a product's proxy, or the host's network. */
async function refusedNames(facts: Facts, host: Asked): Promise<Finding[]> {
  if (facts.options.only.length > 0) return [];
  const ways = (await allWays(facts)).filter((way) => !way.client.hypothetical);
  return ways.flatMap((way): Finding[] => {
    const { asked } = way.probe;
    if (asked.answer.kind !== 'forbidden' || asked.answer.because !== 'host' || asked.url === host.url)
      return [];
    return [{ ...forbiddenHost(asked.answer, asked), affects: [way.client.subject] }];
  });
}
