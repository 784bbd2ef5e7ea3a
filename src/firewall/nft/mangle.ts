import type { Place } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import { constant, evaluate, isConcat } from './expression.ts';
import { type Json, member, text } from './json.ts';
import type { Sets } from './sets.ts';

/** A mark whose value cannot be told; matches on it are followed both ways. */
export const UNTOLD = -1;

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
  if (field === 'ecn') return { ...flight, tos: (flight.tos & ~3) | (Number(value) & 3) };
  return field === 'dscp' ? { ...flight, tos: (Number(value) << 2) | (flight.tos & 3) } : flight;
}

const META = new Set(['mark', 'priority', 'nftrace', 'secmark']);
const CT = new Set(['mark', 'zone', 'label', 'event', 'secmark']);
const FIELD = /^(ip ttl|ip6 hoplimit|ip6? dscp|ip6? ecn|ip id|tcp window)$/;

/** Is it known what follows when this is changed? Not so for addresses and ports rewritten without tracking, say. */
export function isModelled(body: Json): boolean {
  const key = member(body, 'key');
  const meta = text(member(member(key, 'meta'), 'key'));
  if (meta !== undefined) return META.has(meta);
  const ct = text(member(member(key, 'ct'), 'key'));
  if (ct !== undefined) return CT.has(ct);
  const payload = member(key, 'payload');
  if (payload === undefined) return member(key, 'tcp option') !== undefined;
  return FIELD.test(`${text(member(payload, 'protocol'))} ${text(member(payload, 'field'))}`);
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
  if (ct === 'zone') {
    if (flight.ct !== 'none') return flight;
    const id = numberOf(value, flight, place, sets);
    if (id === 'break') return null;
    const dir = member(member(key, 'ct'), 'dir');
    const zone = id === null ? UNTOLD : Number(id);
    const sides = { original: dir === 'reply' ? 0 : zone, reply: dir === 'original' ? 0 : zone };
    return { ...flight, zone: { id: zone, ...sides } };
  }
  const protocol = text(member(member(key, 'payload'), 'protocol'));
  const field = text(member(member(key, 'payload'), 'field'));
  if (protocol === undefined || field === undefined) return flight;
  const direct = constant(value, field === 'ecn' ? 'ecn' : 'dscp');
  const next = typeof direct === 'number' ? direct : numberOf(value, flight, place, sets);
  if (next === 'break') return null;
  return next === null ? flight : payload(field, next, flight);
}
