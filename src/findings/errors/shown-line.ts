const widest = 400;
/** A control sequence of ECMA-48, as terminals are given colours by; made of text, as a linter refuses ESC in a pattern. */
const colour = new RegExp(`${String.fromCodePoint(0x1b)}\\[[\\d;?]{0,20}[A-Za-z]`, 'gu');

const leftOut = '(left out)';

/**
 * Takes escape sequences and other control characters out of a line of a log (also the NULs of UTF-16 that was read as
 * UTF-8). Linear in its length.
 */
export function plainLine(line: string): string {
  return line.replace(colour, '').replace(/(?!\t)\p{Cc}/gu, '');
}

/**
 * Cuts user names, passwords, keys and tokens out of a line: in URLs, in `name=value` and `name: value`, in
 * Authorization headers. Every part of every pattern is bounded, so that no line makes it slow.
 */
export function withoutSecrets(line: string): string {
  return line
    .replace(/:\/\/[^/\s"'`<>]*@/gu, '://')
    .replace(/(^|[\s"'=,;(])[^/\s@"'=,;:(]{1,100}:[^/\s"']{1,200}@/gu, '$1')
    .replace(/\b(bearer|basic)\s{1,3}[\w.~+/=-]{4,}/giu, `$1 ${leftOut}`)
    .replace(/\b(?:sk|ghp|gho|glpat|hf)[-_][\w-]{8,}/gu, leftOut)
    .replace(secretValue, `$1${leftOut}`);
}

const secretValue =
  /((?:key|token|secret|passw(?:or)?d|credentials?|signature|authorization|cookie)s?[\w-]{0,20}["']{0,1}\s{0,3}[=:]\s{0,3}["']{0,1})(?!\(left out\)|\s|(?:bearer|basic)\b)[^\s"'&,;]+/giu;

/** The part of a line that is shown: as much around its telling place as has room. */
export function excerpt(line: string, at: number): string {
  const whole = line.trim();
  if (whole.length <= widest) return whole;
  const start = Math.max(0, Math.min(at - 80, whole.length - widest));
  const part = whole.slice(start, start + widest).trim();
  return `${start > 0 ? '…' : ''}${part}${start + widest < whole.length ? '…' : ''}`;
}
