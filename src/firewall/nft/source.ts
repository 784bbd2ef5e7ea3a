import { evaluateLine } from '../iptables/evaluate.ts';
import type { SavedChain, SavedListing } from '../iptables/listing.ts';
import type { Chain, Effect, Place, Table } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import { type Json, list, member } from './json.ts';
import { type NftChain, type NftListing, type NftTable, readSlot, readSlots } from './listing.ts';
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

const BATCH = 64;

class NftSourceChain implements Chain {
  private batch: readonly Json[] = [];
  private batchStart = 0;
  readonly table: Table;
  readonly name: string;
  readonly size: number;
  readonly base: Chain['base'];
  private readonly listing: NftListing;
  private readonly nft: NftTable;
  private readonly chain: NftChain;
  private readonly saved: SavedChain | null;
  private readonly sets: Sets;

  constructor(
    table: Table,
    listing: NftListing,
    nft: NftTable,
    chain: NftChain,
    saved: SavedChain | null,
    sets: Sets,
  ) {
    this.table = table;
    this.name = chain.name;
    this.size = chain.rules.length;
    this.base = nft.dormant ? null : chain.base;
    this.listing = listing;
    this.nft = nft;
    this.chain = chain;
    this.saved = saved;
    this.sets = sets;
  }

  /** Rules of a long chain are read some at a time: many small reads cost twice as much. */
  private read(index: number): Json {
    const { rules } = this.chain;
    if (rules.length < 2 * BATCH) return this.readOne(index);
    const at = index - this.batchStart;
    if (at < 0 || at >= this.batch.length) {
      this.batchStart = index;
      this.batch = readSlots(this.listing, rules.slice(index, index + BATCH));
    }
    const found = this.batch[index - this.batchStart];
    return found === undefined ? this.readOne(index) : member(found, 'rule');
  }

  private readOne(index: number): Json {
    const slot = this.chain.rules[index];
    return slot ? member(readSlot(this.listing, slot), 'rule') : undefined;
  }

  evaluate(index: number, flight: Flight, at: Place): readonly Effect[] {
    const rule = this.read(index);
    // nft's JSON tells of an xtables extension its name alone; the line at the same place tells the rest.
    const line = this.saved && holdsXt(rule) ? this.saved.rules[index]?.line : undefined;
    if (line === undefined) return evaluateNftRule(rule, flight, at, this.sets, this.nft);
    return evaluateLine(line, flight, at, (name) => this.table.chains.has(name));
  }

  describe(index: number | null): ReturnType<Chain['describe']> {
    if (index === null) return this.describePolicy();
    const rule = this.read(index);
    const line = this.saved?.rules[index];
    const handle = this.chain.rules[index]?.handle;
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

/**
 * The tables of one `nft -j list ruleset`, ready to be walked.
 * @param saved iptables-nft-save's listings by family, for the rules of which the JSON tells only names
 */
export function nftTables(
  listing: NftListing,
  saved: Readonly<Partial<Record<string, SavedListing>>>,
): Table[] {
  const tables: Table[] = [];
  for (const nft of listing.tables.values()) {
    const chains = new Map<string, Chain>();
    const table: Table = {
      backend: 'nft',
      family: nft.family,
      name: nft.name,
      chains,
      ...(nft.strangeFlags === undefined || nft.dormant
        ? {}
        : {
            mayBeDormant: `${nft.family} ${nft.name}: nft lists the table's flags as ${nft.strangeFlags}, so it may be dormant`,
          }),
    };
    const sets = new Sets(listing, nft);
    const twin = saved[nft.family]?.tables.get(nft.name);
    for (const chain of nft.chains.values()) {
      const line = twin?.chains.get(chain.name);
      const aligned = line && line.rules.length === chain.rules.length ? line : null;
      chains.set(chain.name, new NftSourceChain(table, listing, nft, chain, aligned, sets));
    }
    tables.push(table);
  }
  return tables;
}
