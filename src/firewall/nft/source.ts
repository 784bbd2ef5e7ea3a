import { evaluateLine } from '../iptables/evaluate.ts';
import type { SavedChain } from '../iptables/chain.ts';
import type { SavedListing, SavedTable } from '../iptables/listing.ts';
import { type Chain, type Effect, type Place, type Table, UNCHANGED } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import { type Json, list, member } from './json.ts';
import { Glance } from './glance.ts';
import { handleAt, type NftChain, type NftListing, type NftTable, readSlot, readSlots } from './listing.ts';
import { renderRule } from './render.ts';
import { Sets } from './sets.ts';
import { evaluateNftRule } from './statements.ts';

function holdsXt(rule: Json): boolean {
  return list(member(rule, 'expr')).some((part) => member(part, 'xt') !== undefined);
}

function countersOf(rule: Json): { packets: number; bytes: number } | null {
  for (const part of list(member(rule, 'expr'))) {
    const packets = member(member(part, 'counter'), 'packets');
    const size = member(member(part, 'counter'), 'bytes');
    if (typeof packets === 'number') return { packets, bytes: typeof size === 'number' ? size : 0 };
  }
  return null;
}

/** At most so many rules are read at once. */
const BATCH = 64;

class NftSourceChain implements Chain {
  private batch: readonly Json[] = [];
  private batchStart = 0;
  readonly table: NftSourceTable;
  readonly name: string;
  readonly size: number;
  readonly base: Chain['base'];
  visits: Chain['visits'] = null;
  private readonly chain: NftChain;
  private readonly saved: SavedChain | null;

  constructor(table: NftSourceTable, chain: NftChain, saved: SavedChain | null) {
    this.table = table;
    this.name = chain.name;
    this.size = chain.rules.length;
    this.base = table.nft.dormant ? null : chain.base;
    this.chain = chain;
    this.saved = saved;
  }

  /**
   * Many small reads cost twice as much as one: as long as one rule after the other is asked for, twice as many are
   * read ahead each time.
   */
  private read(index: number): Json {
    const at = index - this.batchStart;
    if (at < 0 || at >= this.batch.length) {
      const isNext = at === this.batch.length && index > 0;
      const size = isNext ? Math.min(BATCH, 2 * this.batch.length) : 1;
      this.batchStart = index;
      this.batch = readSlots(this.table.listing, this.chain.rules, index, Math.min(index + size, this.size));
    }
    const found = this.batch[index - this.batchStart];
    return found === undefined ? this.readOne(index) : member(found, 'rule');
  }

  private readOne(index: number): Json {
    const { rules } = this.chain;
    if (index >= rules.length) return undefined;
    const slot = { start: rules.start(index), end: rules.end(index) };
    return member(readSlot(this.table.listing, slot), 'rule');
  }

  /** Is it certain by its text alone that the rule does not match? One that a saved line explains is read whole. */
  private isRuledOut(index: number, flight: Flight, at: Place): boolean {
    const { rules } = this.chain;
    if (!rules.isPlain(index)) return false;
    const start = rules.start(index);
    const end = rules.end(index);
    if (this.saved && this.table.listing.text.slice(start, end).includes('"xt"')) return false;
    return this.table.glance.rulesOut(start, end, flight, at);
  }

  evaluate(index: number, flight: Flight, at: Place): readonly Effect[] {
    if (this.isRuledOut(index, flight, at)) return UNCHANGED;
    const rule = this.read(index);
    const { table } = this;
    // nft's JSON tells of an xtables extension its name alone; the line at the same place tells the rest.
    const isExplained = this.saved !== null && holdsXt(rule) && index < this.saved.size;
    if (!isExplained) return evaluateNftRule(rule, flight, at, table.sets, table.nft);
    return evaluateLine(this.saved.line(index), flight, at, table.isChain);
  }

  describe(index: number | null): ReturnType<Chain['describe']> {
    if (index === null) return this.describePolicy();
    const rule = this.read(index);
    const line = this.saved?.rule(index);
    const handle = handleAt(this.table.listing, this.chain.rules.start(index), rule);
    const owned =
      line !== undefined && (holdsXt(rule) || !/"(set|vmap|map)":|"@/.test(JSON.stringify(rule) ?? ''));
    const counters = countersOf(rule);
    const own = line?.counters ? { packets: line.counters[0], bytes: line.counters[1] } : null;
    return {
      text: owned ? line.line : renderRule(rule),
      ...(handle === undefined ? {} : { handle }),
      ...(counters ?? own),
    };
  }

  private describePolicy(): ReturnType<Chain['describe']> {
    const { saved, base } = this;
    if (saved?.policy) {
      const text = `:${saved.name} ${saved.policy}`;
      return saved.counters ? { text, packets: saved.counters[0], bytes: saved.counters[1] } : { text };
    }
    if (!base) return { text: '' };
    return { text: `type ${base.type} hook ${base.hook} priority ${base.priority}; policy ${base.policy};` };
  }
}

class NftSourceTable implements Table {
  readonly backend = 'nft';
  readonly family: Table['family'];
  readonly name: string;
  readonly bases: readonly Chain[];
  readonly mayBeDormant?: string;
  readonly listing: NftListing;
  readonly nft: NftTable;
  readonly sets: Sets;
  readonly glance: Glance;
  private readonly twin: SavedTable | undefined;
  private readonly chains = new Map<string, Chain>();

  constructor(listing: NftListing, nft: NftTable, twin: SavedTable | undefined) {
    this.family = nft.family;
    this.name = nft.name;
    this.listing = listing;
    this.nft = nft;
    this.twin = twin;
    this.sets = new Sets(listing, nft);
    this.glance = new Glance(listing.text, listing.openings, this.sets);
    if (nft.strangeFlags !== undefined && !nft.dormant)
      this.mayBeDormant = `${nft.family} ${nft.name}: nft lists the table's flags as ${nft.strangeFlags}, so it may be dormant`;
    const bases: Chain[] = [];
    for (const { name, base } of nft.chains.values()) {
      const chain = base && !nft.dormant ? this.chain(name) : undefined;
      if (chain) bases.push(chain);
    }
    this.bases = bases;
  }

  readonly isChain = (name: string): boolean => this.nft.chains.has(name);

  chain(name: string): Chain | undefined {
    const ready = this.chains.get(name);
    if (ready) return ready;
    const located = this.nft.chains.get(name);
    if (!located) return undefined;
    const line = this.twin?.chains.get(name);
    const aligned = line && line.size === located.rules.length ? line : null;
    const chain = new NftSourceChain(this, located, aligned);
    this.chains.set(name, chain);
    return chain;
  }
}

/**
 * The tables of one `nft -j list ruleset`, ready to be walked.
 * @param saved iptables-nft-save's listings by family, for the rules of which the JSON tells only names
 */
export function nftTables(
  listing: NftListing,
  saved: Readonly<Partial<Record<string, SavedListing>>>,
): Table[] {
  return [...listing.tables.values()].map(
    (nft) => new NftSourceTable(listing, nft, saved[nft.family]?.tables.get(nft.name)),
  );
}
