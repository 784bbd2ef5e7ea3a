import { plainEnd } from './extent.ts';
import { type Json, member, single, text as asText } from './json.ts';

/** A `match` statement up to its value: `{"match": {"op": "==", "left": {…}, "right": `, and what that says. */
export interface Opening {
  readonly written: string;
  readonly op: string;
  readonly left: Json;
}

/** More ways than these to begin a match are not kept in mind, nor longer ones. */
const MOST = 16;
const LONGEST = 400;

/**
 * The ways in which the matches of one listing begin. Rules of a long chain ask the same few things (`ip saddr`,
 * `tcp dport`, …) and differ in the value: each way to ask is read once, and known again by its text.
 */
export class Openings {
  private readonly known: Opening[] = [];
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The opening that stands at `at`; undefined where a statement of another kind does, or one that is not simple. */
  at(at: number): Opening | undefined {
    if (!this.text.startsWith('{"match"', at)) return undefined;
    for (const opening of this.known) if (this.text.startsWith(opening.written, at)) return opening;
    return this.known.length < MOST ? this.learn(at) : undefined;
  }

  private learn(at: number): Opening | undefined {
    const right = this.text.slice(at, at + LONGEST).indexOf('"right":');
    if (right < 0) return undefined;
    let end = at + right + 8;
    while (this.text.charCodeAt(end) === 32) end++;
    const written = this.text.slice(at, end);
    // Whatever the value is, it must be the last thing that the statement says.
    const statement = `${written}0}}`;
    if (plainEnd(statement, 0) !== statement.length) return undefined;
    const only = single(JSON.parse(statement) as Json);
    const op = asText(member(only?.body, 'op'));
    const isWhole = only?.name === 'match' && member(only.body, 'right') === 0;
    if (!isWhole || op === undefined) return undefined;
    const opening = { written, op, left: member(only.body, 'left') };
    this.known.push(opening);
    return opening;
  }
}
