import type { Evidence } from '../schema.ts';

/** A piece of evidence as plain text: where, and what. */
export function evidenceText({ source, text }: Evidence): string {
  const trimmed = text.trimEnd();
  return trimmed === '' ? source : `${source}\n${trimmed.replace(/^/gmu, '  ')}`;
}
