import type { Facts } from '../../diagnosis/collectors.ts';
import type { Finding } from '../../engine/check.ts';
import type { OllamaModel } from '../../facts/api.ts';
import type { NamedModel } from '../../facts/containers.ts';
import { makesEmbeddings } from '../../ollama/model-kind.ts';
import { hasModel } from '../../ollama/model-names.ts';
import { isThisHost } from '../../path/target.ts';
import { forClient, type Way, waysOf } from '../clients.ts';
import { blockedBy, pass } from '../context.ts';
import { foldersWith, thereIs } from './missing.ts';

/** The containers whose settings name a model of Ollama. */
export async function namingSubjects(facts: Facts): Promise<string[]> {
  const clients = (await facts.clients()).filter((client) => !client.hypothetical);
  const naming = clients.filter((client) => (client.container.models ?? []).length > 0);
  return [...new Set(naming.map((client) => client.subject))];
}

/** A model that a container wants, and which its Ollama does not have. */
export interface Wanting {
  named: NamedModel;
  way: Way;
}

/** What each container wants that the Ollama it asks lacks. Containers that get no answer want nothing yet. */
export async function wanting(facts: Facts, subject: string): Promise<Wanting[]> {
  const ways = (await waysOf(facts, subject)).filter((way) => listOf(way) !== undefined);
  const [way] = ways;
  if (way === undefined) return [];
  const all = ways.flatMap((one) => listOf(one) ?? []);
  return (way.client.container.models ?? [])
    .filter(({ model }) => (model === undefined ? !all.some(makesEmbeddings) : !hasModel(all, model)))
    .map((named) => ({ named, way }));
}

/** The models that a container names, held against the list that the container itself gets. */
export async function namedModels(facts: Facts, subject: string): Promise<Finding[]> {
  const ways = await waysOf(facts, subject);
  const answered = ways.find((way) => listOf(way) !== undefined);
  if (answered === undefined)
    return [
      blockedBy(
        'container-reach',
        subject,
        'the models that it names are not looked for: it gets no list of them',
      ),
    ];
  const lacking = await wanting(facts, subject);
  if (lacking.length === 0) {
    const models = (answered.client.container.models ?? []).flatMap(({ model }) => model ?? []);
    const all = [...new Set(models)].slice(0, 4).join(', ');
    return [
      forClient(
        answered.client,
        pass(all === '' ? 'there is a model for embeddings' : `${all}: there, as it wants`),
      ),
    ];
  }
  return Promise.all(lacking.map((one) => lackingModel(facts, one)));
}

async function lackingModel(facts: Facts, { named, way }: Wanting): Promise<Finding> {
  const { setting, model, embedding } = named;
  const { asked } = way.probe;
  const models = listOf(way) ?? [];
  const evidence = [
    {
      source: `${way.client.container.name}'s settings`,
      text: `${setting}${model === undefined ? '' : `=${model}`}`,
    },
  ];
  if (model === undefined)
    return forClient(way.client, {
      status: 'warn',
      code: 'model-missing',
      summary: `${setting} has Ollama make the embeddings, and ${asked.url} has no model for that`,
      evidence: [...evidence, ...asked.evidence],
      instructions: [pullThere(way, 'nomic-embed-text')],
    });
  const here = isThisHost(way.target);
  const [folder] = here ? foldersWith(await facts.modelFolders(), model) : [];
  const where = folder === undefined ? '' : `; ${folder.path} has it, the folder of another instance`;
  return forClient(way.client, {
    status: 'warn',
    code: 'model-missing',
    summary: `${setting} is ${model}, a model${embedding ? ' for embeddings' : ''} that ${asked.url} does not have${thereIs(models, model)}${where}`,
    evidence: [...evidence, ...asked.evidence],
    ...(here ? { recipe: 'pull-model' } : {}),
    instructions: [pullThere(way, model)],
  });
}

/** Where the server that the container asks is, and how a model gets into it. */
function pullThere(way: Way, model: string): string {
  return way.target.kind === 'container'
    ? `${way.client.container.runtime} exec ${way.target.name} ollama pull ${model}`
    : `ollama pull ${model}`;
}

function listOf(way: Way): OllamaModel[] | undefined {
  const { answer } = way.probe.asked;
  return answer.kind === 'ollama' ? answer.models : undefined;
}
