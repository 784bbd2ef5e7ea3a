/** One assignment of a file named by `EnvironmentFile=`. */
export interface FileAssignment {
  /** From 1: where the assignment starts. */
  line: number;
  key: string;
  value: string;
  /** The line as it stands in the file, without white space around it. */
  text: string;
}

type State = 'before-key' | 'key' | 'before-value' | 'value' | 'single' | 'double' | 'comment';

/**
 * Reads an environment file as systemd does (parse_env_file_internal() in its src/basic/env-file.c), which is not a
 * shell: no `export`, no expansion. A quote counts only at the start of a value or behind another quote, `#` only at the
 * start of a line.
 */
export function parseEnvironmentFile(text: string): FileAssignment[] {
  const found: FileAssignment[] = [];
  const lines = text.split('\n');
  let state: State = 'before-key';
  let line = 1;
  let start = 1;
  let key = '';
  let value = '';
  /** Length up to which white space at the end of an unquoted value is kept. */
  let kept = 0;
  const end = (): void => {
    const written = (lines[start - 1] ?? '').trim();
    found.push({ line: start, key: key.trimEnd(), value: value.slice(0, kept), text: written });
    state = 'before-key';
  };
  const keep = (characters: string): void => {
    value += characters;
    kept = value.length;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const newline = character === '\n' || character === '\r';
    switch (state) {
      case 'before-key':
        if (character === '#' || character === ';') state = 'comment';
        else if (!/\s/u.test(character)) {
          [state, start, key, value, kept] = ['key', line, character, '', 0];
        }
        break;
      case 'key':
        if (newline) state = 'before-key';
        else if (character === '=') state = 'before-value';
        else key += character;
        break;
      case 'before-value':
      case 'value':
        if (newline) end();
        else if (character === '\\') {
          // White space before an escape is not at the end any more, even where a newline is all that is escaped.
          kept = value.length;
          state = 'value';
          at += 1;
          const next = text.charAt(at);
          if (next === '\n') line += 1;
          else if (next !== '\r') keep(next);
        } else if (state === 'before-value' && character === "'") state = 'single';
        else if (state === 'before-value' && character === '"') state = 'double';
        else if (/[ \t]/u.test(character)) value += state === 'value' ? character : '';
        else {
          state = 'value';
          keep(character);
        }
        break;
      case 'single':
        if (character === "'") state = 'before-value';
        else keep(character);
        break;
      case 'double':
        if (character === '"') state = 'before-value';
        else if (character === '\\') {
          at += 1;
          const next = text.charAt(at);
          if (next === '\n') line += 1;
          else keep('"\\`$'.includes(next) ? next : `\\${next}`);
        } else keep(character);
        break;
      case 'comment':
        if (character === '\\' && text.charAt(at + 1) !== '\n') at += 1;
        else if (newline) state = 'before-key';
        break;
    }
    if (character === '\n') line += 1;
  }
  if (state !== 'before-key' && state !== 'key' && state !== 'comment') end();
  return found;
}
