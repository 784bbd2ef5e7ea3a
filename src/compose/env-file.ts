import { interpolate } from './interpolate.ts';
import { ComposeProblem } from './problem.ts';
import { placeOf, type Source, type Span } from './source.ts';

/** One line of an env file (its value may go over several). */
export interface EnvEntry {
  name: string;
  /** With quotes and escapes undone and variables put in; undefined for a bare `NAME`, which is taken from outside. */
  value: string | undefined;
  /** Where the value is written, without its quotes. */
  at: Span;
  /** Variables in it that have no value. */
  unset: string[];
}

/**
 * Reads an env file by compose's grammar (compose-go dotenv/parser.go; docs.docker.com "Env file syntax"): `NAME=value`,
 * `NAME: value`, `export NAME=value`, comments by `#` (after a value only with a blank before it), single quotes for
 * literal text, double quotes with escapes, both over several lines; variables are put in outside of single quotes.
 *
 * @param lookup variables from outside; those of earlier lines are seen as well, after them
 * @param raw true for `format: raw` of `env_file`: values are taken as they are
 * @throws ComposeProblem with line and column for what compose itself would refuse
 */
export function readEnvFile(
  source: Source,
  lookup: (name: string) => string | undefined,
  raw = false,
): EnvEntry[] {
  const { text } = source;
  const entries: EnvEntry[] = [];
  const here = new Map<string, string>();
  const see = (name: string): string | undefined => lookup(name) ?? here.get(name);
  let at = text.startsWith('\u{feff}') ? 1 : 0;
  while (at < text.length) {
    const lineEnd = endOfLine(text, at);
    const line = text.slice(at, lineEnd);
    const start = at + (/^\s*/u.exec(line)?.[0].length ?? 0);
    const body = text.slice(start, lineEnd);
    if (body === '' || body.startsWith('#')) {
      at = lineEnd + 1;
      continue;
    }
    const head = /^(?:export[ \t]+)?([\w.[\]-]+)[ \t]*(=|:(?=[ \t]|$)|$|(?=#))/u.exec(body);
    if (!head) {
      throw new ComposeProblem(
        `this is no line of an env file: ${shortened(body)}`,
        placeOf({ source, start }),
        'write NAME=value',
      );
    }
    const [whole, name = '', separator = ''] = head;
    const valueAt = start + whole.length;
    if (separator === '') {
      entries.push({ name, value: undefined, at: { source, start: valueAt, end: valueAt }, unset: [] });
      at = lineEnd + 1;
      continue;
    }
    const value = readValue(source, valueAt, lineEnd, raw);
    const put = value.literal ? { text: value.text, unset: [] } : interpolate(value.text, see);
    if ('refused' in put && put.refused) {
      throw new ComposeProblem(put.refused.reason, placeOf({ source, start: value.start }));
    }
    here.set(name, put.text);
    entries.push({
      name,
      value: put.text,
      at: { source, start: value.start, end: value.end },
      unset: put.unset,
    });
    at = value.next;
  }
  return entries;
}

interface Value {
  text: string;
  literal: boolean;
  start: number;
  end: number;
  /** Where the next line begins. */
  next: number;
}

function readValue(source: Source, from: number, lineEnd: number, raw: boolean): Value {
  const { text } = source;
  if (raw)
    return { text: text.slice(from, lineEnd), literal: true, start: from, end: lineEnd, next: lineEnd + 1 };
  const start = from + (/^[ \t]*/u.exec(text.slice(from, lineEnd))?.[0].length ?? 0);
  const quote = text[start];
  if (start < lineEnd && (quote === '"' || quote === "'")) return readQuoted(source, start, quote);
  const written = text.slice(start, lineEnd);
  // A `#` right after the `=` begins a comment as well.
  const bare = written.startsWith('#') ? '' : written.replace(/\s+#.*$/su, '').replace(/\s+$/u, '');
  return { text: bare, literal: false, start, end: start + bare.length, next: lineEnd + 1 };
}

function readQuoted(source: Source, open: number, quote: string): Value {
  const { text } = source;
  let end = open + 1;
  while (end < text.length && text[end] !== quote) end += text[end] === '\\' ? 2 : 1;
  if (end >= text.length)
    throw new ComposeProblem(`this quote is never closed: ${quote}`, placeOf({ source, start: open }));
  const inner = text.slice(open + 1, end);
  const value = quote === '"' ? unescaped(inner) : inner.replaceAll("\\'", "'");
  return { text: value, literal: quote === "'", start: open + 1, end, next: endOfLine(text, end) + 1 };
}

/** Escapes in double quotes (compose-go dotenv/parser.go, expandEscapes); a `\$` stays a dollar and no variable. */
function unescaped(text: string): string {
  const known: Record<string, string> = { n: '\n', r: '\r', t: '\t', $: '$$' };
  return text.replace(
    /\\(.)/gsu,
    (whole, letter: string) => known[letter] ?? (/["\\']/u.test(letter) ? letter : whole),
  );
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  const end = at === -1 ? text.length : at;
  return end > from && text[end - 1] === '\r' && at !== -1 ? end - 1 : end;
}

/** What is shown of a line that may hold a secret: its first word, and never what follows `=`. */
function shortened(line: string): string {
  const [first = ''] = line.split(/[\s=:]/u);
  return first === '' ? line.slice(0, 1) : `${first.slice(0, 40)}…`;
}
