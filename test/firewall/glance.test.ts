import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decide,
  type Decision,
  type HostFacts,
  type Packet,
  type RulesetInput,
} from '../../src/firewall/index.ts';

// Most rules are told by a glance at their text. These tests write each rule twice, once so that it must be read whole,
// and want the same answer of both.
const packet: Packet = {
  inInterface: 'br-x',
  source: '172.18.0.2',
  destination: '172.18.0.1',
  destinationPort: 11434,
};
const host: HostFacts = { addresses: [{ interface: 'br-x', address: '172.18.0.1', prefixLength: 16 }] };

function on(format: RulesetInput['format'], text: string): Decision {
  return decide({ rulesets: [{ format, text }], packet, host });
}

const known = (
  { verdict, seen, unknown, dependsOnRate, decidedBy }: Decision,
  text: (s: string) => string,
) => ({
  verdict,
  seen,
  unknown: unknown.map(text),
  dependsOnRate: dependsOnRate.map(text),
  decidedBy: decidedBy && 'text' in decidedBy ? { ...decidedBy, text: text(decidedBy.text) } : decidedBy,
});

const word = fc.oneof(
  fc.constantFrom(
    '-s',
    '-d',
    '-i',
    '-o',
    '-p',
    '-j',
    '-g',
    '-m',
    '!',
    '--dport',
    '--sport',
    '--comment',
    '-f',
  ),
  fc.constantFrom('172.18.0.2', '172.16.0.0/12', '10.0.0.0/8', '1.2.3.4,172.18.0.2', 'fd00::1', 'no-address'),
  fc.constantFrom(
    'br-x',
    'br-+',
    'eth0',
    'lo',
    'tcp',
    'udp',
    'all',
    'icmp',
    'nothing',
    '11434',
    '1:20000',
    '80',
  ),
  fc.constantFrom(
    'comment',
    'multiport',
    'conntrack',
    '--ctstate',
    'NEW',
    '"a b"',
    '"a',
    "it's",
    '""',
    '"!"',
  ),
  fc.constantFrom('ACCEPT', 'DROP', 'RETURN', 'LOG', 'sub', 'REJECT', 'NFQUEUE', 'MARK', 'SOMETHING'),
);
const part = fc.oneof(
  fc.constantFrom(
    '-s 172.18.0.0/16',
    '! -s 10.0.0.0/8',
    '-s 10.0.0.0/8',
    '-d 172.18.0.1',
    '-i br-+',
    '! -i lo',
  ),
  fc.constantFrom('-p tcp', '! -p udp', '-m tcp --dport 11434', '-m tcp ! --dport 80', '-m tcp --sport 1:9'),
  fc.constantFrom(
    '-m comment --comment "a \\" b"',
    '-m comment --comment "a b"',
    '-m comment --comment a',
    '-m udp',
  ),
  fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' ')),
);
const line = fc
  .tuple(
    fc.array(part, { maxLength: 4 }),
    fc.constantFrom('-j DROP', '-j ACCEPT', '-j sub', '-j LOG', '', '-g sub'),
  )
  .map(([parts, target]) => [...parts, target].filter((each) => each !== '').join(' '));

const saved = (rules: string) =>
  `*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:sub - [0:0]\n${rules}\n-A sub -p tcp -j REJECT\nCOMMIT\n`;

