import { firstOf, lastOf } from '../address.ts';
import type { Answer } from '../walk/effect.ts';
import { anyPortWithin } from '../iptables/values.ts';
import { ANY_PORT, type Flight } from '../walk/flight.ts';
import { constant, isConcat, type Concat, type Value } from './expression.ts';
import { type Json, list, member, single } from './json.ts';
import type { Scalar } from './payload.ts';
import type { Sets } from './sets.ts';

/** An interface name against a pattern: a trailing `*` is a wildcard unless a backslash stands before it. */
export function nameMatches(pattern: string, name: string): boolean {
  if (pattern.endsWith('\\*')) return name === `${pattern.slice(0, -2)}*`;
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

const BIT_KINDS = new Set(['ctstate', 'ctstatus', 'tcpflags']);

/** The same for a port that was not given. */
function anyPortEquals(right: Json, sets: Sets): Answer {
  const elements = sets.keysOf(right);
  if (elements) {
    const answers = elements.map((key) => anyPortEquals(key, sets));
    if (answers.includes(true)) return true;
    return answers.includes('unknown') ? 'unknown' : false;
  }
  const ends = single(right)?.name === 'range' ? list(single(right)?.body) : [right];
  const [low, high = low] = ends.map((end) => constant(end, 'port'));
  if (typeof low !== 'number' || typeof high !== 'number') return 'unknown';
  return anyPortWithin(low, high) ?? 'unknown';
}

/** Is the value this constant, in this prefix, range or list of alternatives? Bits are compared whole here. */
export function equals(left: Scalar, right: Json, sets: Sets, flight: Flight): Answer {
  if (left.kind === 'port' && left.v === ANY_PORT) return anyPortEquals(right, sets);
  if (typeof right === 'string' && right.startsWith('@')) {
    const found = sets.lookup(right, left, flight);
    return found === 'unknown' ? 'unknown' : found !== null;
  }
  const only = single(right);
  if (only?.name === 'prefix') {
    const base = constant(member(only.body, 'addr'), left.kind);
    const length = member(only.body, 'len');
    if (base === undefined || typeof base === 'string' || typeof length !== 'number') return 'unknown';
    // Marks are numbers of 32 bits, and nft writes ranges of them as prefixes where it can.
    if (typeof left.v === 'string' || !/^(ip4|ip6|number)$/.test(left.kind)) return 'unknown';
    if (left.kind === 'number' && typeof left.v === 'bigint') return 'unknown';
    const family = left.kind === 'ip6' ? 6 : 4;
    return left.v >= firstOf(family, base, length) && left.v <= lastOf(family, base, length);
  }
  if (only?.name === 'range') {
    const [low, high] = list(only.body).map((end) => constant(end, left.kind));
    // nft refuses to load an upside-down range; it lists `< B` and `> A` of one rule as one (lies.lab.ts).
    if (low === undefined || high === undefined || low > high) return 'unknown';
    return left.v >= low && left.v <= high;
  }
  if (only?.name === 'set') {
    const found = sets.lookup(right, left, flight);
    return found === 'unknown' ? 'unknown' : found !== null;
  }
  if (only?.name === 'elem') return equals(left, member(only.body, 'val'), sets, flight);
  if (left.kind === 'ifindex' || (left.kind === 'ifname' && typeof right === 'boolean')) {
    if (typeof right === 'boolean') return (left.v !== '') === right;
    if (typeof right === 'number') return right === 0 && left.v === '';
  }
  const value = constant(right, left.kind);
  if (value === undefined) return 'unknown';
  if (left.kind === 'ifname') return nameMatches(String(value), String(left.v));
  return value === left.v || (typeof value !== typeof left.v && String(value) === String(left.v));
}

function concatEquals(left: Concat, right: Json, sets: Sets, flight: Flight): Answer {
  if ((typeof right === 'string' && right.startsWith('@')) || single(right)?.name === 'set') {
    const found = sets.lookup(right, left, flight);
    return found === 'unknown' ? 'unknown' : found !== null;
  }
  const parts = list(member(right, 'concat'));
  return concatMatches(left, parts, sets, flight);
}

/** Part by part. */
export function concatMatches(left: Concat, parts: readonly Json[], sets: Sets, flight: Flight): Answer {
  if (parts.length !== left.parts.length) return 'unknown';
  let result: Answer = true;
  for (let i = 0; i < parts.length; i++) {
    const answer = equals(left.parts[i] as Scalar, parts[i], sets, flight);
    if (answer === false) return false;
    if (answer === 'unknown') result = 'unknown';
  }
  return result;
}

function bitsHeld(left: Scalar, right: Json, sets: Sets, flight: Flight): Answer {
  const wanted = constant(right, left.kind);
  if (typeof wanted !== 'number' || typeof left.v !== 'number') return equals(left, right, sets, flight);
  return (left.v & wanted) !== 0;
}

const negate = (a: Answer): Answer => (a === 'unknown' ? a : !a);

/** One `match` statement: does `left op right` hold? */
export function compare(op: string, left: Value, right: Json, sets: Sets, flight: Flight): Answer {
  if (left === 'break') return false;
  if (left === 'unknown') return 'unknown';
  if (isConcat(left)) {
    const same = concatEquals(left, right, sets, flight);
    return op === '!=' ? negate(same) : same;
  }
  switch (op) {
    case '==':
      return equals(left, right, sets, flight);
    case '!=':
      return negate(equals(left, right, sets, flight));
    case 'in':
      return BIT_KINDS.has(left.kind)
        ? bitsHeld(left, right, sets, flight)
        : equals(left, right, sets, flight);
    case '!':
      return negate(bitsHeld(left, right, sets, flight));
    case '<':
    case '>':
    case '<=':
    case '>=': {
      const bound = constant(right, left.kind);
      if (bound === undefined || typeof bound === 'string' || typeof left.v === 'string') return 'unknown';
      if (left.kind === 'port' && left.v === ANY_PORT) {
        const below =
          typeof bound === 'number' ? anyPortWithin(0, op === '<' || op === '>=' ? bound - 1 : bound) : null;
        return below === null ? 'unknown' : op.startsWith('<') ? below : !below;
      }
      if (op === '<') return left.v < bound;
      if (op === '>') return left.v > bound;
      return op === '<=' ? left.v <= bound : left.v >= bound;
    }
    default:
      return 'unknown';
  }
}
