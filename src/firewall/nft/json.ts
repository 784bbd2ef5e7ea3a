/** A value of a listing whose shape is not known: it is looked into with these, and nothing is taken for granted. */
export type Json = unknown;

export function isObject(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member of an object, or undefined. */
export function member(value: Json, name: string): Json {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
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
  const names = Object.keys(value);
  const name = names[0];
  return names.length === 1 && name !== undefined ? { name, body: value[name] } : null;
}
