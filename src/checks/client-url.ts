import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import type { OllamaClient } from '../facts/containers.ts';
import { outcomeOf } from '../path/outcome.ts';
import { urlFault } from '../runtimes/index.ts';
import { clientSubjects, forClient, type Way, waysOf } from './clients.ts';
import { couldNotLook, type FactCheck, notApplicable, pass } from './context.ts';
import { propose, setUrl } from './url/advice.ts';
import { whyNot } from './url/not-working.ts';
import { settingEvidence, shown } from './url/words.ts';
import { whatIsWrongThough } from './url/working.ts';

/** Is the URL that the client was given one that can work from where it stands? */
export const clientUrl: FactCheck = {
  id: 'client-url',
  needs: ['container-runtime'],
  subjects: clientSubjects,
  notApplicable: 'no container to look at',
  async run(facts, subject) {
    const ways = await waysOf(facts, subject);
    return Promise.all(
      ways.map(async (way) => {
        const finding = await judge(facts, way);
        return forClient(
          way.client,
          way.client.guessed === true ? await asGuess(facts, way, finding) : finding,
        );
      }),
    );
  },
};

async function judge(facts: Facts, way: Way): Promise<Finding> {
  const { client } = way;
  const { setting, url } = client;
  if (client.hypothetical) return notApplicable('no container here names an Ollama');
  if (!setting && !url) return notApplicable('it names no Ollama that the doctor can see');
  const fault = setting && urlFault(setting.value, setting.name);
  if (!url || fault !== undefined) return invalid(facts, client, fault ?? 'it is no address');
  const evidence = settingEvidence(client);
  const named = { ...way, client: { ...client, url } };
  if (way.works) {
    const found = await whatIsWrongThough(facts, named);
    const by = way.probe.asked.answer.kind === 'ollama' ? '' : ', by way of its proxy';
    return found ?? pass(`${shown(client)} works from there${by}`, evidence);
  }
  const found = await whyNot(facts, named);
  if (found) return found;
  const { answer } = way.probe.asked;
  if (answer.kind === 'unavailable')
    return {
      ...couldNotLook({
        state: 'unavailable',
        reason: `whether ${shown(client)} works from there could not be tried: ${answer.reason}`,
        ...(answer.help === undefined ? {} : { help: answer.help }),
      }),
      evidence,
    };
  if (way.target.kind === 'engine')
    return pass(`${shown(client)} leads to ${way.target.address}, ${way.target.what}`, evidence);
  if (way.target.kind === 'elsewhere')
    return pass(`${shown(client)} leads to ${way.target.address}, which is not this host`, evidence);
  return pass(`${shown(client)} can work from there`, evidence);
}

async function invalid(facts: Facts, client: OllamaClient, fault: string): Promise<Finding> {
  const { setting } = client;
  return {
    status: 'fail',
    code: 'url-invalid',
    summary: `${setting?.name ?? 'its setting'} is not a URL: ${setting?.value ?? ''} (${fault})`,
    evidence: settingEvidence(client),
    instructions: setUrl(client, await propose(facts, client)),
  };
}

/** What a URL meets that may not be in use is worth a word, and no failure of anything. */
async function asGuess(facts: Facts, way: Way, finding: Finding): Promise<Finding> {
  if (way.works && finding.status !== 'fail') return finding;
  const { client } = way;
  const better = await propose(facts, client);
  // It has a way to Ollama, and nothing says that it does not use that: who is not asked about is left in peace.
  if (better.proved && !client.askedFor)
    return pass(
      `${better.url} works from there; where the application itself keeps its URL is not seen from here`,
      [...settingEvidence(client), ...better.evidence],
    );
  if (finding.status === 'fail') return { ...finding, status: 'warn', matters: false };
  if (finding.status === 'inconclusive') return { ...finding, matters: false };
  return {
    status: 'warn',
    summary: `${shown(client)} does not work from there: ${outcomeOf(way.probe.asked).detail}`,
    evidence: [...settingEvidence(client), ...way.probe.asked.evidence.slice(0, 1)],
    instructions: setUrl(client, better),
    matters: false,
  };
}
