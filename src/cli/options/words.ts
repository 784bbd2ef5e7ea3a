import { isCheckId, checkIds } from '../../findings/checks.ts';
import { recipes } from '../../findings/recipes.ts';
import { suggestion } from '../closest.ts';
import { usage } from '../failure.ts';

/** Takes the values of an option that may be given several times, each with one value or several with commas. */
export function severalValues(option: string): (value: string, before: string[] | undefined) => string[] {
  return (value, before = []) => {
    const values = value.split(',').map((part) => part.trim());
    if (values.includes('')) throw usage(`${option} needs a value`);
    return [...before, ...values.filter((each) => !before.includes(each))];
  };
}

/** One value that must not be empty. */
export function oneValue(option: string): (value: string) => string {
  return (value) => {
    if (value.trim() === '') throw usage(`${option} needs a value`);
    return value.trim();
  };
}

/** The name of a model as Ollama takes it: no blanks, nothing that no name holds. */
export function modelName(option: string): (value: string) => string {
  return (value) => {
    const name = value.trim();
    // Ollama's own registry may stand in front with its scheme; any other address is none of a model.
    const isAddress = name.includes('://') && !/^https?:\/\/registry\.ollama\.ai\/./iu.test(name);
    if (isAddress || !/^[\w][\w.:/@-]*[\w]$|^\w$/u.test(name) || name.length > 300)
      throw usage(`${option} takes a model's name, not '${value}'`, 'for example llama3.2:3b');
    return name;
  };
}

/** Several of them. */
export function modelNames(option: string): (value: string, before: string[] | undefined) => string[] {
  const several = severalValues(option);
  const one = modelName(option);
  return (value, before) => several(value, before).map((name) => one(name));
}

/** A value out of a list. */
export function choice<T extends string>(option: string, known: readonly T[]): (value: string) => T {
  return (value) => {
    const found = known.find((each) => each === value.toLowerCase());
    if (found === undefined) throw usage(`${option} does not know '${value}'`, suggestion(value, known));
    return found;
  };
}

/** Ids of checks. */
export function checks(option: string): (value: string, before: string[] | undefined) => string[] {
  const several = severalValues(option);
  return (value, before) => {
    const values = several(value, before);
    const unknown = values.find((word) => !isCheckId(word));
    if (unknown !== undefined) throw usage(`there is no check '${unknown}'`, suggestion(unknown, checkIds));
    return values;
  };
}

/** Ids of fix recipes. */
export function recipeIds(option: string): (value: string, before: string[] | undefined) => string[] {
  const several = severalValues(option);
  const known = Object.keys(recipes);
  return (value, before) => {
    const values = several(value, before);
    const unknown = values.find((word) => !known.includes(word));
    if (unknown !== undefined) throw usage(`there is no recipe '${unknown}'`, suggestion(unknown, known));
    return values;
  };
}
