import { type Effect, type Place, type Refusal, UNCHANGED } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import { icmpRefusal, namedRefusal, TCP_RESET } from '../walk/refusal.ts';
import { compare } from './compare.ts';
import { evaluate } from './expression.ts';
import { type Json, list, member, single, text } from './json.ts';
import type { NftTable } from './listing.ts';
import { isModelled, mangle, UNTOLD } from './mangle.ts';
import { rateHolds } from './rate.ts';
import type { Sets } from './sets.ts';
import { translationEffects } from './translation.ts';

/** Statements after which the rule goes on and nothing is changed that a verdict could depend on. */
const PASSING = new Set([
  'counter',
  'log',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'flow',
  'last',
  'dup',
  'secmark',
  'reset',
  'comment',
]);
const XT_PASSING = new Set(
  'comment LOG NFLOG TCPMSS TCPOPTSTRIP CLASSIFY AUDIT CHECKSUM TRACE CONNSECMARK SECMARK TEE'.split(' '),
);

/** Those that change where the packet goes, or whether it is tracked. */
const XT_CHANGING = new Set('DNAT REDIRECT NETMAP TPROXY SYNPROXY CT NOTRACK DNPT SNPT CLUSTERIP'.split(' '));

/** Statements that may name a stateful object by a map. */
const OBJECTS = new Set([
  'counter',
  'quota',
  'limit',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'synproxy',
  'secmark',
]);

interface Run {
  flight: Flight;
  readonly start: Flight;
  readonly place: Place;
  readonly sets: Sets;
  readonly table: NftTable;
  readonly effects: Effect[];
}

/** Splits off the packet for which the undecided part does not hold; the run goes on for the one for which it does. */
function fork(run: Run): void {
  const prev = run.flight.assumed;
  const rule = run.place.rule();
  run.effects.push({ go: 'next', flight: { ...run.flight, assumed: { rule, matched: false, prev } } });
  run.flight = { ...run.flight, assumed: { rule, matched: true, prev } };
}

function refusalOf(body: Json, flight: Flight): Refusal | 'break' | null {
  const type = text(member(body, 'type'));
  const code = member(body, 'expr');
  if (type === 'tcp reset') return flight.protocol === 6 ? TCP_RESET : 'break';
  if (type === undefined) return namedRefusal(flight.family, 'port-unreachable');
  if (type === 'icmp' && flight.family !== 4) return 'break';
  if (type === 'icmpv6' && flight.family !== 6) return 'break';
  if (typeof code === 'number') return icmpRefusal(flight.family, code);
  return namedRefusal(flight.family, text(code) ?? 'port-unreachable', type === 'icmpx');
}

function verdictEffect(name: string, body: Json, run: Run): Effect | null {
  const { flight } = run;
  switch (name) {
    case 'accept':
    case 'drop':
    case 'return':
      return { go: name, flight };
    case 'jump':
    case 'goto':
      return { go: name, chain: text(member(body, 'target')) ?? '', flight };
    default:
      return null;
  }
}

/** A verdict map: the packet's own entry decides; where the key is not given, any entry might. */
function verdictMap(body: Json, run: Run): boolean {
  const key = evaluate(member(body, 'key'), run.flight, run.place, run.sets);
  if (key === 'break') return false;
  const found = key === 'unknown' ? 'unknown' : run.sets.lookup(member(body, 'data'), key, run.flight);
  if (found === null) return false;
  if (found !== 'unknown') {
    const only = single(found.data);
    const effect = only ? verdictEffect(only.name, only.body, run) : null;
    if (effect) run.effects.push(effect);
    return effect === null;
  }
  fork(run);
  const seen = new Set<string>();
  for (const data of run.sets.allData(member(body, 'data')) ?? [null]) {
    const only = single(data);
    const effect = only ? verdictEffect(only.name, only.body, run) : null;
    const said = JSON.stringify(data);
    if (seen.has(said)) continue;
    seen.add(said);
    run.effects.push(effect ?? { go: only?.name === 'continue' ? 'next' : 'queue', flight: run.flight });
  }
  return false;
}

function setStatement(body: Json, run: Run): boolean {
  const key = evaluate(member(body, 'elem'), run.flight, run.place, run.sets);
  if (key === 'break') return false;
  for (const part of list(member(body, 'stmt'))) {
    const only = single(part);
    if (only && !rateHolds(only.name, only.body, run.flight, run.place, run.table)) return false;
  }
  const name = text(member(body, 'set')) ?? '';
  if (key !== 'unknown') {
    run.flight = run.sets.remember(
      run.flight,
      name.replace(/^@/, ''),
      key,
      member(body, 'op') === 'delete' ? 0 : 1,
    );
  }
  return true;
}

