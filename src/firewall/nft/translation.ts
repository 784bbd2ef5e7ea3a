import { type IpValue, parseIp } from '../address.ts';
import type { Effect, Place } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import { type Choices, destinationEffects, redirectAddress, sourceEffects } from '../walk/translate.ts';
import { evaluate, isConcat, type Value } from './expression.ts';
import { type Json, list, member, single, text } from './json.ts';
import type { Scalar } from './payload.ts';
import type { Sets } from './sets.ts';

type Address = IpValue | null | 'break' | 'unknown';

function addressOf(value: Value, family: 4 | 6): Address {
  if (value === 'break' || value === 'unknown') return value;
  const scalar: Scalar | undefined = isConcat(value) ? value.parts[0] : value;
  if (!scalar || typeof scalar.v === 'string') return 'unknown';
  return scalar.kind === (family === 4 ? 'ip4' : 'ip6') ? scalar.v : 'unknown';
}

/** A range of addresses or ports as it is written, or null. */
function rangeOf(json: Json): readonly Json[] | null {
  const only = single(json);
  return only?.name === 'range' ? list(only.body) : null;
}

interface Given {
  readonly addresses: Choices['addresses'] | 'break' | 'unknown';
  /** From a map with addresses and ports. */
  readonly port: number | null;
}

function readAddress(json: Json, flight: Flight, place: Place, sets: Sets): Given {
  if (json === undefined) return { addresses: null, port: null };
  const ends = rangeOf(json)?.map((end) => parseIp(text(end) ?? '')?.value);
  if (ends) {
    const [low, high] = ends;
    return { addresses: low === undefined || high === undefined ? 'unknown' : { low, high }, port: null };
  }
  const value = evaluate(json, flight, place, sets);
  const second = typeof value === 'object' && isConcat(value) ? value.parts[1] : undefined;
  const address = addressOf(value, flight.family);
  if (typeof value === 'object' && isConcat(value) && typeof second?.v !== 'number')
    return { addresses: 'unknown', port: null };
  const port = typeof second?.v === 'number' ? second.v : null;
  if (address === 'break' || address === 'unknown' || address === null)
    return { addresses: address ?? 'unknown', port };
  return { addresses: { low: address, high: address }, port };
}

function readPorts(
  json: Json,
  flight: Flight,
  place: Place,
  sets: Sets,
): { low: number; high: number } | null | 'break' | 'unknown' {
  if (json === undefined) return null;
  const [low, high] = rangeOf(json) ?? [];
  if (typeof low === 'number' && typeof high === 'number') return { low, high };
  const value = evaluate(json, flight, place, sets);
  if (typeof value === 'string') return value;
  return !isConcat(value) && typeof value.v === 'number' ? { low: value.v, high: value.v } : 'unknown';
}

/**
 * dnat, redirect, snat, masquerade (nft_nat.c, nft_redir.c, nft_masq.c).
 * @returns nothing where the statement does not apply to this packet and the rule ends
 */
export function translationEffects(
  name: string,
  body: Json,
  flight: Flight,
  place: Place,
  sets: Sets,
): readonly Effect[] {
  const family = text(member(body, 'family'));
  if (family !== undefined && (family === 'ip') !== (flight.family === 4)) return [];
  const onSource = name === 'snat' || name === 'masquerade';
  const to = readAddress(member(body, 'addr'), flight, place, sets);
  const given = readPorts(member(body, 'port'), flight, place, sets);
  if (to.addresses === 'break' || given === 'break') return [];
  const typed = member(body, 'type_flags');
  if (to.addresses === 'unknown' || given === 'unknown' || typed !== undefined)
    return [{ go: 'open', flight }];
  const range = given ?? (to.port === null ? null : { low: to.port, high: to.port });
  const random = /random/.test(JSON.stringify(member(body, 'flags') ?? ''));
  const old = onSource ? flight.sport : flight.dport;
  const ports = range && { ...range, random, base: null, old };
  if (onSource) return sourceEffects(flight, place, { addresses: to.addresses, ports });
  if (name !== 'redirect') return destinationEffects(flight, place, { addresses: to.addresses, ports });
  const address = redirectAddress(flight, place);
  if (address === null) return [{ go: 'drop', flight }];
  return destinationEffects(flight, place, { addresses: { low: address, high: address }, ports });
}
