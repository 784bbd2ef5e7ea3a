// What comes from a machine may hold anything: escape sequences that repaint the screen, marks that turn the
// direction of writing. Unicode's control (Cc), surrogate (Cs), and the bidirectional and invisible formatting ones.
const unsafe =
  /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/** One line of text with every character that could steer a terminal written out: `\x1b`, `\u202e`. Tabs become spaces. */
export function visible(text: string): string {
  return text.replace(/\t/gu, '  ').replace(unsafe, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

/** The lines of a text, each made {@link visible}, without empty ones at the start and the end. */
export function visibleLines(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/u).map((line) => visible(line).trimEnd());
  while (lines[0] === '') lines.shift();
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
