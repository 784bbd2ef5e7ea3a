import { type Chain, type Effect, type Place, type Table, type Base } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import type { Backend, Hook } from '../types.ts';
import { evaluateLine } from './evaluate.ts';
import type { SavedChain, SavedListing } from './listing.ts';

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
  const hook = Object.hasOwn(HOOKS, chain.name) ? HOOKS[chain.name] : undefined;
  if (!hook || chain.policy === null) return null;
  const source = hook === 'input' || hook === 'postrouting';
  return {
    hook,
    priority: table === 'nat' && source ? 100 : (PRIORITIES[table] ?? 0),
    type: table === 'nat' ? 'nat' : table === 'mangle' && hook === 'output' ? 'route' : 'filter',
    policy: chain.policy === 'DROP' ? 'drop' : 'accept',
    devices: [],
  };
}

function chainOf(table: Table, saved: SavedChain): Chain {
  const isChain = (name: string) => table.chains.has(name);
  return {
    table,
    name: saved.name,
    size: saved.rules.length,
    base: baseOf(table.name, saved),
    evaluate(index: number, flight: Flight, at: Place): readonly Effect[] {
      return evaluateLine(saved.rules[index]?.line ?? '', flight, at, isChain);
    },
    describe(index) {
      const rule = index === null ? undefined : saved.rules[index];
      const counters = rule ? rule.counters : saved.counters;
      const text = rule ? rule.line : `:${saved.name} ${saved.policy ?? '-'}`;
      return counters ? { text, packets: counters[0], bytes: counters[1] } : { text };
    },
  };
}

/** The tables of a listing of iptables-save, ready to be walked. */
export function iptablesTables(listing: SavedListing, family: 'ip' | 'ip6', backend: Backend): Table[] {
  const tables: Table[] = [];
  for (const saved of listing.tables.values()) {
    const chains = new Map<string, Chain>();
    const table: Table = { backend, family, name: saved.name, chains };
    for (const chain of saved.chains.values()) chains.set(chain.name, chainOf(table, chain));
    tables.push(table);
  }
  return tables;
}
