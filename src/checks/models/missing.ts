import type { Finding } from '../../engine/check.ts';
import type { OllamaModel } from '../../facts/api.ts';
import type { ModelFolder } from '../../facts/models.ts';
import { fullName, nearestNames } from '../../ollama/model-names.ts';
import type { Evidence } from '../../report/schema.ts';
import { count } from './listed.ts';

/** What the server has in place of a model, in words: nothing where no name is near. */
export function thereIs(models: readonly OllamaModel[], name: string): string {
  if (models.length === 0) return '; it has no models at all';
  const near = nearestNames(models, name);
  return near.length > 0 ? `; there is ${near.join(', ')}` : '';
}

/** A model that --require-model names. */
export function requiredMissing(
  name: string,
  models: readonly OllamaModel[],
  { evidence, folders }: { evidence: Evidence[]; folders: readonly ModelFolder[] },
): Finding {
  const elsewhere = foldersWith(folders, name);
  const where = elsewhere.length > 0 ? `; ${elsewhere[0]?.path} has it, the folder of another instance` : '';
  return {
    status: 'fail',
    code: 'model-missing',
    summary: `the model ${name} is not there${thereIs(models, name)}${where}`,
    evidence: [...evidence, ...folderEvidence(elsewhere)],
    recipe: 'pull-model',
    instructions: [`ollama pull ${name}`, ...elsewhere.slice(0, 1).map(({ path }) => useFolder(path))],
  };
}

/** No models at all: a warning, as a server without any is a server all the same. */
export function none(evidence: Evidence[], folders: readonly ModelFolder[]): Finding {
  const [other] = folders;
  return {
    status: 'warn',
    code: 'no-models',
    summary:
      other === undefined
        ? 'Ollama has no models yet: every request that names one will fail'
        : `Ollama has no models, and ${other.path} has ${count(other.models.length)} (${other.models.slice(0, 3).join(', ')}${other.models.length > 3 ? ', …' : ''}): the folder of another instance`,
    evidence: [...evidence, ...folderEvidence(folders)],
    instructions: ['ollama pull llama3.2', ...(other === undefined ? [] : [useFolder(other.path)])],
  };
}

/**
 * The folders that hold a model which the server does not list: so they are not the server's own.
 * @param name undefined for any model
 */
export function foldersWith(folders: readonly ModelFolder[], name: string): ModelFolder[] {
  return folders.filter((folder) => folder.models.some((one) => fullName(one) === fullName(name)));
}

function useFolder(path: string): string {
  return `or have the server use that folder: OLLAMA_MODELS=${path} in its environment, readable for its user, then restart it`;
}

function folderEvidence(folders: readonly ModelFolder[]): Evidence[] {
  return folders.slice(0, 3).map(({ path, models }) => ({
    source: `${path}/manifests`,
    text: models.slice(0, 20).join('\n'),
  }));
}
