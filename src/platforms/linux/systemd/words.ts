/** Words of a line, and whether the rest of it could not be read. */
export interface Words {
  words: string[];
  /** True when a quote was not closed or a backslash meant nothing: systemd keeps the words before it. */
  broken: boolean;
}

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  s: ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

/**
 * Cuts a value into words as systemd does for `Environment=` (extract_first_word() with EXTRACT_CUNESCAPE and
 * EXTRACT_UNQUOTE in its src/basic/extract-word.c): quotes may start anywhere in a word, and C escapes count.
 */
export function splitWords(text: string): Words {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') {
      const escape = readEscape(text.slice(at + 1));
      if (!escape) return { words, broken: true };
      word = (word ?? '') + escape.value;
      at += escape.length;
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/[ \t\n\r]/u.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== undefined) return { words, broken: true };
  if (word !== undefined) words.push(word);
  return { words, broken: false };
}

/** What follows a backslash: the character it stands for and how many characters that took. */
function readEscape(text: string): { value: string; length: number } | undefined {
  const simple = escapes[text.charAt(0)];
  if (simple !== undefined) return { value: simple, length: 1 };
  const match = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/u.exec(text);
  if (!match) return undefined;
  const [whole, ...digits] = match;
  const octal = digits[3];
  const code =
    octal === undefined
      ? Number.parseInt(digits.find((one) => one !== undefined) ?? '', 16)
      : Number.parseInt(octal, 8);
  return code > 0 && code <= 0x10_ff_ff
    ? { value: String.fromCodePoint(code), length: whole.length }
    : undefined;
}
