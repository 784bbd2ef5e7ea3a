import type { Place } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import { constant, evaluate, isConcat } from './expression.ts';
import { type Json, member, text } from './json.ts';
import type { Sets } from './sets.ts';

/** A mark whose value cannot be told; matches on it are followed both ways. */
const UNTOLD = -1;

function numberOf(value: Json, flight: Flight, place: Place, sets: Sets): number | bigint | 'break' | null {
  const direct = constant(value, 'number');
  if (typeof direct === 'number') return direct;
  const read = evaluate(value, flight, place, sets);
  if (read === 'break') return 'break';
  if (read === 'unknown' || isConcat(read) || typeof read.v === 'string') return null;
  return read.v;
}

function payload(protocol: string, field: string, value: number | bigint, flight: Flight): Flight {
  switch (`${protocol} ${field}`) {
    case 'ip saddr':
    case 'ip6 saddr':
      return { ...flight, src: value };
    case 'ip daddr':
    case 'ip6 daddr':
      return { ...flight, dst: value };
    case 'tcp sport':
    case 'th sport':
      return { ...flight, sport: Number(value) };
    case 'tcp dport':
    case 'th dport':
      return { ...flight, dport: Number(value) };
    case 'ip ttl':
    case 'ip6 hoplimit':
      return { ...flight, ttl: Number(value) };
    case 'ip dscp':
    case 'ip6 dscp':
      return { ...flight, tos: (Number(value) << 2) | (flight.tos & 3) };
    default:
      return flight;
  }
}

/**
 * `{"mangle": {"key", "value"}}`: marks and header fields set to a value. What no match reads is left alone.
 * @returns null where the packet has no such value (a map without its key) and the rule ends
 */
export function mangle(body: Json, flight: Flight, place: Place, sets: Sets): Flight | null {
  const key = member(body, 'key');
  const value = member(body, 'value');
  const meta = text(member(member(key, 'meta'), 'key'));
  const ct = text(member(member(key, 'ct'), 'key'));
  if (meta === 'mark') {
    const mark = numberOf(value, flight, place, sets);
    if (mark === 'break') return null;
    return { ...flight, mark: mark === null ? UNTOLD : Number(mark) >>> 0 };
  }
  if (ct === 'mark') {
    if (flight.ct !== 'new' && flight.ct !== 'established' && flight.ct !== 'related') return flight;
    const mark = numberOf(value, flight, place, sets);
    if (mark === 'break') return null;
    const told = mark === null ? UNTOLD : Number(mark) >>> 0;
    return { ...flight, connection: { ...flight.connection, mark: told } };
  }
  const protocol = text(member(member(key, 'payload'), 'protocol'));
  const field = text(member(member(key, 'payload'), 'field'));
  if (protocol === undefined || field === undefined) return flight;
  const kind =
    protocol === 'ip' && field.endsWith('addr')
      ? 'ip4'
      : protocol === 'ip6' && field.endsWith('addr')
        ? 'ip6'
        : 'dscp';
  const direct = constant(value, kind);
  const next =
    direct !== undefined && typeof direct !== 'string' ? direct : numberOf(value, flight, place, sets);
  if (next === 'break') return null;
  return next === null ? flight : payload(protocol, field, next, flight);
}
