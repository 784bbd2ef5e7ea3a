import type { Base, Chain, Effect, Place, Table } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import type { Backend, Hook } from '../types.ts';
import { evaluateLine } from './evaluate.ts';
import type { SavedChain } from './chain.ts';
import type { SavedListing, SavedTable } from './listing.ts';

/** Where iptables' own tables sit: netfilter_ipv4.h and each table's module. */
const PRIORITIES: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  nat: -100,
  filter: 0,
  security: 50,
};
const HOOKS: Readonly<Record<string, Hook>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};

function baseOf(table: string, chain: SavedChain): Base | null {
  if (chain.policy === null) return null;
  const hook = Object.hasOwn(HOOKS, chain.name) ? HOOKS[chain.name] : undefined;
  if (!hook) return null;
  const source = hook === 'input' || hook === 'postrouting';
  return {
    hook,
    priority: table === 'nat' && source ? 100 : (PRIORITIES[table] ?? 0),
    type: table === 'nat' ? 'nat' : table === 'mangle' && hook === 'output' ? 'route' : 'filter',
    policy: chain.policy === 'DROP' ? 'drop' : 'accept',
    devices: [],
  };
}

class IptablesChain implements Chain {
  readonly table: IptablesTable;
  readonly name: string;
  readonly size: number;
  readonly base: Base | null;
  visits: Chain['visits'] = null;
  private readonly saved: SavedChain;

  constructor(table: IptablesTable, saved: SavedChain) {
    this.table = table;
    this.name = saved.name;
    this.size = saved.size;
    this.base = baseOf(table.name, saved);
    this.saved = saved;
  }

  evaluate(index: number, flight: Flight, at: Place): readonly Effect[] {
    return evaluateLine(this.saved.line(index), flight, at, this.table.isChain);
  }

  describe(index: number | null): ReturnType<Chain['describe']> {
    const { saved } = this;
    const rule = index === null ? undefined : saved.rule(index);
    const counters = rule ? rule.counters : saved.counters;
    const text = rule ? rule.line : `:${saved.name} ${saved.policy ?? '-'}`;
    return counters ? { text, packets: counters[0], bytes: counters[1] } : { text };
  }
}

class IptablesTable implements Table {
  readonly backend: Backend;
  readonly family: 'ip' | 'ip6';
  readonly name: string;
  readonly bases: readonly Chain[];
  private readonly saved: SavedTable;

  constructor(backend: Backend, family: 'ip' | 'ip6', saved: SavedTable) {
    this.backend = backend;
    this.family = family;
    this.name = saved.name;
    this.saved = saved;
    const bases: Chain[] = [];
    for (const { name, policy } of saved.chains.values()) {
      const chain = policy === null ? undefined : this.chain(name);
      if (chain?.base) bases.push(chain);
    }
    this.bases = bases;
  }

  readonly isChain = (name: string): boolean => this.saved.chains.has(name);

  chain(name: string): Chain | undefined {
    const saved = this.saved.chains.get(name);
    return saved && (saved.ready ??= new IptablesChain(this, saved));
  }
}

/** The tables of a listing of iptables-save, ready to be walked. */
export function iptablesTables(listing: SavedListing, family: 'ip' | 'ip6', backend: Backend): Table[] {
  return [...listing.tables.values()].map((saved) => new IptablesTable(backend, family, saved));
}
