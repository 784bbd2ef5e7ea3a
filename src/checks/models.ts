import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import { hasModel } from '../ollama/model-names.ts';
import { type FactCheck, notApplicable } from './context.ts';
import { generated } from './models/generated.ts';
import { listed } from './models/listed.ts';
import { generatedInside, generatingSubjects } from './models/generated-inside.ts';
import { none, requiredMissing } from './models/missing.ts';
import { namedModels, namingSubjects } from './models/named.ts';

/** Is there a model to talk to, and the one that is wanted? */
export const models: FactCheck = {
  id: 'models',
  needs: ['ollama-api'],
  subjects: async (facts) => [
    'host',
    ...new Set([...(await namingSubjects(facts)), ...(await generatingSubjects(facts))]),
  ],
  notApplicable: 'no host to look at',
  async run(facts, subject) {
    if (subject === 'host') return onHost(facts);
    const named = (await namingSubjects(facts)).includes(subject) ? await namedModels(facts, subject) : [];
    return [...named, ...(await generatedInside(facts, subject))];
  },
};

async function onHost(facts: Facts): Promise<Finding[]> {
  const [{ answer, evidence }, loaded] = await Promise.all([facts.host(), facts.loaded()]);
  if (answer.kind !== 'ollama') return [notApplicable('no Ollama on this host to ask')];
  const { models: all } = answer;
  const { generate, requireModels } = facts.options;
  if (!all)
    return [
      { status: 'inconclusive', summary: 'the list of models could not be read', evidence, matters: false },
      ...(await answering(facts)),
    ];
  const wanted = [...new Set([...requireModels, ...(generate === undefined ? [] : [generate])])];
  const missing = wanted.filter((name) => !hasModel(all, name));
  if (missing.length > 0) {
    const folders = await facts.modelFolders();
    return missing.map((name) => requiredMissing(name, all, { evidence, folders }));
  }
  if (all.length === 0) return [none(evidence, await facts.modelFolders())];
  return [listed(all, loaded, evidence), ...(await answering(facts))];
}

async function answering(facts: Facts): Promise<Finding[]> {
  const seen = await facts.generated();
  return seen === undefined ? [] : generated(seen);
}
