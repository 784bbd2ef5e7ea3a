import type { RuleReference, TraceStep } from '../types.ts';
import type { Chain, Effect, Findings, Place, Refusal, Visits } from './effect.ts';
import { type Flight, keyOf, merge, type Path } from './flight.ts';
import type { Host } from './host.ts';

/** How a base chain ended for one flight. */
export interface Ending {
  readonly kind: 'accept' | 'drop' | 'reject' | 'nat' | 'queue' | 'open';
  readonly flight: Flight;
  readonly refusal?: Refusal;
  readonly step: () => TraceStep;
}

/** Everything one walk shares. */
export interface Walk {
  readonly host: Host;
  readonly findings: Findings;
  /** Rules that may still be looked at before it is called endless. */
  budget: number;
}

export class TooMuch extends Error {}

const MOST_FLIGHTS = 256;
const NONE: readonly Flight[] = [];

function reference(chain: Chain, index: number | null, place: Place): RuleReference {
  const { table } = chain;
  const rule = index === null ? null : index + 1;
  const where = { backend: table.backend, family: table.family, table: table.name, hook: place.hook };
  return { ...where, chain: chain.name, rule, ...chain.describe(index) };
}

/** A rule as remarks name it: `ip filter INPUT rule 3: -A INPUT …`. */
function nameOf(chain: Chain, index: number | null): string {
  const { table } = chain;
  const which = index === null ? 'policy' : `rule ${index + 1}`;
  return `${table.family} ${table.name} ${chain.name} ${which}: ${chain.describe(index).text}`;
}

/** A jump whose chain the flights are in. The newest of them says where they are, and knows the one before. */
interface Jump {
  readonly chain: Chain;
  readonly index: number;
  readonly effect: Extract<Effect, { go: 'jump' | 'goto' }>;
  readonly prev: Jump | null;
  /** The way to here as `pathTo` last wrote it, and for which beginning. */
  written: { readonly start: Path | null; readonly path: Path } | null;
}

class Run {
  private readonly walk: Walk;
  private readonly place: Place;
  readonly ended: Ending[] = [];
  private jump: Jump | null = null;
  private chain: Chain;
  private index = 0;

  constructor(walk: Walk, base: Chain, layer: Place['layer']) {
    this.walk = walk;
    this.chain = base;
    const hook = base.base?.hook ?? 'input';
    const rule = () => nameOf(this.chain, this.index);
    this.place = { host: walk.host, findings: walk.findings, hook, layer, rule };
  }

  /** Remarks may be read later, when another rule is being looked at: the place given to a rule is its own. */
  private placeAt(chain: Chain, index: number): Place {
    this.chain = chain;
    this.index = index;
    return this.place;
  }

  private visitsOf(chain: Chain): Visits {
    const { visits } = chain;
    return visits?.walk === this
      ? visits
      : (chain.visits = { walk: this, times: 0, open: false, idle: null });
  }

  /** Takes flights through a chain; returns those that came to its end or returned. */
  through(
    chain: Chain,
    entering: readonly Flight[],
    visits: Visits = this.visitsOf(chain),
  ): readonly Flight[] {
    // The kernel refuses to load a loop, so a listing with one is not what is in force.
    if (visits.open)
      throw new TooMuch(`chain ${chain.name} of table ${chain.table.name} jumps to itself in a loop`);
    visits.open = true;
    const returned: Flight[] = [];
    let flights = entering;
    for (let i = 0; i < chain.size && flights.length > 0; i++) {
      if (--this.walk.budget < 0) throw new TooMuch('the ruleset needs too many steps to decide');
      if (flights.length === 1) {
        const flight = flights[0] as Flight;
        const effects = chain.evaluate(i, flight, this.placeAt(chain, i));
        if (effects.length === 0) continue;
        const only = effects.length === 1 ? effects[0] : undefined;
        if (only?.go === 'jump') {
          const back = this.enter(chain, i, only);
          flights = back.length < 2 ? back : merge(back);
          continue;
        }
        const staying: Flight[] = [];
        for (const effect of effects) this.follow(chain, i, effect, staying, returned);
        flights = staying.length < 2 ? staying : merge(staying);
      } else {
        const staying: Flight[] = [];
        for (const flight of flights) {
          const effects = chain.evaluate(i, flight, this.placeAt(chain, i));
          if (effects.length === 0) staying.push(flight);
          for (const effect of effects) this.follow(chain, i, effect, staying, returned);
        }
        flights = merge(staying);
        if (flights.length > MOST_FLIGHTS) throw new TooMuch('too many undecided matches to follow them all');
      }
    }
    visits.open = false;
    return returned.length === 0 ? flights : merge([...flights, ...returned]);
  }

