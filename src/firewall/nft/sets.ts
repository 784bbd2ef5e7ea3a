import { firstOf, formatIp, lastOf } from '../address.ts';
import { ANY_PORT, type Flight } from '../walk/flight.ts';
import { concatMatches, equals, nameMatches } from './compare.ts';
import type { Kind } from './constants.ts';
import { type Concat, constant } from './expression.ts';
import { type Json, list, member, single } from './json.ts';
import { type NftListing, type NftTable, readSlot } from './listing.ts';
import type { Scalar } from './payload.ts';

/** An element that matched, with what a map holds for it; null: none did. */
export type Lookup = { readonly data: Json } | null | 'unknown';

interface Span {
  readonly low: number | bigint;
  readonly high: number | bigint;
  readonly data: Json;
}

/** The scalar elements of one named set, ready for many questions. */
interface Index {
  readonly exact: Map<string, Json>;
  readonly spans: Span[];
  readonly patterns: { readonly pattern: string; readonly data: Json }[];
  readonly rest: { readonly data: Json } | null;
  readonly unread: boolean;
}

interface Element {
  readonly key: Json;
  readonly data: Json;
}

function unwrap(json: Json): Json {
  const only = single(json);
  return only?.name === 'elem' ? unwrap(member(only.body, 'val')) : json;
}

/** Set elements are values, map elements pairs of a key and data. */
function elementsOf(items: readonly Json[], isMap: boolean): Element[] {
  return items.map((item) => {
    const pair = isMap && Array.isArray(item) ? (item as Json[]) : [item, true];
    return { key: unwrap(pair[0]), data: pair[1] };
  });
}

function spanOf(key: Json, kind: Kind): { low: number | bigint; high: number | bigint } | null {
  const only = single(key);
  if (only?.name === 'prefix' && (kind === 'ip4' || kind === 'ip6' || kind === 'number')) {
    const base = constant(member(only.body, 'addr'), kind);
    const length = member(only.body, 'len');
    if (base === undefined || typeof base === 'string' || typeof length !== 'number') return null;
    const family = kind === 'ip6' ? 6 : 4;
    return { low: firstOf(family, base, length), high: lastOf(family, base, length) };
  }
  if (only?.name !== 'range') return null;
  const [low, high] = list(only.body).map((end) => constant(end, kind));
  if (low === undefined || high === undefined || typeof low === 'string' || typeof high === 'string')
    return null;
  return { low, high };
}

function buildIndex(elements: readonly Element[], kind: Kind): Index {
  const exact = new Map<string, Json>();
  const spans: Span[] = [];
  const patterns: { pattern: string; data: Json }[] = [];
  let rest: { data: Json } | null = null;
  let unread = false;
  for (const { key, data } of elements) {
    if (key === '*' && kind !== 'ifname') {
      rest = { data };
      continue;
    }
    const span = spanOf(key, kind);
    if (span) {
      spans.push({ ...span, data });
      continue;
    }
    const value = constant(key, kind);
    if (value === undefined) unread = true;
    else if (kind === 'ifname' && typeof value === 'string' && value.endsWith('*')) {
      if (value === '*') rest = { data };
      else patterns.push({ pattern: value, data });
    } else exact.set(String(value), data);
  }
  spans.sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : 0));
  return { exact, spans, patterns, rest, unread };
}

function findSpan(spans: readonly Span[], v: number | bigint): Span | null {
  let low = 0;
  let high = spans.length - 1;
  while (low <= high) {
    const mid = (low + high) >> 1;
    const span = spans[mid] as Span;
    if (v < span.low) high = mid - 1;
    else if (v > span.high) low = mid + 1;
    else return span;
  }
  return null;
}

function keyText(value: Scalar | Concat): string {
  if ('parts' in value) return value.parts.map(keyText).join(' . ');
  if (value.kind === 'ip4' || value.kind === 'ip6') {
    return typeof value.v === 'string' ? value.v : formatIp(value.kind === 'ip4' ? 4 : 6, value.v);
  }
  return String(value.v);
}

/** The sets and maps of one table, read when first asked. */
export class Sets {
  private readonly listing: NftListing;
  private readonly table: NftTable;
  private readonly elements = new Map<string, Element[] | null>();
  private readonly indexes = new Map<string, Index>();

