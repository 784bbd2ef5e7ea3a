import { parseIp } from '../address.ts';
import type { Place } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import { type Kind, wordValue } from './constants.ts';
import { isObject, type Json, list, member, single, text } from './json.ts';
import { readCt, readFib, readMeta } from './meta.ts';
import { type Field, readPayload, type Scalar } from './payload.ts';
import type { Sets } from './sets.ts';

export interface Concat {
  readonly parts: readonly Scalar[];
}
export type Value = Scalar | Concat | 'break' | 'unknown';

export function isConcat(value: Value): value is Concat {
  return typeof value === 'object' && 'parts' in value;
}

/** Reads a constant as what it means beside a value of this kind; undefined when it cannot be read. */
export function constant(json: Json, kind: Kind): number | bigint | string | undefined {
  if (typeof json === 'number') return json;
  if (typeof json === 'boolean') return json ? 1 : 0;
  if (typeof json === 'string') {
    if (kind === 'ifname' || kind === 'text') return json;
    if (kind === 'ifindex') return json === '0' ? '' : json;
    if (kind === 'ip4' || kind === 'ip6') {
      const ip = parseIp(json);
      return ip && (ip.family === 4) === (kind === 'ip4') ? ip.value : undefined;
    }
    if (kind === 'ether')
      return /^[0-9a-fA-F:]{17}$/.test(json) ? Number.parseInt(json.replaceAll(':', ''), 16) : undefined;
    return wordValue(kind, json);
  }
  if (Array.isArray(json)) return bits(json as Json[], kind);
  const only = single(json);
  if (only?.name === 'elem') return constant(member(only.body, 'val'), kind);
  if (only && Array.isArray(only.body)) return arithmetic(only.name, only.body as Json[], kind);
  return undefined;
}

function bits(values: readonly Json[], kind: Kind): number | undefined {
  let sum = 0;
  for (const value of values) {
    const bit = constant(value, kind);
    if (typeof bit !== 'number') return undefined;
    sum |= bit;
  }
  return sum >>> 0;
}

function arithmetic(op: string, args: readonly Json[], kind: Kind): number | undefined {
  const values = args.map((a) => constant(a, kind));
  return values.every((v) => typeof v === 'number') ? combine(op, values) : undefined;
}

function combine(op: string, values: readonly number[]): number | undefined {
  const [first, ...rest] = values;
  if (first === undefined) return undefined;
  let result = first;
  for (const v of rest) {
    if (op === '&') result &= v;
    else if (op === '|') result |= v;
    else if (op === '^') result ^= v;
    else if (op === '<<') result <<= v;
    else if (op === '>>') result >>>= v;
    else return undefined;
  }
  return result >>> 0;
}

function wideCombine(op: string, a: bigint, b: bigint): bigint | undefined {
  if (op === '&') return a & b;
  if (op === '|') return a | b;
  return op === '^' ? a ^ b : undefined;
}

/** The first SYN is never a fragment: whatever the don't-fragment bit, the rest of the field is 0. */
function isFragment(json: Json): boolean {
  return member(member(json, 'payload'), 'field') === 'frag-off';
}

function bitwise(op: string, args: readonly Json[], flight: Flight, place: Place, sets: Sets): Value {
  const left = evaluate(args[0], flight, place, sets);
  if (left === 'unknown' && op === '&' && isFragment(args[0]) && Number(args[1]) <= 0x3fff)
    return { kind: 'number', v: 0 };
  if (typeof left === 'string') return left;
  if (isConcat(left) || typeof left.v === 'string') return 'unknown';
  let value = left.v;
  for (const arg of args.slice(1)) {
    let right = constant(arg, left.kind);
    if (right === undefined) {
      const other = evaluate(arg, flight, place, sets);
      if (typeof other === 'string') return other;
      right = isConcat(other) ? undefined : other.v;
    }
    if (right === undefined || typeof right === 'string') return 'unknown';
    const wide = [value, right].some((v) => typeof v === 'bigint' || v > 0xffffffff);
    const result = wide
      ? wideCombine(op, BigInt(value), BigInt(right))
      : combine(op, [Number(value), Number(right)]);
    if (result === undefined) return 'unknown';
    value = left.kind === 'ether' ? Number(result) : result;
  }
  return { kind: left.kind, v: value };
}

