import type { Place } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import { compare } from './compare.ts';
import { evaluate } from './expression.ts';
import { plainEnd } from './extent.ts';
import { type Json, member, single, text as asText } from './json.ts';
import type { Sets } from './sets.ts';

/** A `match` statement up to its value: `{"match": {"op": "==", "left": {…}, "right": `, and what that says. */
interface Opening {
  readonly written: string;
  readonly op: string;
  readonly left: Json;
}

/** More ways than these to begin a match are not kept in mind. */
const MOST = 16;

/**
 * Tells of most rules that they do not match, without reading them whole.
 *
 * Rules of a long chain ask the same few things (`ip saddr`, `tcp dport`, …) and differ in the value. Each way to ask
 * is read once and known again by its text; a rule is then read value by value, up to the first that is not the
 * packet's. Whatever is not simple is left to who reads whole rules: nothing is decided here but a plain no.
 */
export class Glance {
  private readonly openings: Opening[] = [];
  private readonly text: string;
  private readonly sets: Sets;

  constructor(text: string, sets: Sets) {
    this.text = text;
    this.sets = sets;
  }

  /**
   * Is it certain that the rule does not match the flight?
   * @param start of the rule's object, which must be plain and sound JSON
   * @param end of it
   */
  rulesOut(start: number, end: number, flight: Flight, place: Place): boolean {
    const { text } = this;
    const expr = text.indexOf('"expr":', start);
    if (expr < 0 || expr >= end) return false;
    let at = past(text, expr + 7, 91);
    while (at > 0) {
      const opening = this.openingAt(at);
      if (!opening) return false;
      const valueAt = at + opening.written.length;
      const valueEnd = simpleEnd(text, valueAt);
      const closed = valueEnd < 0 ? -1 : past(text, past(text, valueEnd, 125), 125);
      if (closed < 0) return false;
      const value: Json =
        text.charCodeAt(valueAt) === 34
          ? text.slice(valueAt + 1, valueEnd - 1)
          : Number(text.slice(valueAt, valueEnd));
      const left = evaluate(opening.left, flight, place, this.sets);
      const held = compare(opening.op, left, value, this.sets, flight);
      if (held !== true) return held === false;
      at = past(text, closed, 44);
    }
    return false;
  }

  private openingAt(at: number): Opening | undefined {
    for (const opening of this.openings) if (this.text.startsWith(opening.written, at)) return opening;
    return this.openings.length < MOST ? this.learn(at) : undefined;
  }

  /** Reads a statement whole, for how it begins; nothing where it is no match with a simple value. */
  private learn(at: number): Opening | undefined {
    const end = this.text.charCodeAt(at) === 123 ? plainEnd(this.text, at) : -1;
    if (end < 0) return undefined;
    const statement = this.text.slice(at, end);
    const only = single(JSON.parse(statement) as Json);
    const op = asText(member(only?.body, 'op'));
    const right = statement.lastIndexOf('"right":');
    if (only?.name !== 'match' || op === undefined || right < 0) return undefined;
    const valueAt = right + 8 + (/^ */.exec(statement.slice(right + 8))?.[0].length ?? 0);
    const valueEnd = simpleEnd(statement, valueAt);
    // The value must be the last thing said, or what stands ahead of it is not all of the question.
    if (valueEnd < 0 || !/^ *\} *\}$/.test(statement.slice(valueEnd))) return undefined;
    const opening = { written: statement.slice(0, valueAt), op, left: member(only.body, 'left') };
    this.openings.push(opening);
    return opening;
  }
}

/** The offset past a string or a whole number that is not negative; -1 for other values. */
function simpleEnd(text: string, at: number): number {
  if (text.charCodeAt(at) === 34) return text.indexOf('"', at + 1) + 1;
  let end = at;
  while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
  return end > at ? end : -1;
}

/** The offset past this character and the blanks around it; -1 where something else stands, or `at` is -1. */
function past(text: string, at: number, code: number): number {
  if (at < 0) return -1;
  let next = at;
  while (text.charCodeAt(next) === 32) next++;
  if (text.charCodeAt(next) !== code) return -1;
  do next++;
  while (text.charCodeAt(next) === 32);
  return next;
}