/** An xtables extension of which the listing tells the name alone. */
function xtables(body: Json, run: Run): boolean {
  const name = text(member(body, 'name'));
  if (name !== undefined && XT_PASSING.has(name)) return true;
  if (name === 'REJECT') {
    const refusal: Refusal = { kind: 'icmp', seen: 'unknown', icmpType: 3, icmpCode: 3 };
    run.effects.push({ go: 'reject', refusal, flight: run.flight });
    return false;
  }
  if (name === 'MASQUERADE' || name === 'SNAT') {
    run.effects.push(...translationEffects('masquerade', null, run.flight, run.place, run.sets));
    return false;
  }
  if (name === 'MARK' || name === 'CONNMARK' || name === 'HMARK') {
    const { connection } = run.flight;
    const mark = name === 'CONNMARK' ? UNTOLD : connection.mark;
    run.flight = { ...run.flight, mark: UNTOLD, connection: { ...connection, mark } };
    return true;
  }
  if (name !== undefined && XT_CHANGING.has(name)) return open(run);
  fork(run);
  if (member(body, 'type') === 'match') return true;
  run.effects.push({ go: 'queue', flight: run.flight });
  return member(body, 'type') !== 'target';
}

/** `counter name tcp dport map {…}`: the object is looked up by the packet, and without one the rule ends. */
function objectMap(name: string, map: Json, run: Run): boolean {
  const key = evaluate(member(map, 'key'), run.flight, run.place, run.sets);
  if (key === 'break') return false;
  const found = key === 'unknown' ? 'unknown' : run.sets.lookup(member(map, 'data'), key, run.flight);
  if (found === null) return false;
  if (found === 'unknown') return odd(run);
  return step(name, found.data, run);
}

/** One statement; false ends the rule. */
function step(name: string, body: Json, run: Run): boolean {
  const { place, sets } = run;
  const map = name === 'match' ? undefined : member(body, 'map');
  if (map !== undefined && OBJECTS.has(name)) return objectMap(name, map, run);
  switch (name) {
    case 'match': {
      const left = evaluate(member(body, 'left'), run.flight, place, sets);
      const held = compare(text(member(body, 'op')) ?? '==', left, member(body, 'right'), sets, run.flight);
      if (held === 'unknown') fork(run);
      return held !== false;
    }
    case 'accept':
    case 'drop':
    case 'return':
    case 'jump':
    case 'goto': {
      const effect = verdictEffect(name, body, run);
      if (effect) run.effects.push(effect);
      return false;
    }
    case 'continue':
      return false;
    case 'reject': {
      const refusal = refusalOf(body, run.flight);
      if (refusal === 'break') return false;
      run.effects.push(
        refusal ? { go: 'reject', refusal, flight: run.flight } : { go: 'queue', flight: run.flight },
      );
      return false;
    }
    case 'vmap':
      return verdictMap(body, run);
    case 'limit':
    case 'quota':
    case 'ct count':
    case 'connlimit':
    case 'meter':
      return rateHolds(name, body, run.flight, place, run.table);
    case 'mangle': {
      if (!isModelled(body)) return open(run);
      const changed = mangle(body, run.flight, place, sets);
      if (changed) run.flight = changed;
      return changed !== null;
    }
    case 'notrack': {
      const untracked = run.flight.ct === 'none' || run.flight.ct === 'invalid';
      if (untracked && place.layer === 'ip') run.flight = { ...run.flight, ct: 'untracked' };
      return true;
    }
    case 'dnat':
    case 'snat':
    case 'redirect':
    case 'masquerade': {
      run.effects.push(...translationEffects(name, body, run.flight, place, sets));
      return false;
    }
    case 'set':
      return setStatement(body, run);
    case 'map':
      return evaluate(member(body, 'elem'), run.flight, place, sets) !== 'break';
    case 'xt':
      return xtables(body, run);
    case 'queue':
      run.effects.push({ go: 'queue', flight: run.flight });
      return false;
    case 'tproxy':
    case 'synproxy':
    case 'fwd':
      return open(run);
    default:
      if (PASSING.has(name)) return true;
      return odd(run);
  }
}

/** A statement that is not understood: it may end the rule, give any verdict, or mean nothing. */
function odd(run: Run): true {
  fork(run);
  run.effects.push({ go: 'queue', flight: run.flight });
  return true;
}

/** A change that is not modelled: nothing can be said of the packet from here on. */
function open(run: Run): false {
  run.effects.push({ go: 'open', flight: run.flight });
  return false;
}

/** What the rule does with the flight: its statements from left to right, until one does not hold. */
export function evaluateNftRule(
  rule: Json,
  flight: Flight,
  place: Place,
  sets: Sets,
  table: NftTable,
): readonly Effect[] {
  const run: Run = { flight, start: flight, place, sets, table, effects: [] };
  const parts = member(rule, 'expr');
  if (!Array.isArray(parts)) {
    // A rule without statements is listed without "expr"; one that cannot be read is not an object at all.
    if (rule === undefined || parts !== undefined) odd(run);
    return run.effects.length === 0 ? UNCHANGED : [...run.effects, { go: 'next', flight: run.flight }];
  }
  for (const part of parts as Json[]) {
    const only = single(part);
    const goesOn = only ? step(only.name, only.body, run) : odd(run);
    if (goesOn) continue;
    return finish(run);
  }
  return finish(run);
}

/** Unless the last thing the rule did was to say what becomes of the packet, it goes on to the next rule. */
function finish(run: Run): readonly Effect[] {
  const last = run.effects.at(-1);
  const ended =
    last !== undefined && (last.go === 'nat' || (last.go !== 'next' && last.flight === run.flight));
  if (ended) return run.effects;
  if (run.effects.length === 0 && run.flight === run.start) return UNCHANGED;
  return [...run.effects, { go: 'next', flight: run.flight }];
}
