const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const joining = /\p{Mn}|\p{Me}|\u200d|[\ufe00-\ufe0f]/u;

/** Columns that plain text (no escape sequences) takes in a terminal, by Unicode's East Asian widths. */
export function displayWidth(text: string): number {
  let columns = 0;
  for (const character of text) columns += characterWidth(character);
  return columns;
}

/** Text followed by spaces up to a number of columns; longer text is returned as it is. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

/**
 * Breaks one line of text at spaces into lines of at most `columns`; a word longer than that is cut. Leading spaces
 * of the line are kept. Returns at least one line.
 */
export function wrap(text: string, columns: number): string[] {
  const room = Math.max(1, columns);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S)(?= )/u)) {
    if (displayWidth(line + word) <= room) {
      line += word;
      continue;
    }
    if (line.trim() !== '') lines.push(line);
    line = line.trim() === '' ? line + word.trimStart() : word.trimStart();
    while (displayWidth(line) > room) {
      const part = cut(line, room);
      lines.push(part);
      line = line.slice(part.length);
    }
  }
  lines.push(line);
  return lines;
}

/** The longest beginning of a text that fits, but at least one character. */
function cut(text: string, columns: number): string {
  let part = '';
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > columns && part !== '') break;
    part += character;
  }
  return part;
}

function characterWidth(character: string): number {
  if (joining.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
