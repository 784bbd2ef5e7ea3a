import { usage } from '../failure.ts';

const longest = 3_600_000;

/** Milliseconds, from 1 to an hour. */
export function milliseconds(option: string): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/u.test(value) || number < 1 || number > longest) {
      throw usage(
        `${option} takes milliseconds from 1 to ${longest}, not '${value}'`,
        'for ten seconds: 10000',
      );
    }
    return number;
  };
}

/** An http or https URL, with `http://` and port 11434 filled in where there is no scheme; in full. */
export function httpUrl(option: string): (value: string) => string {
  return (value) => {
    const text = value.trim();
    const schemed = text.includes('://') ? text : `http://${text}`;
    const url = URL.canParse(schemed) ? new URL(schemed) : undefined;
    if (!url || !/^https?:$/u.test(url.protocol) || url.hostname === '' || text === '') {
      throw usage(`${option} takes an http URL, not '${value}'`, 'for example http://127.0.0.1:11434');
    }
    if (!text.includes('://') && url.port === '') url.port = '11434';
    return url.href;
  };
}

/** The origin of a page as browsers send it: scheme, host and port, no path; of an app or an extension as well. */
export function pageOrigin(option: string): (value: string) => string {
  return (value) => {
    const [origin] = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#,@*]+(?=\/?$)/iu.exec(value.trim()) ?? [];
    if (origin === undefined) {
      throw usage(`${option} takes a page's origin, not '${value}'`, 'for example http://192.168.1.5:3000');
    }
    return origin.toLowerCase();
  };
}

const part = String.raw`(?:[<>]=?|=|\^|~)?\s*v?\d+(?:\.(?:\d+|x|\*)){0,2}`;
const range = new RegExp(String.raw`^${part}(?:(?:\s+|\s*,\s*|\s*\|\|\s*)${part})*$`, 'u');

/** A range of versions as npm writes them: `>=0.5.0`, `0.9`, `>=0.5 <1`. */
export function versionRange(option: string): (value: string) => string {
  return (value) => {
    if (!range.test(value.trim())) {
      throw usage(`${option} takes a range of versions, not '${value}'`, "for example '>=0.5.0'");
    }
    return value.trim();
  };
}
