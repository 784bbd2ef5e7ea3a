import { plainStringEnd, wholeNumberEnd } from './extent.ts';

/** Longer ones than these are not kept in mind. */
const LONGEST = 2_000;

/**
 * A rule that is certainly sound JSON, with two places left open: the number of its handle, and the value of its first
 * match. A text that differs from it there alone is as sound. Rules of a blocklist follow each other in such a row.
 */
export class Template {
  private readonly middle: string;
  private readonly tail: string;
  private readonly isText: boolean;

  private constructor(middle: string, tail: string, isText: boolean) {
    this.middle = middle;
    this.tail = tail;
    this.isText = isText;
  }

  /**
   * What is learnt from the rule whose handle begins at `handle` and which ends at `end`, and is sound and plain.
   * @returns null where its first value is neither a string nor a whole number, or it has none
   */
  static of(text: string, handle: number, end: number): Template | null {
    const rest = wholeNumberEnd(text, handle);
    if (rest < 0 || end - rest > LONGEST) return null;
    // Nothing is escaped in a plain rule: where this stands, it is a name.
    const name = text.slice(rest, end).indexOf('"right":');
    if (name < 0) return null;
    let value = rest + name + 8;
    while (text.charCodeAt(value) === 32) value++;
    const isText = text.charCodeAt(value) === 34;
    const valueEnd = isText ? plainStringEnd(text, value + 1) : wholeNumberEnd(text, value);
    return valueEnd < 0 ? null : new Template(text.slice(rest, value), text.slice(valueEnd, end), isText);
  }

  /** The offset past the rule whose handle begins at `handle`, if it is like this one; -1 says nothing. */
  endOf(text: string, handle: number): number {
    const rest = wholeNumberEnd(text, handle);
    if (rest < 0 || !text.startsWith(this.middle, rest)) return -1;
    const value = rest + this.middle.length;
    const valueEnd = this.isText
      ? text.charCodeAt(value) === 34
        ? plainStringEnd(text, value + 1)
        : -1
      : wholeNumberEnd(text, value);
    return valueEnd >= 0 && text.startsWith(this.tail, valueEnd) ? valueEnd + this.tail.length : -1;
  }
}
