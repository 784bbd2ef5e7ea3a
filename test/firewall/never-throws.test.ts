import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  candidateSources,
  counterGrowth,
  decide,
  type Decision,
  type HostFacts,
  type Packet,
  parseIptablesSave,
  type RulesetInput,
  spliceIptablesSave,
  unspliceIptablesSave,
} from '../../src/firewall/index.ts';

const packet: Packet = {
  inInterface: 'br-x',
  source: '172.18.0.2',
  destination: '172.18.0.1',
  destinationPort: 11434,
};
const host: HostFacts = { addresses: [{ interface: 'br-x', address: '172.18.0.1', prefixLength: 16 }] };
const format = fc.constantFrom<RulesetInput['format']>('iptables-save', 'ip6tables-save', 'nft-json');
const backend = fc.constantFrom<RulesetInput['backend']>('nft', 'legacy', undefined);

const SAVED =
  '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.1:8080\nCOMMIT\n' +
  '*filter\n:INPUT DROP [1:60]\n:sub - [0:0]\n[0:0] -A INPUT -s 10.0.0.0/8 -m comment --comment "a \\" b" -j sub\n-A sub -p tcp -m multiport --dports 1:2,11434 -j REJECT --reject-with tcp-reset\n' +
  '-A INPUT -m recent --set --name x --rsource\n-A INPUT -m set --match-set s src -j ACCEPT\n-A INPUT -m conntrack --ctstate NEW -j MARK --set-xmark 0x1/0x1\nCOMMIT\n';
const JSON_LISTING = JSON.stringify({
  nftables: [
    { metainfo: { json_schema_version: 1 } },
    { table: { family: 'inet', name: 't', handle: 1 } },
    {
      map: {
        family: 'inet',
        name: 'm',
        table: 't',
        type: 'inet_service',
        map: 'verdict',
        elem: [
          [22, { accept: null }],
          [{ range: [80, 90] }, { jump: { target: 'c' } }],
        ],
      },
    },
    {
      chain: {
        family: 'inet',
        table: 't',
        name: 'c',
        handle: 2,
        type: 'filter',
        hook: 'input',
        prio: 0,
        policy: 'drop',
      },
    },
    {
      rule: {
        family: 'inet',
        table: 't',
        chain: 'c',
        handle: 3,
        expr: [
          {
            match: {
              op: '==',
              left: { payload: { protocol: 'ip', field: 'saddr' } },
              right: { prefix: { addr: '10.0.0.0', len: 8 } },
            },
          },
          { accept: null },
        ],
      },
    },
    {
      rule: {
        family: 'inet',
        table: 't',
        chain: 'c',
        handle: 4,
        expr: [{ vmap: { key: { payload: { protocol: 'tcp', field: 'dport' } }, data: '@m' } }],
      },
    },
    {
      rule: {
        family: 'inet',
        table: 't',
        chain: 'c',
        handle: 5,
        expr: [{ limit: { rate: 1, per: 'second' } }, { dnat: { family: 'ip', addr: '10.0.0.1', port: 80 } }],
      },
    },
  ],
}); // prettier-ignore

/** What contradicts itself in a decision; '' when nothing does. */
function flawOf({ verdict, seen, unknown }: Decision): string {
  if (!['accept', 'drop', 'reject', 'unknown'].includes(verdict)) return `verdict ${verdict}`;
  if (verdict === 'accept' && seen !== 'connected') return `accepted, and seen as ${seen}`;
  if (verdict === 'drop' && seen !== 'timeout') return `dropped, and seen as ${seen}`;
  return verdict === 'unknown' && unknown.length === 0 ? 'unknown without a reason' : '';
}

function flaw(...rulesets: RulesetInput[]): string {
  return flawOf(decide({ rulesets, packet, host }));
}

