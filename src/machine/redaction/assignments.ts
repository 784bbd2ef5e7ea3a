import { isReadName, withoutCredentials } from './names.ts';
import { leftOut } from './urls.ts';

/**
 * What stands for an assignment that was left out: one word and a valid assignment, so that readers find nothing wrong
 * with it. Its name goes too, as in a value with blanks or lines the end of a key (`…abc==`) looks like a name.
 */
const leftOutAssignment = 'LEFT_OUT=(left-out)';

/** `NAME=VALUE` words of an `Environment=`: assignments of names that the doctor does not read are left out. */
export function redactWords(text: string): string {
  return text.replace(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\\$)+/gu, redactWord);
}

function redactWord(word: string): string {
  if (word === '\\') return word;
  const equals = word.indexOf('=');
  const name = word.slice(0, Math.max(equals, 0)).replace(/^["']/u, '');
  if (equals >= 0) return isReadName(name) ? withoutCredentials(word) : leftOutAssignment;
  // A word systemd will complain about; what it complains about must stay where it is about Ollama.
  const isTold = /^\W*OLLAMA_\w*\W*$/u.test(word) || /^[\d.:"'“”]+$/u.test(word);
  return isTold ? word : leftOutAssignment;
}

/**
 * A file of `NAME=VALUE` lines (an EnvironmentFile, a .env, or any file of unknown kind): those of names that the
 * doctor reads stay. Lines keep their numbers.
 */
export function redactEnvironmentFile(text: string): string {
  let open: { quote: string; kept: boolean } | undefined;
  const lines = text.split('\n').map((line) => {
    if (open !== undefined) {
      const { kept, quote } = open;
      open = stillOpen(line, quote, kept);
      return kept ? withoutCredentials(line) : withEnd(leftOut, line);
    }
    if (line.trim() === '') return line;
    if (/^\s*[#;]/u.test(line)) return redactComment(line);
    const [, head, name, value = ''] = /^(\s*(?:export\s+)?([^\s=]+)\s*=\s*)(.*)$/u.exec(line) ?? [];
    if (head === undefined || name === undefined) return withEnd(leftOut, line);
    const kept = isReadName(name);
    open = stillOpen(value, '', kept);
    return kept ? withoutCredentials(line) : withEnd(leftOutAssignment, line);
  });
  return lines.join('\n');
}

/** A carriage return stays, as Ollama's and systemd's readers trip over it. */
function withEnd(text: string, line: string): string {
  return line.endsWith('\r') ? `${text}\r` : text;
}

/** Whether a value goes on in the next line: an open quote, or a backslash at its end. */
function stillOpen(text: string, quote: string, kept: boolean): { quote: string; kept: boolean } | undefined {
  let current = quote;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\' && current !== "'") at += 1;
    else if (current === '' && (character === '"' || character === "'") && (at === 0 || quote !== '')) {
      current = character;
    } else if (character === current) current = '';
  }
  const backslashes = /\\*$/u.exec(text.replace(/\r$/u, ''))?.[0].length ?? 0;
  const continued = backslashes % 2 === 1 && current !== "'";
  return current !== '' || continued ? { quote: current, kept } : undefined;
}

/** Comments may hold a password that was switched off; the one of `systemctl edit` decides what counts below it. */
export function redactComment(line: string): string {
  if (/Lines below this comment will be discarded|Anything between here/u.test(line)) return line;
  const [, start = '#'] = /^(\s*[#;]+)/u.exec(line) ?? [];
  return start;
}
