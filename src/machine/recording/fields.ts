import { ReplayError } from './replay-error.ts';

/** What a text in a recording may be: itself, its lines, or a file beside the index. */
export type TextField = string | string[] | { file: string };

/**
 * The fields of one object of a recording, taken out one by one. Every method throws a {@link ReplayError} that names
 * the object and the field when it has another shape; `finish` does so for fields that nobody took.
 */
export class Fields {
  readonly #where: string;
  readonly #values: Record<string, unknown>;
  readonly #left: Set<string>;

  constructor(value: unknown, where: string) {
    this.#where = where;
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      throw this.wrong('is not an object');
    this.#values = value as Record<string, unknown>;
    this.#left = new Set(Object.keys(this.#values));
    this.#left.delete('note');
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#values, name);
  }

  string(name: string): string | undefined {
    return this.#take(name, 'a text', (value) => typeof value === 'string') as string | undefined;
  }

  number(name: string): number | undefined {
    return this.#take(name, 'a number', (value) => Number.isFinite(value)) as number | undefined;
  }

  boolean(name: string): boolean | undefined {
    return this.#take(name, 'true or false', (value) => typeof value === 'boolean') as boolean | undefined;
  }

  strings(name: string): string[] | undefined {
    return this.#take(name, 'a list of texts', isStrings) as string[] | undefined;
  }

  /** An object whose values are texts. */
  stringMap(name: string): Record<string, string> | undefined {
    return this.#take(
      name,
      'an object of texts',
      (value) => isObject(value) && isStrings(Object.values(value)),
    ) as Record<string, string> | undefined;
  }

  text(name: string): TextField | undefined {
    const what = 'a text, a list of lines, or {"file": "name"}';
    return this.#take(
      name,
      what,
      (value) => typeof value === 'string' || isStrings(value) || isFile(value),
    ) as TextField | undefined;
  }

  oneOf<Name extends string>(name: string, names: readonly Name[]): Name | undefined {
    return this.#take(name, `one of ${names.join(', ')}`, (value) => names.includes(value as Name)) as
      | Name
      | undefined;
  }

  any(name: string): unknown {
    return this.#take(name, 'anything', () => true);
  }

  finish(): void {
    const [extra] = this.#left;
    if (extra !== undefined) throw this.wrong(`has a field "${extra}" that is not known here`);
  }

  wrong(what: string): ReplayError {
    return new ReplayError(`${this.#where} ${what}`, 'docs/recordings.md describes the format');
  }

  #take(name: string, what: string, fits: (value: unknown) => boolean): unknown {
    this.#left.delete(name);
    if (!Object.hasOwn(this.#values, name)) return undefined;
    const value = this.#values[name];
    if (!fits(value)) throw this.wrong(`has a "${name}" that is not ${what}`);
    return value;
  }
}

function isObject(value: unknown): value is object {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isFile(value: unknown): value is { file: string } {
  return (
    isObject(value) &&
    typeof (value as { file?: unknown }).file === 'string' &&
    Object.keys(value).length === 1
  );
}
