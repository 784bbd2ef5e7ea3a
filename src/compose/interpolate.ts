/** A variable that a text uses. */
interface UsedVariable {
  name: string;
  /** What it is set to; undefined when it is not set. */
  value: string | undefined;
  /** True when the text's own default (or alternative) stands in its place. */
  replaced: boolean;
}

export interface Interpolated {
  text: string;
  variables: UsedVariable[];
  /** Variables without a value or default, for which nothing is put in (compose warns of them). */
  unset: string[];
  /** Why compose refuses the text: bad syntax, or a `${NAME:?}` without its value. */
  refused?: { reason: string; kind: 'syntax' | 'required' };
}

type Lookup = (name: string) => string | undefined;

/** Braces inside braces, at the most; compose's own files have one or two. */
const deepest = 32;

/**
 * Puts variables into a text by compose's rules (compose-spec 12-interpolation.md, compose-go template/template.go):
 * `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}`, `${NAME?message}`,
 * `${NAME:+instead}`, `${NAME+instead}`, and `$$` for one `$`. Defaults may hold variables themselves. Never throws.
 */
export function interpolate(text: string, lookup: Lookup, depth = 0): Interpolated {
  const result: Interpolated = { text: '', variables: [], unset: [] };
  if (!text.includes('$')) return { ...result, text };
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar === -1) break;
    result.text += text.slice(at, dollar);
    const next = text[dollar + 1] ?? '';
    if (next === '$') {
      result.text += '$';
      at = dollar + 2;
      continue;
    }
    const plain = /^[A-Za-z_]\w*/u.exec(text.slice(dollar + 1, dollar + 256));
    if (plain) {
      use(result, plain[0], lookup(plain[0]));
      at = dollar + 1 + plain[0].length;
      continue;
    }
    const end = next === '{' ? closing(text, dollar + 1) : -1;
    const inner =
      end === -1 ? undefined : /^([A-Za-z_]\w*)(?:(:?[-?+])(.*))?$/su.exec(text.slice(dollar + 2, end));
    if (!inner || depth >= deepest) {
      return {
        ...result,
        text,
        refused: { reason: `invalid interpolation format in '${text}'`, kind: 'syntax' },
      };
    }
    const [, name = '', operator, word = ''] = inner;
    braced(result, { name, operator, word, value: lookup(name) }, lookup, depth);
    if (result.refused) return result;
    at = end + 1;
  }
  result.text += text.slice(at);
  return result;
}

function use(result: Interpolated, name: string, value: string | undefined): void {
  result.variables.push({ name, value, replaced: false });
  if (value === undefined) result.unset.push(name);
  else result.text += value;
}

function braced(
  result: Interpolated,
  form: { name: string; operator: string | undefined; word: string; value: string | undefined },
  lookup: Lookup,
  depth: number,
): void {
  const { name, operator, word, value } = form;
  if (operator === undefined) return use(result, name, value);
  const present = value !== undefined && !(operator.startsWith(':') && value === '');
  switch (operator.slice(-1)) {
    case '?':
      if (present) return use(result, name, value);
      result.refused = {
        reason: `required variable ${name} is missing a value${word === '' ? '' : `: ${word}`}`,
        kind: 'required',
      };
      return;
    case '+':
      result.variables.push({ name, value, replaced: present });
      if (present) nested(result, word, lookup, depth);
      return;
    default:
      if (present) return use(result, name, value);
      result.variables.push({ name, value, replaced: true });
      nested(result, word, lookup, depth);
  }
}

function nested(result: Interpolated, word: string, lookup: Lookup, depth: number): void {
  const inner = interpolate(word, lookup, depth + 1);
  result.text += inner.text;
  result.variables.push(...inner.variables);
  result.unset.push(...inner.unset);
  if (inner.refused) result.refused = inner.refused;
}

/** The brace that closes the one at `open`, or -1. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '{' && text[at - 1] === '$') depth += 1;
    if (text[at] !== '}') continue;
    depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}
