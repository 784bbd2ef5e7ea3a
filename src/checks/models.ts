import type { Finding } from '../engine/check.ts';
import type { OllamaModel } from '../facts/api.ts';
import { type FactCheck, hostOnly, notApplicable, pass } from './context.ts';

/** Is there a model to talk to? */
export const models: FactCheck = {
  id: 'models',
  needs: ['ollama-api'],
  subjects: hostOnly,
  notApplicable: 'no host to look at',
  async run(facts) {
    const { answer, evidence } = await facts.host();
    if (answer.kind !== 'ollama') return [notApplicable('no Ollama on this host to ask')];
    if (!answer.models)
      return [
        { status: 'inconclusive', summary: 'the list of models could not be read', evidence, matters: false },
      ];
    const required = facts.options.requireModels;
    const missing = required.filter((name) => !answer.models?.some((model) => sameModel(model, name)));
    if (missing.length > 0) return missing.map((name) => missingModel(name, answer.models ?? [], evidence));
    if (answer.models.length === 0)
      return [
        {
          status: 'warn',
          code: 'no-models',
          summary: 'Ollama has no models yet: every request that names one will fail',
          evidence,
          instructions: ['ollama pull llama3.2'],
        },
      ];
    return [pass(`${count(answer.models.length)}: ${names(answer.models)}`, evidence)];
  },
};

/** No tag means `:latest` (Ollama, types/model/name.go); names are compared without regard to case. */
function sameModel(model: OllamaModel, wanted: string): boolean {
  return withTag(model.name) === withTag(wanted);
}

function withTag(name: string): string {
  const lower = name.trim().toLowerCase();
  return /:[^/]*$/u.test(lower) ? lower : `${lower}:latest`;
}

function missingModel(name: string, models: OllamaModel[], evidence: Finding['evidence']): Finding {
  const base = withTag(name).split(':')[0] ?? name;
  const near = models.filter((model) => model.name.toLowerCase().startsWith(base)).map((model) => model.name);
  return {
    status: 'fail',
    code: 'model-missing',
    summary: `the model ${name} is not there${near.length > 0 ? `; there is ${near.join(', ')}` : ''}`,
    evidence: evidence ?? [],
    instructions: [`ollama pull ${name}`],
  };
}

function count(number: number): string {
  return number === 1 ? '1 model' : `${number} models`;
}

function names(models: OllamaModel[]): string {
  const first = models.slice(0, 4).map((model) => model.name);
  return models.length > first.length ? `${first.join(', ')}, …` : first.join(', ');
}