/** Cuts, doubles, swaps and overwrites pieces of a sound listing: what is nearly right goes deeper than noise. */
const garbled = (text: string) =>
  fc
    .array(
      fc.tuple(
        fc.nat(text.length),
        fc.nat(30),
        fc.constantFrom('', '"', '{', '}', ']', '\n', '!', ' -j ', '\\', '0', 'null', '-A INPUT', '@', ':'),
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((edits) => edits.reduce((t, [at, length, by]) => t.slice(0, at) + by + t.slice(at + length), text));

describe('whatever a listing holds, there is a decision', () => {
  it('for noise', () => {
    fc.assert(
      fc.property(format, backend, fc.string({ unit: 'binary', maxLength: 400 }), (f, b, text) => {
        expect(flaw({ format: f, backend: b, text })).toBe('');
        parseIptablesSave(text);
        candidateSources([{ format: f, text }]);
      }),
      { numRuns: 300 },
    );
  });

  it('for a saved listing that was garbled', () => {
    fc.assert(
      fc.property(garbled(SAVED), (text) => {
        expect(flaw({ format: 'iptables-save', text })).toBe('');
      }),
      { numRuns: 600 },
    );
  });

  it('for a JSON listing that was garbled, with a saved one beside it', () => {
    fc.assert(
      fc.property(garbled(JSON_LISTING), garbled(SAVED), (json, text) => {
        expect(flaw({ format: 'nft-json', text: json })).toBe('');
        expect(
          flaw({ format: 'nft-json', text: json }, { format: 'iptables-save', backend: 'nft', text }),
        ).toBe('');
      }),
      { numRuns: 600 },
    );
  });

  it('for JSON of any shape in the place of rules', () => {
    const statement = fc.dictionary(
      fc.constantFrom(
        'match',
        'vmap',
        'drop',
        'jump',
        'xt',
        'limit',
        'dnat',
        'mangle',
        'set',
        'reject',
        'meter',
        'odd',
      ),
      fc.jsonValue(),
      { minKeys: 1, maxKeys: 1 },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(statement, fc.jsonValue())), (expr) => {
        const listing = {
          nftables: [
            { table: { family: 'inet', name: 't' } },
            { chain: { family: 'inet', table: 't', name: 'c', type: 'filter', hook: 'input', prio: 0 } },
            { rule: { family: 'inet', table: 't', chain: 'c', handle: 1, expr } },
          ],
        };
        expect(flaw({ format: 'nft-json', text: JSON.stringify(listing) })).toBe('');
      }),
      { numRuns: 600 },
    ); // prettier-ignore
  });

  it('for packets and hosts that make no sense', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (rulesets, p, h) => {
        expect(typeof decide({ rulesets, packet: p, host: h } as never).verdict).toBe('string');
        expect(
          typeof decide({ rulesets: [{ format: 'iptables-save', text: SAVED }], packet, host: h } as never)
            .verdict,
        ).toBe('string');
      }),
      { numRuns: 300 },
    );
  });

  it('and counters and splices of anything', () => {
    fc.assert(
      fc.property(
        garbled(SAVED),
        fc.constantFrom('filter', 'nat', 'odd'),
        fc.constantFrom('INPUT', 'sub', 'none'),
        fc.option(fc.nat(5)),
        (text, table, chain, rule) => {
          const listing: RulesetInput[] = [{ format: 'iptables-save', text }];
          counterGrowth(listing, listing, { backend: 'nft', family: 'ip', table, chain, rule });
          const splice = { table, chain, before: rule ?? undefined, line: `-A ${chain} -j ACCEPT` };
          const once = spliceIptablesSave(text, splice);
          expect(spliceIptablesSave(once, splice)).toBe(once);
          expect(unspliceIptablesSave(once, splice).length).toBeLessThanOrEqual(once.length);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('listings that end early or are too new', () => {
  it.each([1, 40, 200, 350, 500, JSON_LISTING.length - 1])(
    'are not judged when the JSON is cut at %i',
    (at) => {
      const d = decide({ rulesets: [{ format: 'nft-json', text: JSON_LISTING.slice(0, at) }], packet, host });
      expect(d.verdict).toBe('unknown');
      expect(d.unknown.join()).toContain('nft-json');
    },
  );

  it('are not judged in a JSON schema that is not known', () => {
    const text = JSON_LISTING.replace('"json_schema_version":1', '"json_schema_version":2');
    expect(decide({ rulesets: [{ format: 'nft-json', text }], packet, host })).toMatchObject({
      verdict: 'unknown',
    });
  });

  it('name what an nft without -j printed instead', () => {
    const d = decide({ rulesets: [{ format: 'nft-json', text: 'table ip filter {\n}\n' }], packet, host });
    expect(d.unknown.join()).toContain('not a listing of nft -j');
  });

  it('are fine with a line of a megabyte', () => {
    const text = `*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment "${'x'.repeat(1_000_000)}" -j DROP\nCOMMIT\n`;
    expect(decide({ rulesets: [{ format: 'iptables-save', text }], packet, host }).verdict).toBe('drop');
  });
});
