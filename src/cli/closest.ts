import { closest } from '../report/text/closest.ts';

/** `did you mean X?`, else `one of A, B, C`. */
export function suggestion(word: string, known: readonly string[]): string {
  const best = closest(word, known);
  return best === undefined ? `one of: ${known.join(', ')}` : `did you mean ${best}?`;
}
