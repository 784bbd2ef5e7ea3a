import type { Place } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import { type Json, isObject, list, member, single } from './json.ts';
import type { NftTable } from './listing.ts';

const UNITS: Readonly<Record<string, number>> = {
  bytes: 1,
  kbytes: 1024,
  mbytes: 1048576,
  gbytes: 1073741824,
}; // prettier-ignore

function bytes(value: Json, unit: Json): number {
  return (typeof value === 'number' ? value : 0) * (UNITS[String(unit)] ?? 1);
}

/** nft_limit.c: a fresh bucket is full, so that the first packet passes unless bytes are counted and it is too long. */
function limitHolds(body: Json, flight: Flight): boolean {
  const inverted = member(body, 'inv') === true;
  const unit = member(body, 'rate_unit');
  if (unit === undefined || unit === 'packets') return !inverted;
  const rate = bytes(member(body, 'rate'), unit);
  const burst = bytes(member(body, 'burst'), member(body, 'burst_unit') ?? 'bytes');
  return flight.length <= rate + burst !== inverted;
}

/**
 * limit, quota, ct count and meter, by their own parameters or by the name of a stateful object, for the first
 * packet of a fresh state.
 */
export function rateHolds(name: string, body: Json, flight: Flight, place: Place, table: NftTable): boolean {
  if (name === 'counter' || name === 'last') return true;
  place.findings.dependsOnRate.add(place.rule());
  const named = typeof body === 'string' ? table.objects.get(`${name}/${body}`) : undefined;
  const spec = named ?? body;
  switch (name) {
    case 'limit':
      return limitHolds(spec, flight);
    case 'quota': {
      const size = bytes(member(spec, 'bytes') ?? member(spec, 'val'), member(spec, 'val_unit') ?? 'bytes');
      const inverted = member(spec, 'inv') === true;
      return flight.length > size === inverted;
    }
    case 'ct count':
    case 'connlimit': {
      const most = member(spec, 'val');
      return 1 > (typeof most === 'number' ? most : 0) === (member(spec, 'inv') === true);
    }
    case 'meter': {
      const inner = member(spec, 'stmt');
      for (const part of isObject(inner) ? [inner] : list(inner)) {
        const only = single(part);
        if (only && !rateHolds(only.name, only.body, flight, place, table)) return false;
      }
      return true;
    }
    default:
      return true;
  }
}