function numgen(body: Json): Field {
  const offset = member(body, 'offset');
  // Where the counter stands, or what comes out of the dice, is in no listing.
  if (member(body, 'mod') !== 1) return 'unknown';
  return { kind: 'number', v: typeof offset === 'number' ? offset : 0 };
}

/** IPv6 extension headers and TCP options: the first SYN carries no headers, and options that are not given. */
function header(name: string, body: Json, flight: Flight): Field {
  if (name === 'tcp option') return flight.protocol === 6 ? 'unknown' : 'break';
  if (name === 'exthdr' ? flight.family === 4 : name === 'ip option' && flight.family === 6) return 'break';
  return member(body, 'field') === undefined ? { kind: 'bool', v: 0 } : 'break';
}

/** The value of an expression for this packet. */
export function evaluate(json: Json, flight: Flight, place: Place, sets: Sets): Value {
  const only = single(json);
  if (!only) {
    if (typeof json === 'number') return { kind: 'number', v: json };
    if (typeof json === 'string' && !json.startsWith('@')) {
      const ip = parseIp(json);
      if (ip) return { kind: ip.family === 4 ? 'ip4' : 'ip6', v: ip.value };
    }
    return 'unknown';
  }
  const { name, body } = only;
  switch (name) {
    case 'payload':
      return readPayload(body, flight, place);
    case 'meta':
      return readMeta(text(member(body, 'key')) ?? '', flight, place);
    case 'ct':
      return readCt(body, flight, place);
    case 'fib':
      return readFib(body, flight, place);
    case 'exthdr':
    case 'ip option':
    case 'tcp option':
    case 'sctp chunk':
    case 'dccp option':
      return header(name, body, flight);
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      return bitwise(name, list(body), flight, place, sets);
    case 'concat': {
      const parts: Scalar[] = [];
      let unknown = false;
      for (const part of list(body)) {
        const value = evaluate(part, flight, place, sets);
        if (value === 'break') return 'break';
        if (value === 'unknown' || isConcat(value)) unknown = true;
        else parts.push(value);
      }
      return unknown ? 'unknown' : { parts };
    }
    case 'map': {
      const key = evaluate(member(body, 'key'), flight, place, sets);
      if (key === 'break' || key === 'unknown') return key;
      const found = sets.lookup(member(body, 'data'), key, flight);
      if (found === null) return 'break';
      return found === 'unknown' ? 'unknown' : valueOf(found.data);
    }
    case 'numgen':
      return numgen(body);
    case 'elem':
      return evaluate(member(body, 'val'), flight, place, sets);
    case 'ipsec':
      return 'break';
    default:
      return 'unknown';
  }
}

/** A constant from the data side of a map, whose type only the map's user knows. */
function valueOf(data: Json): Value {
  if (isObject(data)) {
    const concat = member(data, 'concat');
    if (!Array.isArray(concat)) return 'unknown';
    const parts = (concat as Json[]).map(valueOf);
    return parts.every((p): p is Scalar => typeof p === 'object' && !isConcat(p)) ? { parts } : 'unknown';
  }
  if (typeof data === 'number') return { kind: 'number', v: data };
  if (typeof data !== 'string') return 'unknown';
  const ip = parseIp(data);
  if (ip) return { kind: ip.family === 4 ? 'ip4' : 'ip6', v: ip.value };
  const service = wordValue('port', data);
  return service === undefined ? { kind: 'text', v: data } : { kind: 'port', v: service };
}
