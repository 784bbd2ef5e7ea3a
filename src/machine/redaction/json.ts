/** What to keep of a JSON value: all of it, or named fields of an object. */
export type Shape = true | { readonly [name: string]: Shape };

/** Keeps of a JSON value what the shape names; of a list, that of each of its elements. Other kinds of values go. */
export function pick(value: unknown, shape: Shape): unknown {
  if (shape === true) return value;
  if (Array.isArray(value)) return value.map((element) => pick(element, shape));
  // Where an object is expected and there is none, its absence is all that is known of it.
  if (value === null || typeof value !== 'object') return value === null ? null : undefined;
  const kept: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const inner = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (inner !== undefined) kept[name] = pick(field, inner);
  }
  return kept;
}
