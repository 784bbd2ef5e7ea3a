import { type Json, isObject, list, member, single, text } from './json.ts';

const plain = (value: Json): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

function verdict(name: string, body: Json): string {
  return name === 'jump' || name === 'goto' ? `${name} ${plain(member(body, 'target'))}` : name;
}

const VERDICTS = new Set(['accept', 'drop', 'return', 'continue', 'jump', 'goto']);

/** An expression or constant in nft's own words. */
function expression(value: Json): string {
  if (Array.isArray(value)) return (value as Json[]).map(expression).join(',');
  const only = single(value);
  if (!only) return isObject(value) ? JSON.stringify(value) : plain(value);
  const { name, body } = only;
  switch (name) {
    case 'payload': {
      const protocol = text(member(body, 'protocol'));
      if (protocol !== undefined) return `${protocol} ${plain(member(body, 'field'))}`;
      return `@${plain(member(body, 'base'))},${plain(member(body, 'offset'))},${plain(member(body, 'len'))}`;
    }
    case 'meta': {
      const key = plain(member(body, 'key'));
      return /^[io]if(name)?$/.test(key) ? key : `meta ${key}`;
    }
    case 'ct':
      return ['ct', member(body, 'dir'), member(body, 'family'), member(body, 'key')]
        .filter((p) => p !== undefined)
        .map(plain)
        .join(' ');
    case 'fib':
      return `fib ${[member(body, 'flags')].flat().map(plain).join(' . ')} ${plain(member(body, 'result'))}`;
    case 'prefix':
      return `${expression(member(body, 'addr'))}/${plain(member(body, 'len'))}`;
    case 'range':
      return list(body).map(expression).join('-');
    case 'set':
      return `{ ${list(body).map(setItem).join(', ')} }`;
    case 'concat':
      return list(body).map(expression).join(' . ');
    case 'elem':
      return expression(member(body, 'val'));
    case 'map':
      return `${expression(member(body, 'key'))} map ${expression(member(body, 'data'))}`;
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      return list(body).map(expression).join(` ${name} `);
    default:
      return VERDICTS.has(name)
        ? verdict(name, body)
        : `${name} ${isObject(body) ? Object.values(body).map(expression).join(' ') : plain(body)}`;
  }
}

function setItem(item: Json): string {
  if (!Array.isArray(item)) return expression(item);
  return (item as Json[]).map(expression).join(' : ');
}

function match(body: Json): string {
  const left = expression(member(body, 'left'));
  const op = plain(member(body, 'op'));
  const value = member(body, 'right');
  const right = value === true ? 'exists' : value === false ? 'missing' : quoteNames(left, expression(value));
  return `${left} ${op === '==' || op === 'in' ? '' : `${op} `}${right}`;
}

function quoteNames(left: string, right: string): string {
  return /^[io]if(name)?$/.test(left) && !/[{@]/.test(right) ? `"${right}"` : right;
}

function rate(body: Json): string {
  if (typeof body === 'string') return `limit name "${body}"`;
  const over = member(body, 'inv') === true ? 'over ' : '';
  return `limit rate ${over}${plain(member(body, 'rate'))}/${plain(member(body, 'per'))}`;
}

function translation(name: string, body: Json): string {
  const address = member(body, 'addr');
  const port = member(body, 'port');
  if (address === undefined && port === undefined) return name;
  return `${name} to ${address === undefined ? '' : expression(address)}${port === undefined ? '' : `:${expression(port)}`}`;
}

function statement(part: Json): string {
  const only = single(part);
  if (!only) return plain(part);
  const { name, body } = only;
  if (VERDICTS.has(name)) return verdict(name, body);
  switch (name) {
    case 'match':
      return match(body);
    case 'counter':
      return 'counter';
    case 'reject': {
      const type = text(member(body, 'type'));
      const code = text(member(body, 'expr'));
      if (type === undefined) return 'reject';
      return `reject with ${type}${code === undefined ? '' : ` ${code}`}`;
    }
    case 'limit':
      return rate(body);
    case 'log': {
      const prefix = text(member(body, 'prefix'));
      return prefix === undefined ? 'log' : `log prefix ${JSON.stringify(prefix)}`;
    }
    case 'vmap':
      return `${expression(member(body, 'key'))} vmap ${expression(member(body, 'data'))}`;
    case 'mangle':
      return `${expression(member(body, 'key'))} set ${expression(member(body, 'value'))}`;
    case 'dnat':
    case 'snat':
    case 'redirect':
    case 'masquerade':
      return translation(name, body);
    case 'xt':
      return `xt ${plain(member(body, 'type') ?? '')} ${JSON.stringify(member(body, 'name') ?? '')}`;
    case 'set':
      return `${plain(member(body, 'op'))} ${plain(member(body, 'set'))} { ${expression(member(body, 'elem'))} }`;
    default:
      return body === null || body === undefined ? name : `${name} ${expression(body)}`;
  }
}

const LONGEST = 400;

/** A rule of a listing as `nft list ruleset` would print it, as nearly as its owner needs to recognise it. */
export function renderRule(rule: Json): string {
  const parts = list(member(rule, 'expr')).map(statement);
  const comment = text(member(rule, 'comment'));
  if (comment !== undefined) parts.push(`comment ${JSON.stringify(comment)}`);
  const whole = parts.join(' ').replace(/\s+/g, ' ');
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole;
}