describe('a glance at a rule', () => {
  const both = (rule: string) => {
    const single = (text: string) => text.replace('-A INPUT  ', '-A INPUT ');
    const lines = [`-A INPUT ${rule}`, `-A INPUT  ${rule}`];
    return lines.map((text) => known(on('iptables-save', saved(text)), single));
  };

  it('tells of an iptables line what reading it whole tells', () => {
    fc.assert(
      fc.property(line, (rule) => {
        const [glanced, whole] = both(rule);
        expect(glanced).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    '-m -s -j DROP',
    '-m socket -j DROP',
    '-m limit -j DROP',
    '-m rpfilter -j DROP',
    '-m odd -j DROP',
  ])('takes no module for one that holds: %s', (rule) => {
    const [glanced, whole] = both(rule);
    expect(glanced).toEqual(whole);
  });

  const right = fc.oneof(
    fc.constantFrom<unknown>(
      '172.18.0.2',
      '10.0.0.1',
      'br-x',
      'br-*',
      'tcp',
      11434,
      80,
      '@s',
      '@none',
      'odd',
      '',
    ),
    fc.constantFrom<unknown>(
      { prefix: { addr: '172.18.0.0', len: 16 } },
      { set: [80, 11434] },
      ['new'],
      true,
    ),
  );
  const left = fc.constantFrom<unknown>(
    { payload: { protocol: 'ip', field: 'saddr' } },
    { payload: { protocol: 'tcp', field: 'dport' } },
    { payload: { protocol: 'tcp', field: 'sport' } },
    { payload: { protocol: 'ip6', field: 'saddr' } },
    { meta: { key: 'iifname' } },
    { meta: { key: 'l4proto' } },
    { meta: { key: 'mark' } },
    { ct: { key: 'state' } },
    { strange: 1 },
  );
  const match = fc.record({ op: fc.constantFrom('==', '!=', 'in', '<', '?'), left, right }).map((body) => ({
    match: body,
  }));
  const other = fc.constantFrom<unknown>(
    { counter: { packets: 1, bytes: 2 } },
    { match: { right: 80, op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } } } },
    { match: { op: '==', left: { map: { key: 1, right: 80 } } } },
    { limit: { rate: 1, per: 'second' } },
    'text',
  );
  const end = fc.constantFrom<unknown>(
    { drop: null },
    { accept: null },
    { jump: { target: 'sub' } },
    { log: null },
  );

  const listing = (rules: readonly (readonly unknown[])[], comment: string, blank: string) => {
    const at = { family: 'inet', table: 't' };
    const input = {
      ...at,
      name: 'input',
      handle: 1,
      type: 'filter',
      hook: 'input',
      prio: 0,
      policy: 'accept',
    };
    const items = [
      { table: { family: 'inet', name: 't', handle: 1 } },
      { set: { family: 'inet', name: 's', table: 't', type: 'ipv4_addr', handle: 9, elem: ['172.18.0.2'] } },
      { chain: { ...at, name: 'sub', handle: 2 } },
      { chain: input },
      ...rules.map((expr, i) => ({ rule: { ...at, chain: 'input', handle: i + 5, comment, expr } })),
      { rule: { ...at, chain: 'sub', handle: 4, expr: [{ reject: { type: 'tcp reset' } }] } },
    ];
    const text = JSON.stringify({ nftables: items });
    return blank === '' ? text : text.replaceAll(/([:,])(?=["{[\d])/g, `$1${blank}`);
  };

  it('tells of a rule of nft what reading it whole tells', () => {
    const rule = fc
      .tuple(fc.array(fc.oneof({ weight: 4, arbitrary: match }, other), { maxLength: 3 }), end)
      .map(([matches, last]) => [...matches, last]);
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('', ' '),
        (rules, blank) => {
          // A backslash in its comment makes a rule one that is read whole.
          const glanced = on('nft-json', listing(rules, 'c', blank));
          const whole = on('nft-json', listing(rules, '\\', blank));
          const bare = (text: string) => text.replace(/ ?comment .*$/, '');
          expect(known(glanced, bare)).toEqual(known(whole, bare));
        },
      ),
      { numRuns: 600 },
    );
  });

  it('tells of rows of rules that are alike but for a value what reading each whole tells', () => {
    const right = fc.constantFrom(
      '"172.18.0.2"',
      '"172.18.0.9"',
      '"a b"',
      '""',
      '"q\\\\"',
      '"never closed',
      '{"prefix":{"addr":"172.18.0.0","len":16}}',
      '["172.18.0.2"]',
      '11434',
      '7',
      '0',
      '01',
      '1.5',
      '1e4',
      '-3',
      'null',
      'nul',
      '',
      '7}',
      '"x"}',
    );
    const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
    const left = fc.constantFrom(payload('ip', 'saddr'), payload('tcp', 'dport'), {
      meta: { key: 'iifname' },
    });
    fc.assert(
      fc.property(left, fc.array(right, { minLength: 3, maxLength: 8 }), (of, values) => {
        const rows = values.map(() => [{ match: { op: '==', left: of, right: '@' } }, { drop: null }]);
        const written = (comment: string) => {
          let next = 0;
          return listing(rows, comment, '').replaceAll('"@"', () => values[next++] ?? '');
        };
        const bare = (text: string) =>
          text.replace(/ ?comment .*$/, '').replaceAll(/"comment": ?"[^,]*,/g, '');
        expect(known(on('nft-json', written('c')), bare)).toEqual(known(on('nft-json', written('\\')), bare));
      }),
      { numRuns: 1000 },
    );
  });

  it('names a rule that is no sound JSON, though its first match does not hold', () => {
    const rules = [
      [{ match: { op: '==', left: { meta: { key: 'iifname' } }, right: 'eth0' } }, { accept: null }],
    ];
    const sound = listing(rules, 'c', ' ');
    expect(on('nft-json', sound)).toMatchObject({ verdict: 'accept', unknown: [] });
    const garbled = sound.replace('"accept":null', '"accept":nul');
    expect(garbled).not.toBe(sound);
    expect(on('nft-json', garbled)).toMatchObject({ verdict: 'unknown' });
  });
});
