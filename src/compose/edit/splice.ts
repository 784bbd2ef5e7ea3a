import type { Span } from '../source.ts';

/** One stretch of a file in place of another. */
export interface Splice {
  path: string;
  start: number;
  end: number;
  text: string;
}

/** The text with the stretch in it. Nothing outside of it is touched. */
export function spliced(text: string, { start, end, text: fresh }: Splice): string {
  return text.slice(0, start) + fresh + text.slice(end);
}

/** A new text in place of what stands at a span. */
export function inPlaceOf(span: Span, text: string): Splice {
  return { path: span.source.path, start: span.start, end: span.end, text };
}

/** The line end that a file uses. */
export function lineEndOf(text: string): string {
  const at = text.indexOf('\n');
  return at > 0 && text[at - 1] === '\r' ? '\r\n' : '\n';
}

/** Where the line of an offset begins, and where its text ends (before its line end). */
export function lineAt(text: string, offset: number): { start: number; end: number } {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const next = text.indexOf('\n', offset);
  const end = next === -1 ? text.length : next;
  return { start, end: end > start && text[end - 1] === '\r' ? end - 1 : end };
}
