import { isReadName, withoutCredentials } from './names.ts';
import { leftOut } from './urls.ts';

/** As {@link leftOut}, for places where a blank would make it two words. */
const leftOutWord = '(left-out)';

/** `NAME=VALUE` words of an `Environment=`: values of names that the doctor does not read are left out. */
export function redactWords(text: string): string {
  return text.replace(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\\$)+/gu, redactWord);
}

function redactWord(word: string): string {
  if (word === '\\') return word;
  const equals = word.indexOf('=');
  const name = word.slice(0, Math.max(equals, 0)).replace(/^["']/u, '');
  if (equals < 0) {
    // A word systemd will complain about; what it complains about must stay where it is about Ollama.
    return /^\W*OLLAMA_\w*\W*$/u.test(word) || /^[\d.:"'“”]+$/u.test(word) ? word : leftOutWord;
  }
  if (isReadName(name)) return withoutCredentials(word);
  if (!/^\W{0,3}\w+$/u.test(name)) return leftOutWord;
  const quote = /^["']/u.exec(word)?.[0] ?? '';
  const closed = quote !== '' && word.length > 1 && word.endsWith(quote) ? quote : '';
  return `${word.slice(0, equals)}=${leftOutWord}${closed}`;
}

/**
 * A file of `NAME=VALUE` lines (an EnvironmentFile, a .env, or any file of unknown kind): names stay, and of the values
 * those the doctor reads. Lines keep their numbers.
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
    if (kept) return withoutCredentials(line);
    return /^\W{0,3}[\w.-]+$/u.test(name) ? withEnd(`${head}${leftOut}`, line) : withEnd(leftOut, line);
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
