import type { Chain } from '../walk/effect.ts';

export type Counters = readonly [packets: number, bytes: number];

/** A rule line of a listing: where it stands in the text, and its counters where `-c` was given. */
export interface SavedRule {
  /** From `-A` to the end of the line. A slice of the listing: nothing is copied. */
  readonly line: string;
  readonly counters: Counters | null;
  /** Offset in the listing of the first character of the line, counters included. */
  readonly start: number;
}

/** Reads `[packets:bytes]` at `at`; the counters and the offset past them and a blank, or null. */
function readCounters(text: string, at: number, end: number): { counters: Counters; next: number } | null {
  if (text.charCodeAt(at) !== 91) return null;
  const colon = text.indexOf(':', at);
  const close = text.indexOf(']', at);
  if (colon < 0 || close < colon || close >= end) return null;
  const packets = Number(text.slice(at + 1, colon));
  const bytes = Number(text.slice(colon + 1, close));
  if (!Number.isFinite(packets) || !Number.isFinite(bytes)) return null;
  return { counters: [packets, bytes], next: pastBlanks(text, close + 1, end) };
}

function pastBlanks(text: string, at: number, end: number): number {
  let next = at;
  while (next < end && text.charCodeAt(next) === 32) next++;
  return next;
}

function pastDigits(text: string, at: number, end: number): number {
  let next = at;
  while (next < end && text.charCodeAt(next) >= 48 && text.charCodeAt(next) <= 57) next++;
  return next;
}

/** The offset past `[packets:bytes]` and a blank, without reading the numbers; `at` itself where no counters stand. */
export function skipCounters(text: string, at: number, end: number): number {
  if (text.charCodeAt(at) !== 91) return at;
  const colon = pastDigits(text, at + 1, end);
  const close = pastDigits(text, colon + 1, end);
  const plain = close < end && text.charCodeAt(colon) === 58 && text.charCodeAt(close) === 93;
  if (plain && close - at < 64) return pastBlanks(text, close + 1, end);
  return readCounters(text, at, end)?.next ?? at;
}

export function isWhite(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c === 32 || (c >= 9 && c <= 13) || (c > 127 && /\s/.test(text.charAt(at)));
}

/** The offset past the word at `at`: of the next white space, or `end`. */
export function wordEnd(text: string, at: number, end: number): number {
  let next = at;
  while (next < end && !isWhite(text, next)) next++;
  return next;
}

/** The offset of the first character of the line that is no blank or tab. */
export function lineStart(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++;
  return at;
}

/** The offset past the last character of the line on which `at` is, its line feed left out. */
function lineEnd(text: string, at: number): number {
  const feed = text.indexOf('\n', at);
  const end = feed < 0 ? text.length : feed;
  return end > at && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
}

/** Of a chain without rules; many have one alone, for which an array that grows has room for too many. */
const NONE: (number | SavedRule)[] = [];

/**
 * A chain of a listing. Its rules are only located, and taken from the text when they are asked for: a listing may
 * have a hundred thousand of them, of which a question needs few.
 */
export class SavedChain {
  readonly name: string;
  /** ACCEPT, DROP, …; null for a user chain (printed as `-`). */
  policy: string | null;
  /** The chain as it is walked, once it was asked for (source.ts). */
  ready: Chain | null = null;
  private readonly text: string;
  /** Where its own counters stand in the text; -1 for a chain that has none. */
  private readonly countersAt: number;
  /** Where each rule's `-A` stands; a rule that `-I` put here stands whole, its line is not in the text like that. */
  private places: (number | SavedRule)[] = NONE;

  constructor(text: string, name: string, policy: string | null, countersAt = -1) {
    this.text = text;
    this.name = name;
    this.policy = policy;
    this.countersAt = countersAt;
  }

  /** What its policy has counted; null where the listing does not tell. */
  get counters(): Counters | null {
    if (this.countersAt < 0) return null;
    const end = wordEnd(this.text, this.countersAt, this.text.length);
    return readCounters(this.text, this.countersAt, end)?.counters ?? null;
  }

  /** How many rules it has. */
  get size(): number {
    return this.places.length;
  }

  get rules(): SavedRule[] {
    return this.places.map((_, index) => this.rule(index) as SavedRule);
  }

  /** Its rule `index`, from 0. */
  rule(index: number): SavedRule | undefined {
    const place = this.places[index];
    if (typeof place !== 'number') return place;
    const start = this.text.lastIndexOf('\n', place) + 1;
    const counters = readCounters(this.text, lineStart(this.text, start, place), place);
    return { line: this.line(index), counters: counters ? counters.counters : null, start };
  }

  /** The line of its rule `index`, from `-A` on; empty where it has no such rule. */
  line(index: number): string {
    const place = this.places[index];
    if (typeof place !== 'number') return place?.line ?? '';
    return this.text.slice(place, lineEnd(this.text, place));
  }

  /** Adds the rule whose `-A` stands at this offset. */
  append(at: number): void {
    if (this.places === NONE) this.places = [at];
    else this.places.push(at);
  }

  /** Puts a rule ahead of the one that is at `position`, counted from 1. */
  insert(position: number, rule: SavedRule): void {
    this.places = this.places.toSpliced(position - 1, 0, rule);
  }
}
