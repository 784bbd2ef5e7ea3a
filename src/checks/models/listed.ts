import type { Finding } from '../../engine/check.ts';
import type { LoadedModel, OllamaModel } from '../../facts/api.ts';
import type { Evidence } from '../../report/schema.ts';
import { processorOf } from '../../ollama/loaded.ts';
import { inBytes, kindOf, type ModelKind } from '../../ollama/model-kind.ts';
import { fullName } from '../../ollama/model-names.ts';
import { pass } from '../context.ts';

/** Models named one by one in the evidence; a list of thousands helps nobody. */
const mostLines = 20;

const kindWords: Record<ModelKind, string> = {
  chat: 'for chat',
  embedding: 'for embeddings',
  other: 'for something else',
};

/** How many models there are, of which kind, how large, and what is loaded. */
export function listed(
  models: readonly OllamaModel[],
  loaded: readonly LoadedModel[] | undefined,
  evidence: readonly Evidence[],
): Finding {
  const size = models.reduce((sum, model) => sum + (model.size ?? 0), 0);
  const details = [...kinds(models), ...(size > 0 ? [inBytes(size)] : [])].join(', ');
  const inMemory = (loaded ?? []).map((model) => [model.name, processorOf(model)].filter(Boolean).join(' '));
  const more = inMemory.length > 0 ? `; loaded: ${inMemory.slice(0, 3).join(', ')}` : '';
  return pass(`${count(models.length)}${details === '' ? '' : ` (${details})`}: ${names(models)}${more}`, [
    ...evidence,
    ...lines(models, loaded),
  ]);
}

function kinds(models: readonly OllamaModel[]): string[] {
  const order: ModelKind[] = ['chat', 'embedding', 'other'];
  const counted = order
    .map((kind): [ModelKind, number] => [kind, models.filter((model) => kindOf(model) === kind).length])
    .filter(([, number]) => number > 0);
  if (counted.length === 1 && counted[0]?.[0] === 'chat') return [];
  return counted.map(([kind, number]) => `${number} ${kindWords[kind]}`);
}

function lines(models: readonly OllamaModel[], loaded: readonly LoadedModel[] | undefined): Evidence[] {
  if (models.length === 0) return [];
  const text = models.slice(0, mostLines).map((model) => {
    const memory = loaded?.find((one) => fullName(one.name) === fullName(model.name));
    const parts = [
      model.name,
      kindWords[kindOf(model)],
      ...(model.size === undefined ? [] : [inBytes(model.size)]),
      ...(memory === undefined ? [] : [`loaded ${processorOf(memory) ?? ''}`.trim()]),
    ];
    return parts.join(', ');
  });
  if (models.length > mostLines) text.push(`and ${models.length - mostLines} more`);
  return [
    { source: loaded === undefined ? 'models' : 'models, and what /api/ps says', text: text.join('\n') },
  ];
}

export function count(number: number): string {
  return number === 1 ? '1 model' : `${number} models`;
}

function names(models: readonly OllamaModel[]): string {
  const first = models.slice(0, 4).map((model) => model.name);
  return models.length > first.length ? `${first.join(', ')}, …` : first.join(', ');
}
