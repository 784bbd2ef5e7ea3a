import type { Place } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import { compare } from './compare.ts';
import { wholeNumberEnd } from './extent.ts';
import { evaluate } from './expression.ts';
import type { Json } from './json.ts';
import type { Openings } from './openings.ts';
import type { Sets } from './sets.ts';

/**
 * Tells of most rules that they do not match, without reading them whole.
 *
 * A rule is read value by value, up to the first that is not the packet's. Whatever is not simple is left to who reads
 * whole rules: nothing is decided here but a plain no.
 */
export class Glance {
  private readonly text: string;
  private readonly openings: Openings;
  private readonly sets: Sets;

  constructor(text: string, openings: Openings, sets: Sets) {
    this.text = text;
    this.openings = openings;
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
      const opening = this.openings.at(at);
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
}

/** The offset past a string or a whole number that is not negative; -1 for other values. */
function simpleEnd(text: string, at: number): number {
  if (text.charCodeAt(at) === 34) return text.indexOf('"', at + 1) + 1;
  return wholeNumberEnd(text, at);
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
