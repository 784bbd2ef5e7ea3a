import type { Place } from './problem.ts';

/** A text with the path it was read from. */
export interface Source {
  path: string;
  text: string;
  /** Offsets at which lines begin; worked out on first need. */
  lineStarts?: number[];
}

/** A stretch of a source: offsets into its text, the end not included. */
export interface Span {
  source: Source;
  start: number;
  end: number;
}

/** The line, column and text of an offset. Lines end with LF, CRLF or a lone CR. */
export function placeOf({ source, start }: Pick<Span, 'source' | 'start'>): Place {
  const starts = (source.lineStarts ??= lineStarts(source.text));
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= start) low = middle;
    else high = middle - 1;
  }
  const from = starts[low] ?? 0;
  const until = starts[low + 1] ?? source.text.length;
  return {
    file: source.path,
    line: low + 1,
    column: start - from + 1,
    text: source.text
      .slice(from, until)
      .replace(/[\r\n]+$/u, '')
      .replace(/^\u{feff}/u, ''),
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/gu)) starts.push(index + end.length);
  return starts;
}
