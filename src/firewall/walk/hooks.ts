import type { Hook, RuleReference, RoutingReason, Seen, Verdict } from '../types.ts';
import { runBaseChain, type Walk } from './chains.ts';
import type { Chain, Place, Refusal, Table } from './effect.ts';
import { type Flight, merge } from './flight.ts';

/** How it ended for one flight, as the client sees it. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly seen: Seen;
  readonly decidedBy: () => RuleReference | RoutingReason | null;
  readonly flight: Flight;
  readonly note?: string;
}

/** A refusal on its way out: made by a rule, not yet back at the client. */
export interface Refused {
  readonly refusal: Refusal;
  readonly flight: Flight;
  readonly rule: () => RuleReference;
  readonly hook: Hook;
  readonly layer: Place['layer'];
}

export interface HookResult {
  readonly flights: Flight[];
  readonly refused: Refused[];
}

/** Conntrack looks at packets at this priority in prerouting and output (nf_conntrack_proto.c). */
const CONNTRACK = -200;

/** Where addresses of packets of this host's own are translated. */
const NAT_OUT = -100;

/** All nat chains of a hook run at one place, whatever priority they were given (nf_nat_proto.c). */
function effectivePriority(chain: Chain): number {
  const { base } = chain;
  if (!base) return 0;
  if (base.type !== 'nat') return base.priority;
  return base.hook === 'prerouting' || base.hook === 'output' ? -100 : 100;
}

/**
 * The base chains of a hook in the order in which the kernel calls them. Of two with the same priority the one
 * registered later comes first; the listing's order is taken for the order of registration.
 * @param device asks for the chains of this interface, and those of which the listing does not tell it
 * @param legacyFirst which of the two back ends comes first at the same priority: no listing tells
 */
export function chainsOf(
  tables: readonly Table[],
  families: readonly string[],
  hook: Hook,
  legacyFirst: boolean,
  device?: string,
): Chain[] {
  const found: Chain[] = [];
  for (const table of tables) {
    if (!families.includes(table.family)) continue;
    for (const chain of table.bases) {
      if (chain.base?.hook !== hook) continue;
      const { devices } = chain.base;
      if (device !== undefined && devices.length > 0 && !devices.includes(device)) continue;
      found.push(chain);
    }
  }
  const at = new Map(found.map((chain, i) => [chain, i]));
  const rank = (chain: Chain) => ((chain.table.backend === 'legacy') === legacyFirst ? 0 : 1);
  return found.sort(
    (a, b) =>
      effectivePriority(a) - effectivePriority(b) ||
      (a.base?.priority ?? 0) - (b.base?.priority ?? 0) ||
      rank(a) - rank(b) ||
      (at.get(b) ?? 0) - (at.get(a) ?? 0),
  );
}

/**
 * Conntrack's look at a packet that nothing exempted. An answer belongs to the connection only in its zone
 * (nf_ct_zone_equal in net/netfilter/nf_conntrack_core.c).
 */
function track(flight: Flight): Flight {
  if (flight.ct !== 'none') return flight;
  const { connection, zone } = flight;
  if (!flight.replyDirection) return { ...flight, ct: 'new', connection: { ...connection, zone } };
  const known = connection.confirmed && connection.zone.reply === zone.reply;
  return { ...flight, ct: known ? 'established' : 'invalid' };
}

/** An answer to a source that INPUT translated gets its own destination back where OUTPUT's nat chains are. */
function unmask(flight: Flight): Flight {
  const { original, snat } = flight.connection;
  if (!snat || !flight.replyDirection || flight.ct !== 'established') return flight;
  return flight.dst === original.src && flight.dport === original.sport
    ? flight
    : { ...flight, dst: original.src, dport: original.sport };
}

function skipsNat(flight: Flight, hook: Hook): boolean {
  if (flight.ct !== 'new') return true;
  return hook === 'prerouting' || hook === 'output' ? flight.boundDst : flight.boundSrc;
}

/** Takes flights through all chains of one hook; what is dropped there goes to `outcomes`. */
export function runHook(
  walk: Walk,
  chains: readonly Chain[],
  hook: Hook,
  entering: readonly Flight[],
  outcomes: Outcome[],
  layer: Place['layer'] = 'ip',
): HookResult {
  const tracks = layer === 'ip' && (hook === 'prerouting' || hook === 'output');
  const refused: Refused[] = [];
  let flights = [...entering];
  for (const chain of chains) {
    const base = chain.base;
    if (!base || flights.length === 0) continue;
    if (tracks && effectivePriority(chain) > CONNTRACK) flights = flights.map(track);
    if (hook === 'output' && effectivePriority(chain) >= NAT_OUT) flights = flights.map(unmask);
    const passing: Flight[] = [];
    const tried: Flight[] = [];
    for (const flight of flights)
      (base.type === 'nat' && skipsNat(flight, hook) ? passing : tried).push(flight);
    for (const ending of tried.length === 0 ? [] : runBaseChain(walk, chain, tried, layer)) {
      const { flight, step, kind } = ending;
      if (kind === 'accept' || kind === 'nat') {
        const admits =
          kind === 'accept' && base.type === 'filter' && (hook === 'input' || hook === 'forward');
        const better = admits && !flight.replyDirection && isBetter(flight.acceptedBy, step);
        passing.push(better ? { ...flight, acceptedBy: step } : flight);
      } else if (kind === 'drop') {
        outcomes.push({ verdict: 'drop', seen: 'timeout', decidedBy: () => plain(step()), flight });
      } else if (kind === 'reject' && ending.refusal) {
        refused.push({ refusal: ending.refusal, flight, rule: () => plain(step()), hook, layer });
      } else if (kind === 'open') {
        const assumed = { rule: describeQueue(step()), matched: true, prev: flight.assumed };
        const lost = { ...flight, assumed };
        outcomes.push({ verdict: 'unknown', seen: 'unknown', decidedBy: () => plain(step()), flight: lost });
      } else {
        const rule = describeQueue(step());
        const assumed = (matched: boolean) => ({ rule, matched, prev: flight.assumed });
        passing.push({ ...flight, assumed: assumed(false) });
        const lost = { ...flight, assumed: assumed(true) };
        outcomes.push({ verdict: 'drop', seen: 'timeout', decidedBy: () => plain(step()), flight: lost });
      }
    }
    flights = merge(passing);
  }
  if (tracks) flights = flights.map(track);
  if (hook === 'output') flights = flights.map(unmask);
  return { flights, refused };
}

/** An explicit rule says more about why a packet is let in than a policy does. */
function isBetter(old: Flight['acceptedBy'], now: () => { rule: number | null }): boolean {
  return old === null || now().rule !== null || old().rule === null;
}

function describeQueue(step: RuleReference): string {
  return `${step.family} ${step.table} ${step.chain} rule ${step.rule ?? 'policy'}: ${step.text}`;
}

/** A trace step without what only traces have. */
function plain(step: RuleReference & { action?: string; target?: string }): RuleReference {
  const { action: _action, target: _target, ...rest } = step;
  return rest;
}
