/** A value of a listing whose shape is not known: it is looked into with these, and nothing is taken for granted. */
export type Json = unknown;

export function isObject(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member of an object, or undefined. Names are nft's own words, of which no object inherits any. */
export function member(value: Json, name: string): Json {
  return isObject(value) ? value[name] : undefined;
}

export function text(value: Json): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function list(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** The only member of an object, as nft writes every statement and expression; null for anything else. */
export function single(value: Json): { name: string; body: Json } | null {
  if (!isObject(value)) return null;
  let only: string | undefined;
  for (const name in value) {
    if (only !== undefined) return null;
    only = name;
  }
  return only === undefined ? null : { name: only, body: value[only] };
}