  /**
   * Takes a flight into a chain jumped to. A chain that leaves a flight as it was leaves its like as they are: this
   * keeps rulesets that jump to the same chains again and again from taking forever.
   */
  private visit(chain: Chain, flight: Flight): readonly Flight[] {
    const visits = this.visitsOf(chain);
    visits.times++;
    if (visits.times === 1) return this.through(chain, [flight], visits);
    const key = keyOf(flight);
    if (visits.idle?.has(key)) return [flight];
    const ended = this.ended.length;
    const back = this.through(chain, [flight], visits);
    const [only] = back;
    const idle = back.length === 1 && only && this.ended.length === ended && keyOf(only) === key;
    if (idle && only.assumed === flight.assumed) (visits.idle ??= new Set()).add(key);
    return back;
  }

  /** Takes the flight of a jump into its chain; returns those that came back. */
  private enter(chain: Chain, index: number, e: Jump['effect']): readonly Flight[] {
    const target = chain.table.chain(e.chain);
    if (!target) {
      this.end(chain, index, { go: 'queue', flight: e.flight });
      return NONE;
    }
    const before = this.jump;
    this.jump = { chain, index, effect: e, prev: before, written: null };
    const back = this.visit(target, e.flight);
    this.jump = before;
    return back;
  }

  private follow(chain: Chain, index: number, e: Effect, staying: Flight[], returned: Flight[]): void {
    switch (e.go) {
      case 'next':
        staying.push(e.flight);
        return;
      case 'return':
        returned.push(e.flight);
        return;
      case 'jump':
      case 'goto': {
        const back = e.go === 'jump' ? staying : returned;
        back.push(...this.enter(chain, index, e));
        return;
      }
      case 'accept':
      case 'drop':
      case 'reject':
      case 'nat':
      case 'queue':
      case 'open':
        this.end(chain, index, e);
    }
  }

  /** The way of a flight that came into the base chain by `start` and took these jumps. */
  private pathTo(jump: Jump | null, start: Path | null): Path | null {
    if (jump === null) return start;
    if (jump.written?.start === start) return jump.written.path;
    const { chain, index, effect } = jump;
    const path: Path = {
      step: () => ({ ...reference(chain, index, this.place), action: effect.go, target: effect.chain }),
      prev: this.pathTo(jump.prev, start),
    };
    jump.written = { start, path };
    return path;
  }

  end(chain: Chain, index: number | null, e: Effect): void {
    const kind = e.go as Ending['kind'];
    const ref = () => reference(chain, index, this.place);
    const step = (): TraceStep =>
      e.go === 'nat' ? { ...ref(), action: kind, target: e.target } : { ...ref(), action: kind };
    const flight: Flight = { ...e.flight, path: { step, prev: this.pathTo(this.jump, e.flight.path) } };
    this.ended.push(e.go === 'reject' ? { kind, flight, refusal: e.refusal, step } : { kind, flight, step });
  }
}

/**
 * Takes flights through one base chain.
 * @returns how each of them ended there; a flight may have become several on the way
 */
export function runBaseChain(
  walk: Walk,
  chain: Chain,
  flights: readonly Flight[],
  layer: Place['layer'] = 'ip',
): Ending[] {
  const run = new Run(walk, chain, layer);
  for (const flight of run.through(chain, flights)) {
    run.end(chain, null, { go: chain.base?.policy ?? 'accept', flight });
  }
  return run.ended;
}

/** The steps of a path, oldest first. */
export function stepsOf(path: Path | null): TraceStep[] {
  const steps: TraceStep[] = [];
  for (let at = path; at; at = at.prev) steps.push(at.step());
  return steps.toReversed();
}
