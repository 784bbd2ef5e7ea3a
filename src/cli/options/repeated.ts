import { cutCredentials } from '../../machine/redaction/urls.ts';
import type { TypedOptions } from './diagnosis.ts';

/**
 * The options that say what is looked at, as they are to be typed again so that a later run finds the same:
 * ` --require-model llama3.2:3b` with a blank ahead, empty when there are none. Without credentials of URLs.
 */
export function repeated(typed: TypedOptions): string {
  const given: [string, string | readonly string[] | undefined][] = [
    ['--only', typed.only],
    ['--skip', typed.skip],
    ['--container', typed.container],
    ['--runtime', typed.runtime],
    ['--url', typed.url],
    ['--origin', typed.origin],
    ['--require-model', typed.requireModel],
    ['--require-version', typed.requireVersion],
    ['--generate', typed.generate],
  ];
  return given
    .filter(([, value]) => value !== undefined && value.length > 0)
    .map(([name, value]) => ` ${name} ${asWord(cutCredentials([value].flat().join(',')))}`)
    .join('');
}

/** A text as one word of a shell. */
function asWord(text: string): string {
  return /^[\w./:@,+=-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
