import type { OllamaModel } from '../facts/api.ts';
import { closest } from '../report/text/closest.ts';

/**
 * A name as Ollama looks it up (types/model/name.go): no tag means `:latest`, `registry.ollama.ai/` and `library/` are
 * what stands where nothing does, and case does not count.
 */
export function fullName(name: string): string {
  const lower = name
    .trim()
    .toLowerCase()
    .replace(/^(?:https?:\/\/)?registry\.ollama\.ai\//u, '')
    .replace(/^library\//u, '');
  return /:[^/]+$/u.test(lower) ? lower : `${lower.replace(/:$/u, '')}:latest`;
}

/** Whether a server's list has a model under this name. */
export function hasModel(models: readonly OllamaModel[], name: string): boolean {
  const wanted = fullName(name);
  return models.some((model) => fullName(model.name) === wanted);
}

/**
 * The names in a list that were most likely meant: the same model under another tag, else one that is spelt nearly so.
 * @returns at most four
 */
export function nearestNames(models: readonly OllamaModel[], name: string): string[] {
  const base = (full: string): string => full.replace(/:[^/:]*$/u, '');
  const wanted = base(fullName(name));
  const last = wanted.split('/').at(-1) ?? wanted;
  const sameModel = models.filter((model) => {
    const other = base(fullName(model.name));
    return other === wanted || other.split('/').at(-1) === last;
  });
  if (sameModel.length > 0) return sameModel.slice(0, 4).map((model) => model.name);
  const family = models.filter((model) => {
    const other = base(fullName(model.name));
    return other.startsWith(wanted) || (wanted.startsWith(other) && other.length > 2);
  });
  if (family.length > 0) return family.slice(0, 4).map((model) => model.name);
  const near = closest(
    wanted,
    models.slice(0, 1000).map((model) => base(fullName(model.name))),
  );
  const found = models.find((model) => base(fullName(model.name)) === near);
  return found === undefined ? [] : [found.name];
}
