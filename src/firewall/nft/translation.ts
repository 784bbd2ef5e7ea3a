import { type IpValue, parseIp } from '../address.ts';
import type { Effect, Place } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import { bindDestination, bindSource, endpoint, redirectAddress } from '../walk/translate.ts';
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

function readAddress(
  json: Json,
  flight: Flight,
  place: Place,
  sets: Sets,
): { address: Address; port: number | null } {
  if (json === undefined) return { address: null, port: null };
  const range = single(json)?.name === 'range' ? list(single(json)?.body) : [];
  const first = text(range[0]);
  if (first !== undefined) {
    if (first !== range[1])
      place.findings.notes.add(`${place.rule()}: translates to one of several addresses; the first is taken`);
    return { address: parseIp(first)?.value ?? 'unknown', port: null };
  }
  const value = evaluate(json, flight, place, sets);
  const second = typeof value === 'object' && isConcat(value) ? value.parts[1] : undefined;
  return { address: addressOf(value, flight.family), port: typeof second?.v === 'number' ? second.v : null };
}

function readPort(
  json: Json,
  old: number,
  flight: Flight,
  place: Place,
  sets: Sets,
): number | null | 'break' | 'unknown' {
  if (json === undefined) return null;
  const range = single(json)?.name === 'range' ? list(single(json)?.body) : [];
  if (typeof range[0] === 'number' && typeof range[1] === 'number') {
    return old >= range[0] && old <= range[1] ? old : range[0];
  }
  const value = evaluate(json, flight, place, sets);
  if (typeof value === 'string') return value;
  return !isConcat(value) && typeof value.v === 'number' ? value.v : 'unknown';
}

/**
 * dnat, redirect, snat, masquerade (nft_nat.c, nft_redir.c, nft_masq.c).
 * @returns null where the statement does not apply to this packet and the rule ends
 */
export function translationEffect(
  name: string,
  body: Json,
  flight: Flight,
  place: Place,
  sets: Sets,
): Effect | null {
  const family = text(member(body, 'family'));
  if (family !== undefined && (family === 'ip') !== (flight.family === 4)) return null;
  const onSource = name === 'snat' || name === 'masquerade';
  const to = readAddress(member(body, 'addr'), flight, place, sets);
  const port = readPort(member(body, 'port'), onSource ? flight.sport : flight.dport, flight, place, sets);
  if (to.address === 'break' || port === 'break') return null;
  if (to.address === 'unknown' || port === 'unknown') return { go: 'queue', flight };
  const newPort = port ?? to.port;
  if (onSource) {
    const bound = bindSource(flight, to.address, newPort);
    return { go: 'nat', target: endpoint(flight.family, bound.src, bound.sport), flight: bound };
  }
  const address = name === 'redirect' ? redirectAddress(flight, place) : to.address;
  if (name === 'redirect' && address === null) return { go: 'drop', flight };
  const bound = bindDestination(flight, address, newPort);
  return { go: 'nat', target: endpoint(flight.family, bound.dst, bound.dport), flight: bound };
}