  constructor(listing: NftListing, table: NftTable) {
    this.listing = listing;
    this.table = table;
  }

  /** Looks a value up in `{"set": [...]}` or `@name`, with what this packet itself put there. */
  lookup(reference: Json, value: Scalar | Concat, flight: Flight): Lookup {
    if (typeof reference === 'string' && reference.startsWith('@')) {
      const name = reference.slice(1);
      const own = flight.memory.get(`set:${this.table.family}:${this.table.name}:${name}:${keyText(value)}`);
      if (own !== undefined) return own === 1 ? { data: true } : null;
      return this.named(name, value, flight);
    }
    const only = single(reference);
    if (only?.name !== 'set') return 'unknown';
    const items = list(only.body);
    const isMap = items.some((item) => Array.isArray(item));
    return this.scan(elementsOf(items, isMap), value, flight);
  }

  /** What `lookup` finds afterwards for the packet that a rule adds to (or, with 0, deletes from) the set. */
  remember(flight: Flight, name: string, value: Scalar | Concat, present: 0 | 1): Flight {
    const memory = new Map(flight.memory);
    memory.set(`set:${this.table.family}:${this.table.name}:${name}:${keyText(value)}`, present);
    return { ...flight, memory };
  }

  /** The keys of a set, however it is written; null for what is no set. */
  keysOf(reference: Json): Json[] | null {
    if (typeof reference === 'string' && reference.startsWith('@')) {
      return this.elementsNamed(reference.slice(1))?.map((e) => e.key) ?? null;
    }
    const items = single(reference)?.name === 'set' ? list(single(reference)?.body) : null;
    return items
      ? elementsOf(
          items,
          items.some((item) => Array.isArray(item)),
        ).map((e) => e.key)
      : null;
  }

  /** The verdicts a verdict map can give. */
  allData(reference: Json): Json[] | null {
    if (typeof reference === 'string' && reference.startsWith('@')) {
      return this.elementsNamed(reference.slice(1))?.map((e) => e.data) ?? null;
    }
    return elementsOf(list(member(reference, 'set')), true).map((e) => e.data);
  }

  private elementsNamed(name: string): Element[] | null {
    let found = this.elements.get(name);
    if (found !== undefined) return found;
    const slot = this.table.sets.get(name);
    const object = slot ? readSlot(this.listing, slot) : undefined;
    const map = member(object, 'map');
    const body = map ?? member(object, 'set');
    found = body === undefined ? null : elementsOf(list(member(body, 'elem')), map !== undefined);
    this.elements.set(name, found);
    return found;
  }

  private named(name: string, value: Scalar | Concat, flight: Flight): Lookup {
    const elements = this.elementsNamed(name);
    if (elements === null || ('v' in value && value.v === ANY_PORT && value.kind === 'port'))
      return 'unknown';
    if ('parts' in value) return this.scan(elements, value, flight);
    const cached = `${name} ${value.kind}`;
    let index = this.indexes.get(cached);
    if (!index) this.indexes.set(cached, (index = buildIndex(elements, value.kind)));
    const key = String(value.v);
    if (index.exact.has(key)) return { data: index.exact.get(key) };
    if (typeof value.v !== 'string') {
      const span = findSpan(index.spans, value.v);
      if (span) return { data: span.data };
    } else {
      const hit = index.patterns.find((p) => nameMatches(p.pattern, key));
      if (hit) return { data: hit.data };
    }
    return index.unread ? 'unknown' : index.rest;
  }

  private scan(elements: readonly Element[], value: Scalar | Concat, flight: Flight): Lookup {
    let unknown = false;
    let rest: Lookup = null;
    for (const { key, data } of elements) {
      if (key === '*' && !('parts' in value && value.parts.length === 1)) {
        rest = { data };
        continue;
      }
      const held =
        'parts' in value
          ? concatMatches(value, list(member(key, 'concat')), this, flight)
          : equals(value, key, this, flight);
      if (held === true) return { data };
      if (held === 'unknown') unknown = true;
    }
    return unknown ? 'unknown' : rest;
  }
}
