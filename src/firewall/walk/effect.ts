import type { Backend, Family, Hook, RuleReference, Seen } from '../types.ts';
import type { Flight } from './flight.ts';
import type { Host } from './host.ts';

/** How a refusal looks before anything on the way back swallows it. */
export interface Refusal {
  readonly kind: 'tcp-reset' | 'icmp';
  readonly seen: Seen;
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly note?: string;
}

/** What one rule does with one flight. `flight` is the packet as the rule left it. */
export type Effect =
  | { readonly go: 'next' | 'return' | 'accept' | 'drop'; readonly flight: Flight }
  | { readonly go: 'jump' | 'goto'; readonly chain: string; readonly flight: Flight }
  | { readonly go: 'reject'; readonly refusal: Refusal; readonly flight: Flight }
  | { readonly go: 'nat'; readonly target: string; readonly flight: Flight }
  /** Handed to something outside the ruleset; what it does is not known. */
  | { readonly go: 'queue'; readonly flight: Flight }
  /** Changed in a way that is not modelled; what becomes of the packet is not known. */
  | { readonly go: 'open'; readonly flight: Flight };

/** One table of one source, whatever its syntax. Rules are read when they are reached. */
export interface Table {
  readonly backend: Backend;
  readonly family: Family;
  readonly name: string;
  /** The chains that hang on a hook, in the order of the listing. */
  readonly bases: readonly Chain[];
  /** The chain of that name, made ready when it is first asked for. */
  chain(name: string): Chain | undefined;
  /** Why it cannot be told whether the table is dormant, which is as if it were not there. */
  readonly mayBeDormant?: string;
}

/** What one walk saw of a chain. */
export interface Visits {
  /** Which walk; another starts anew. */
  readonly walk: object;
  times: number;
  /** Are there flights in it now? */
  open: boolean;
  /** Keys of flights that it left as they were. */
  idle: Set<string> | null;
}

export interface Chain {
  readonly table: Table;
  readonly name: string;
  readonly size: number;
  readonly base: Base | null;
  /** Kept by whoever walks it (chains.ts). */
  visits: Visits | null;
  /**
   * What rule `index` (from 0) does with the flight. An empty list: it does not match, the flight goes on
   * unchanged. Several: some match could not be decided.
   */
  evaluate(index: number, flight: Flight, at: Place): readonly Effect[];
  describe(index: number | null): Pick<RuleReference, 'text' | 'handle' | 'packets' | 'bytes'>;
}

export interface Base {
  readonly hook: Hook;
  readonly priority: number;
  readonly type: 'filter' | 'nat' | 'route';
  readonly policy: 'accept' | 'drop';
  /** Interfaces of a netdev chain; empty for all others. */
  readonly devices: readonly string[];
}

export const UNCHANGED: readonly Effect[] = [];

/** Where the packet is while a rule looks at it, and where remarks go. */
export interface Place {
  readonly host: Host;
  readonly hook: Hook;
  readonly layer: 'ip' | 'bridge' | 'netdev';
  readonly findings: Findings;
  /** The rule being looked at, for remarks. */
  readonly rule: () => string;
}

/** Remarks gathered on the way; each is said once. */
export interface Findings {
  readonly dependsOnRate: Set<string>;
  readonly notes: Set<string>;
  readonly unknown: Set<string>;
}

/** yes, no, or not decidable from what is given. */
export type Answer = true | false | 'unknown';

function not(answer: Answer): Answer {
  return answer === 'unknown' ? answer : !answer;
}

export function either(negated: boolean, answer: Answer): Answer {
  return negated ? not(answer) : answer;
}
