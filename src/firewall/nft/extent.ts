import type { Openings } from './openings.ts';

/** Offset just past the JSON value that begins with a bracket at `at`; -1 when the text ends inside it. */
export function valueEnd(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) {
      do {
        i = text.indexOf('"', i + 1);
        if (i < 0) return -1;
      } while (isEscaped(text, i));
    } else if (c === 123 || c === 91) depth++;
    else if (c === 125 || c === 93) {
      if (--depth === 0) return i + 1;
    }
  }
  return -1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 92) backslashes++;
  return backslashes % 2 === 1;
}

// What may stand next in a JSON text; FIRST_…: or the closing bracket, as the opening one has nothing behind it yet.
const FIRST_KEY = 0;
const KEY = 1;
const COLON = 2;
const FIRST_VALUE = 3;
const VALUE = 4;
const COMMA = 5;

const NOTHING = { length: 0, objects: 0 };

/** One bit for each bracket that is open, and one to begin with. */
const DEEPEST = 2 ** 28;

/**
 * Offset just past the object that begins at `at`, if it is certainly sound and plain: nothing escaped, whole
 * numbers, nested no deeper than rules are. JSON.parse takes every such object. -1 says nothing: it may be sound or not.
 * @param head how many characters at `at` are known to be sound and to end ahead of a value in this many objects
 * @param openings matches that begin in a known way are not looked at again up to their value
 */
export function plainEnd(
  text: string,
  at: number,
  head: { length: number; objects: number } = NOTHING,
  openings?: Openings,
): number {
  // The brackets that are open, the innermost in the lowest bit: 1 for an object, 0 for an array.
  let open = 2 ** (head.objects + 1) - 1;
  let next = VALUE;
  for (let i = at + head.length; ; ) {
    const c = text.charCodeAt(i);
    const isValue = next === VALUE || next === FIRST_VALUE;
    if (c === 34) {
      i = plainStringEnd(text, i + 1);
      if (i < 0 || next === COLON || next === COMMA) return -1;
      next = isValue ? COMMA : COLON;
    } else if (c === 58) {
      if (next !== COLON) return -1;
      next = VALUE;
      i++;
    } else if (c === 44) {
      if (next !== COMMA) return -1;
      next = (open & 1) === 1 ? KEY : VALUE;
      i++;
    } else if (c === 123 || c === 91) {
      if (!isValue || open > DEEPEST) return -1;
      const opening = c === 123 ? openings?.at(i) : undefined;
      if (opening) {
        // Two objects are open, and the value comes next.
        open = open * 4 + 3;
        next = VALUE;
        i += opening.written.length;
        continue;
      }
      open = open * 2 + (c === 123 ? 1 : 0);
      next = c === 123 ? FIRST_KEY : FIRST_VALUE;
      i++;
    } else if (c === 125 || c === 93) {
      const isClosed = next === COMMA || next === (c === 125 ? FIRST_KEY : FIRST_VALUE);
      if (!isClosed || (open & 1) !== (c === 125 ? 1 : 0)) return -1;
      open >>= 1;
      next = COMMA;
      i++;
      if (open === 1) return i;
    } else if (c === 32 || c === 10 || c === 13 || c === 9) i++;
    else {
      i = isValue ? plainWordEnd(text, i) : -1;
      if (i < 0) return -1;
      next = COMMA;
    }
  }
}

/** The offset past the string whose opening quote is just ahead of `from`; -1 where something in it is escaped. */
export function plainStringEnd(text: string, from: number): number {
  for (let i = from; ; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) return i + 1;
    // Past the end of the text there is no code at all, which is not above 31 either.
    if (!(c > 31) || c === 92) return -1;
  }
}

/** The offset past a whole number that is not negative; -1 where none stands, or one that JSON does not have (`01`). */
export function wholeNumberEnd(text: string, from: number): number {
  let i = from;
  while (text.charCodeAt(i) >= 48 && text.charCodeAt(i) <= 57) i++;
  return i > from && (i === from + 1 || text.charCodeAt(from) !== 48) ? i : -1;
}

/** A whole number, null, true or false. */
function plainWordEnd(text: string, from: number): number {
  const end = wholeNumberEnd(text, text.charCodeAt(from) === 45 ? from + 1 : from);
  if (end >= 0) {
    const c = text.charCodeAt(end);
    return c !== 46 && c !== 69 && c !== 101 ? end : -1;
  }
  for (const word of WORDS) if (text.startsWith(word, from)) return from + word.length;
  return -1;
}

const WORDS = ['null', 'true', 'false'];
