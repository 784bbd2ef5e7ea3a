import { redactWords } from '../../../machine/redaction/assignments.ts';
import { isReadName } from '../../../machine/redaction/names.ts';
import { parseUnitFile } from './unit-file.ts';
import type { UnitLine } from './unit-file.ts';
import { splitWords } from './words.ts';

/** A unit file or drop-in with its text, in the order systemd applies them. */
export interface UnitSource {
  path: string;
  text: string;
}

/** One thing a unit says about its environment, where it says it. */
export interface EnvironmentEvent {
  file: string;
  line: number;
  /** The line as it stands in the file, without what it says of variables that the doctor does not read. */
  text: string;
  what:
    | { kind: 'assign'; variable: string; value: string }
    /** `Environment=` without a value: forgets all before it. */
    | { kind: 'clear' }
    | { kind: 'file'; path: string; optional: boolean }
    /** `EnvironmentFile=` without a value. */
    | { kind: 'clear-files' }
    /** `UnsetEnvironment=`: a name, or a name with the value it must have. Applied after everything else. */
    | { kind: 'unset'; variable: string; value?: string }
    /** A line that names an Ollama variable and that systemd ignores, with its warning. */
    | { kind: 'ignored'; variable: string; value: string; because: string };
}

/**
 * Everything the files of one unit say about environment variables, in order (systemd.exec(5), and
 * config_parse_environ() and its neighbours in src/core/load-fragment.c for what is ignored).
 */
export function environmentEvents(sources: readonly UnitSource[]): EnvironmentEvent[] {
  return sources.flatMap(({ path, text }) =>
    parseUnitFile(text).flatMap((line) =>
      eventsOf(line).map((what) => ({ file: path, line: line.line, text: shownText(line), what })),
    ),
  );
}

/** A line may set a token beside OLLAMA_HOST, and is shown to people: what a recording leaves out is left out here. */
function shownText({ key, value, text }: UnitLine): string {
  return key === 'Environment' ? text.slice(0, text.length - value.length) + redactWords(value) : text;
}

type What = EnvironmentEvent['what'];

function eventsOf(line: UnitLine): What[] {
  if (line.ignored !== undefined) return ignored(line.text, line.ignored);
  if (line.section !== 'Service') {
    return ignored(line.text, `Unknown key '${line.key}' in section [${line.section}], ignoring.`);
  }
  switch (line.key) {
    case 'Environment':
      return line.value === '' ? [{ kind: 'clear' }] : assignments(line);
    case 'EnvironmentFile':
      return environmentFile(line);
    case 'UnsetEnvironment':
      return splitWords(line.value).words.map((word) => {
        const { variable, value } = cutAssignment(word);
        return { kind: 'unset', variable, ...(value !== undefined && { value }) };
      });
    default:
      return line.key.includes('OLLAMA_')
        ? ignored(line.text, `Unknown key '${line.key}' in section [Service], ignoring.`)
        : [];
  }
}

function assignments(line: UnitLine): What[] {
  const { words, broken } = splitWords(line.value);
  const found = words.flatMap((word, at): What[] => {
    const { variable, value } = cutAssignment(word);
    if (value === undefined || !isVariableName(variable)) {
      return ignored(meantBy(words, at), `Invalid environment assignment, ignoring: ${word}`);
    }
    return [{ kind: 'assign', variable, value: value.replaceAll('%%', '%') }];
  });
  if (!broken) return found;
  const read = new Set(found.map((what) => ('variable' in what ? what.variable : '')));
  const rest = ignored(line.value, `Invalid syntax, ignoring: ${redactWords(line.value)}`);
  return [...found, ...rest.filter((what) => !('variable' in what && read.has(what.variable)))];
}

/**
 * An ignored word with what it belongs to where blanks stand around the `=`: `OLLAMA_HOST = 0.0.0.0` is three words to
 * systemd, `OLLAMA_HOST= 0.0.0.0` two, of which the first gives the variable an empty value.
 */
function meantBy(words: readonly string[], at: number): string {
  const [before = '', word = '', next = '', afterNext = ''] = [-1, 0, 1, 2].map((step) => words[at + step]);
  if (/^OLLAMA_[A-Z0-9_]+=$/u.test(before) && !word.includes('=')) return `${before}${word}`;
  if (/^OLLAMA_[A-Z0-9_]+$/u.test(word) && next.startsWith('='))
    return `${word}${next === '=' ? `=${afterNext}` : next}`;
  return word;
}

function environmentFile(line: UnitLine): What[] {
  if (line.value === '') return [{ kind: 'clear-files' }];
  const optional = line.value.startsWith('-');
  const path = optional ? line.value.slice(1) : line.value;
  // `%h/…` is a path too; a relative one is none.
  return /^[/%]/u.test(path) ? [{ kind: 'file', path, optional }] : [];
}

/** The Ollama variables that an ignored text meant to set; none when it names none. */
function ignored(text: string, because: string): What[] {
  const named = [...text.matchAll(/(OLLAMA_[A-Z0-9_]+)(?:\s*=\s*([^\s"'\u2018-\u201f]*))?/gu)];
  return named
    .filter(([, variable = '']) => isReadName(variable))
    .map(([, variable = '', value = '']) => ({ kind: 'ignored', variable, value, because }));
}

/** What systemd takes as the name of a variable (env_name_is_valid() in src/basic/env-util.c). */
export function isVariableName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/u.test(name);
}

function cutAssignment(word: string): { variable: string; value?: string } {
  const equals = word.indexOf('=');
  return equals < 0 ? { variable: word } : { variable: word.slice(0, equals), value: word.slice(equals + 1) };
}
