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

function payload(field: string, value: number | bigint, flight: Flight): Flight {
  if (field === 'ttl' || field === 'hoplimit') return { ...flight, ttl: Number(value) };
  return field === 'dscp' ? { ...flight, tos: (Number(value) << 2) | (flight.tos & 3) } : flight;
}

/** Rewriting addresses or ports without connection tracking: where the answer then goes is not modelled. */
export function rewritesEndpoint(body: Json): boolean {
  const field = text(member(member(member(body, 'key'), 'payload'), 'field'));
  return field !== undefined && /^(saddr|daddr|sport|dport)$/.test(field);
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
  const direct = constant(value, 'dscp');
  const next = typeof direct === 'number' ? direct : numberOf(value, flight, place, sets);
  if (next === 'break') return null;
  return next === null ? flight : payload(field, next, flight);
}
