import { wanting } from '../checks/models/named.ts';
import type { PullChange } from '../changes/change.ts';
import { apiBase } from '../ollama/ask.ts';
import { hasModel } from '../ollama/model-names.ts';
import { isThisHost } from '../path/target.ts';
import type { Cause } from '../report/schema.ts';
import { keyOf, type Outcome, type Planning, type Recipe, refusal } from './recipe.ts';

const id = 'pull-model';

/**
 * Has the Ollama of this host pull the models that are missing: those of --require-model and --generate, and those that a
 * container names when the recipe was asked for by name (such a row only warns).
 */
export const pullModel: Recipe = {
  id,
  cures: ['model-missing'],
  async plan(planning, causes): Promise<Outcome> {
    const { answer, url } = await planning.facts.host();
    if (answer.kind !== 'ollama' || answer.models === undefined)
      return refusal(id, 'the Ollama of this host could not be asked for its models', ['ollama pull NAME']);
    const { models: present } = answer;
    const wanted = await wantedModels(planning, causes);
    const missing = [...new Set(wanted)].filter((name) => !hasModel(present, name));
    if (missing.length === 0) return { refusals: [] };
    return {
      refusals: [],
      plan: {
        recipe: id,
        cures: causes.map(keyOf),
        changes: missing.map(
          (model): PullChange => ({
            kind: 'pull',
            summary: `pull ${model}`,
            url: apiBase(new URL(url)),
            model,
            elevated: false,
          }),
        ),
        gainsAccess: [],
        notes: [
          'the server downloads it from its registry and keeps it in its own models folder: that may be many gigabytes, and take long',
          'undo removes it from the server again',
        ],
      },
    };
  },
};

async function wantedModels({ facts }: Planning, causes: readonly Cause[]): Promise<string[]> {
  const { requireModels, generate } = facts.options;
  const subjects = [...new Set(causes.map((cause) => cause.subject))];
  const named = await Promise.all(
    subjects.filter((subject) => subject !== 'host').map((subject) => wanting(facts, subject)),
  );
  return [
    ...(subjects.includes('host') ? [...requireModels, ...(generate === undefined ? [] : [generate])] : []),
    ...named
      .flat()
      .flatMap(({ named: { model }, way }) => (model !== undefined && isThisHost(way.target) ? [model] : [])),
  ];
}
