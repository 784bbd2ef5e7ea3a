import { describe, expect, it } from 'vitest';
import {
  decide,
  type Decision,
  type HostFacts,
  type Packet,
  type RulesetInput,
} from '../../src/firewall/index.ts';

const host: HostFacts = {
  addresses: [
    { interface: 'eth0', address: '192.0.2.10', prefixLength: 24 },
    { interface: 'docker0', address: '172.17.0.1', prefixLength: 16 },
    { interface: 'br-abc', address: '172.18.0.1', prefixLength: 16 },
    { interface: 'br-abc', address: 'fd00:18::1', prefixLength: 64 },
  ],
  bridgePorts: { 'br-abc': ['veth1'], docker0: ['veth2'] },
};
const packet: Packet = {
  inInterface: 'br-abc',
  source: '172.18.0.2',
  destination: '172.17.0.1',
  destinationPort: 11434,
};
const packet6: Partial<Packet> = { source: 'fd00:18::2', destination: 'fd00:18::1' };

interface Base {
  hook?: string;
  prio?: number;
  type?: string;
  policy?: string;
  dev?: string;
}

let handle = 10;
const chain = (family: string, table: string, name: string, base: Base | null = {}) => ({
  chain: {
    family,
    table,
    name,
    handle: handle++,
    ...(base ? { type: 'filter', hook: 'input', prio: 0, policy: 'accept', ...base } : {}),
  },
});
const rule = (family: string, table: string, name: string, ...expr: unknown[]) => ({
  rule: { family, table, chain: name, handle: handle++, expr },
});
const match = (left: unknown, right: unknown, op = '==') => ({ match: { op, left, right } });
const field = (protocol: string, name: string) => ({ payload: { protocol, field: name } });
const meta = (key: string) => ({ meta: { key } });
const drop = { drop: null };
const accept = { accept: null };

const listing = (...objects: unknown[]): RulesetInput => ({
  format: 'nft-json',
  text: JSON.stringify({ nftables: [{ metainfo: { json_schema_version: 1 } }, ...objects] }),
});

function on(objects: unknown[], p: Partial<Packet> = {}, h: Partial<HostFacts> = {}): Decision {
  return decide({ rulesets: [listing(...objects)], packet: { ...packet, ...p }, host: { ...host, ...h } });
}

/** An input chain of an inet table with this one rule. */
const input = (...expr: unknown[]) => [chain('inet', 't', 'c'), rule('inet', 't', 'c', ...expr)];

describe('matches of nft', () => {
  it.each([
    ['tcp flags syn: any of these bits', match(field('tcp', 'flags'), 'syn', 'in'), true],
    ['tcp flags == syn,ack: the exact byte', match(field('tcp', 'flags'), ['syn', 'ack']), false],
    ['tcp flags syn,ack: any', match(field('tcp', 'flags'), ['syn', 'ack'], 'in'), true],
    ['tcp flags ! syn,rst: none of them', match(field('tcp', 'flags'), ['syn', 'rst'], '!'), false],
    ['tcp flags { syn, ack }: exact membership', match(field('tcp', 'flags'), { set: ['syn', 'ack'] }), true],
    ['tcp flags & (syn|ack) == syn', match({ '&': [field('tcp', 'flags'), ['syn', 'ack']] }, 'syn'), true],
    ['ct state new,established', match({ ct: { key: 'state' } }, ['new', 'established'], 'in'), true],
    ['ct state != invalid', match({ ct: { key: 'state' } }, 'invalid', '!='), true],
    [
      'ct state { established, related }',
      match({ ct: { key: 'state' } }, { set: ['established', 'related'] }),
      false,
    ],
    ['ip saddr prefix', match(field('ip', 'saddr'), { prefix: { addr: '172.16.0.0', len: 12 } }), true],
    [
      'ip saddr != prefix',
      match(field('ip', 'saddr'), { prefix: { addr: '172.16.0.0', len: 12 } }, '!='),
      false,
    ],
    ['ip saddr range', match(field('ip', 'saddr'), { range: ['172.18.0.1', '172.18.0.9'] }), true],
    [
      'ip6 saddr never of an IPv4 packet, negated neither',
      match(field('ip6', 'saddr'), 'fd00::1', '!='),
      false,
    ],
    ['iifname wildcard', match(meta('iifname'), 'br-*'), true],
    ['iifname with an escaped star', match(meta('iifname'), 'br-\\*'), false],
    ['oifname is empty on the way in', match(meta('oifname'), 'eth0', '!='), true],
    ['meta mark & 0xff == 0', match({ '&': [meta('mark'), 255] }, 0), true],
    ['meta nfproto', match(meta('nfproto'), 'ipv4'), true],
    [
      'tcp dport set with ranges',
      match(field('tcp', 'dport'), { set: [22, { range: [11000, 12000] }] }),
      true,
    ],
    ['tcp dport < 1024', match(field('tcp', 'dport'), 1024, '<'), false],
    ['udp dport of a TCP packet', match(field('udp', 'dport'), 11434, '!='), false],
    ['th dport', match(field('th', 'dport'), 11434), true],
    ['a raw payload', match({ payload: { base: 'th', offset: 16, len: 16 } }, 11434), true],
    [
      'a concatenation',
      match(
        { concat: [field('ip', 'saddr'), field('tcp', 'dport')] },
        { set: [{ concat: [{ prefix: { addr: '172.18.0.0', len: 24 } }, 11434] }] },
      ),
      true,
    ],
    ['fib daddr type local', match({ fib: { result: 'type', flags: ['daddr'] } }, 'local'), true],
    ['fib saddr . iif oif missing', match({ fib: { result: 'oif', flags: ['saddr', 'iif'] } }, false), false],
    ['ct status dnat', match({ ct: { key: 'status' } }, 'dnat', 'in'), false],
    ['a fragment', match({ '&': [field('ip', 'frag-off'), 8191] }, 0, '!='), false],
    ['an IPv6 extension header', match({ exthdr: { name: 'frag' } }, true), false],
  ])('%s', (_name, statement, matches) => {
    const d = on(input(statement, drop));
    expect(d.verdict).toBe(matches ? 'drop' : 'accept');
    expect(d.unknown).toEqual([]);
  }); // prettier-ignore

  it('ends the rule for every ct key but the state when there is no entry', () => {
    const raw = [
      chain('inet', 't', 'raw', { hook: 'prerouting', prio: -300 }),
      rule('inet', 't', 'raw', { notrack: null }),
    ];
    const direction = match({ ct: { key: 'direction' } }, 'reply', '!=');
    expect(on([...raw, ...input(direction, drop)]).verdict).toBe('accept');
    expect(on([...raw, ...input(match({ ct: { key: 'state' } }, 'untracked', 'in'), drop)]).verdict).toBe(
      'drop',
    );
  });

  it('reads INVALID ahead of connection tracking', () => {
    const early = (state: string) => [
      chain('inet', 't', 'c', { hook: 'prerouting', prio: -300 }),
      rule('inet', 't', 'c', match({ ct: { key: 'state' } }, state, 'in'), drop),
    ];
    expect(on(early('invalid')).verdict).toBe('drop');
    expect(on(early('new')).verdict).toBe('accept');
  });
});

describe('a source port that was not given', () => {
  it.each([
    [match(field('tcp', 'sport'), { range: [1024, 65535] }), 'drop'],
    [match(field('tcp', 'sport'), 1024, '<'), 'accept'],
    [match(field('tcp', 'sport'), 1023, '>'), 'drop'],
    [match(field('tcp', 'sport'), { set: [53, { range: [1024, 65535] }] }), 'drop'],
    [match(field('tcp', 'sport'), 53, '!='), 'drop'],
    [match(field('tcp', 'sport'), { range: [40000, 50000] }), 'unknown'],
  ])('is some ephemeral one: %j', (statement, verdict) => {
    expect(on(input(statement, drop)).verdict).toBe(verdict);
  });
});

describe('sets and maps', () => {
  const set = (elem: unknown[], name = 's') => ({
    set: { family: 'inet', name, table: 't', type: 'ipv4_addr', handle: 5, flags: ['interval'], elem },
  });
  const blocked = (elem: unknown[]) =>
    on([set(elem), ...input(match(field('ip', 'saddr'), '@s'), drop)]).verdict;

  it('look up addresses, prefixes, ranges and elements with a timeout', () => {
    expect(blocked(['172.18.0.2'])).toBe('drop');
    expect(blocked(['10.0.0.1', { prefix: { addr: '172.18.0.0', len: 30 } }])).toBe('drop');
    expect(blocked([{ range: ['172.18.0.3', '172.18.0.9'] }])).toBe('accept');
    expect(blocked([{ elem: { val: '172.18.0.2', timeout: 3600, expires: 10 } }])).toBe('drop');
    expect(blocked([])).toBe('accept');
  });

  it('find what a rule for the same packet put there', () => {
    const add = rule('inet', 't', 'c', { set: { op: 'add', elem: field('ip', 'saddr'), set: '@s' } });
    const [c, r] = input(match(field('ip', 'saddr'), '@s'), drop);
    expect(on([set([]), c, add, r]).verdict).toBe('drop');
  });

  it('jump by a named verdict map, and show the rule that jumped', () => {
    const map = {
      map: {
        family: 'inet',
        name: 'vm',
        table: 't',
        type: 'inet_service',
        map: 'verdict',
        handle: 6,
        elem: [
          [22, accept],
          [{ range: [11000, 12000] }, { jump: { target: 'sub' } }],
        ],
      },
    };
    const d = on([
      map,
      chain('inet', 't', 'sub', null),
      rule('inet', 't', 'sub', { counter: { packets: 3, bytes: 180 } }, drop),
      ...input({ vmap: { key: field('tcp', 'dport'), data: '@vm' } }),
    ]);
    expect(d.decidedBy).toMatchObject({
      backend: 'nft',
      family: 'inet',
      chain: 'sub',
      rule: 1,
      packets: 3,
      text: 'counter drop',
    });
    expect(d.trace[0]).toMatchObject({ action: 'jump', target: 'sub', text: 'tcp dport vmap @vm' });
  }); // prettier-ignore

  it('are unknown when the set is not in the listing', () => {
    const d = on(input(match(field('ip', 'saddr'), '@gone'), drop));
    expect(d).toMatchObject({
      verdict: 'unknown',
      unknown: [expect.stringContaining('ip saddr @gone drop')],
    });
  });
});

describe('base chains', () => {
  it('let a drop in any of them win, whatever another accepted', () => {
    const d = on([
      chain('inet', 'mine', 'c', { prio: -10 }),
      rule('inet', 'mine', 'c', accept),
      chain('inet', 'firewalld', 'filter_INPUT', { prio: 10 }),
      rule('inet', 'firewalld', 'filter_INPUT', { reject: { type: 'icmpx', expr: 'admin-prohibited' } }),
    ]);
    expect(d).toMatchObject({
      verdict: 'reject',
      seen: 'host-unreachable',
      decidedBy: { table: 'firewalld' },
    });
  }); // prettier-ignore

  it('run the one registered last first when priorities are equal', () => {
    const d = on([
      chain('inet', 'a', 'c'),
      rule('inet', 'a', 'c', drop),
      chain('inet', 'b', 'c'),
      rule('inet', 'b', 'c', { reject: null }),
    ]);
    expect(d).toMatchObject({ verdict: 'reject', decidedBy: { table: 'b' } });
  });

  it('of the bridge see the port by which the packet came', () => {
    const rules = (name: string) => [
      chain('bridge', 'b', 'c', { prio: -200 }),
      rule('bridge', 'b', 'c', match(meta('iifname'), name), drop),
    ];
    expect(on(rules('veth1')).verdict).toBe('drop');
    expect(on(rules('br-abc')).verdict).toBe('accept');
    expect(on(rules('veth1'), { inInterface: 'eth0', source: '192.0.2.50' }).verdict).toBe('accept');
  });

  it('of a netdev see only their own device', () => {
    const rules = (dev: string) => [
      chain('netdev', 'n', 'c', { hook: 'ingress', dev }),
      rule('netdev', 'n', 'c', match(field('tcp', 'dport'), 11434), drop),
    ];
    expect(on(rules('br-abc')).decidedBy).toMatchObject({ family: 'netdev', hook: 'ingress' });
    expect(on(rules('eth0')).verdict).toBe('accept');
  });

  it('of a dormant table do nothing', () => {
    const table = { table: { family: 'inet', name: 't', handle: 1, flags: 'dormant' } };
    expect(on([table, ...input(drop)]).verdict).toBe('accept');
  });

  // nft 1.0.6 prints `"flags": "xyz"` for `flags dormant`, where xyz is the name of another table.
  it('whose flags are none are followed in force and dormant', () => {
    const table = { table: { family: 'inet', name: 't', handle: 1, flags: 'xyz' } };
    const decision = on([table, ...input(drop)]);
    expect(decision.verdict).toBe('unknown');
    expect(decision.unknown).toEqual(['inet t: nft lists the table\'s flags as "xyz", so it may be dormant']);
    expect(on([table, ...input(accept)]).verdict).toBe('accept');
  });

  it('that a process owns are in force', () => {
    for (const flags of ['owner', ['owner', 'persist']]) {
      const table = { table: { family: 'inet', name: 't', handle: 1, flags } };
      expect(on([table, ...input(drop)]).verdict).toBe('drop');
    }
  });
});

describe('refusals', () => {
  it.each([
    [{ reject: null }, 'refused'],
    [{ reject: { type: 'tcp reset' } }, 'refused'],
    [{ reject: { type: 'icmpx', expr: 'admin-prohibited' } }, 'host-unreachable'],
    [{ reject: { type: 'icmpx', expr: 'no-route' } }, 'network-unreachable'],
    [{ reject: { type: 'icmp', expr: 'host-prohibited' } }, 'host-unreachable'],
  ])('%j', (statement, seen) => {
    expect(on(input(statement))).toMatchObject({ verdict: 'reject', seen });
  });

  it('with an ICMP of the other family do not apply', () => {
    expect(on(input({ reject: { type: 'icmpv6', expr: 'port-unreachable' } })).verdict).toBe('accept');
    expect(on(input({ reject: { type: 'icmp', expr: 'port-unreachable' } }), packet6).verdict).toBe('accept');
  });
});

describe('translations', () => {
  const nat = (...expr: unknown[]) => [
    chain('inet', 'n', 'pre', { type: 'nat', hook: 'prerouting', prio: -100 }),
    rule('inet', 'n', 'pre', ...expr),
  ];

  it('redirect to another port, which the filter then sees', () => {
    const rules = [
      ...nat(match(field('tcp', 'dport'), 80), { redirect: { port: 11434 } }),
      ...input(match(field('tcp', 'dport'), 11434), drop),
    ];
    expect(on(rules, { destinationPort: 80 }).verdict).toBe('drop');
  });

  it('to another host cross FORWARD, not INPUT, and want forwarding on', () => {
    const rules = [
      ...nat({ dnat: { family: 'ip', addr: '172.17.0.5', port: 11434 } }),
      ...input(drop),
      chain('inet', 'f', 'c', { hook: 'forward', policy: 'drop' }),
    ];
    expect(on(rules).decidedBy).toEqual({ reason: 'no-route' });
    const sysctls = { 'net.ipv4.ip_forward': '1' };
    expect(on(rules, {}, { sysctls }).decidedBy).toMatchObject({ hook: 'forward', rule: null });
    expect(on(rules.slice(0, 4), {}, { sysctls }).verdict).toBe('accept');
  });

  it('by a map only what the map holds', () => {
    const to = {
      dnat: {
        family: 'ip',
        addr: {
          map: {
            key: field('tcp', 'dport'),
            data: {
              set: [
                [11434, '172.18.0.1'],
                [80, '192.0.2.10'],
              ],
            },
          },
        },
      },
    };
    const rules = (address: string) => [...nat(to), ...input(match(field('ip', 'daddr'), address), drop)];
    expect(on(rules('172.18.0.1')).verdict).toBe('drop');
    expect(on(rules('172.17.0.1'), { destinationPort: 22 }).verdict).toBe('drop');
  }); // prettier-ignore
});

describe('long chains', () => {
  it('are followed rule by rule, also when another chain stands between their rules', () => {
    const rules = Array.from({ length: 300 }, (_, i) =>
      rule('inet', 't', 'c', match(field('ip', 'saddr'), `10.0.${i >> 8}.${i & 255}`), accept),
    );
    const end = rule('inet', 't', 'c', match(field('tcp', 'dport'), 11434), drop);
    expect(on([chain('inet', 't', 'c'), ...rules, end]).decidedBy).toMatchObject({
      rule: 301,
      text: 'tcp dport 11434 drop',
    });
    const mixed = rules.flatMap((r) => [r, rule('inet', 't', 'other', accept)]);
    const both = [chain('inet', 't', 'c'), chain('inet', 't', 'other', null), ...mixed, end];
    expect(on(both).decidedBy).toMatchObject({ rule: 301 });
  });
});

describe('what nft does not tell', () => {
  it('is asked of iptables-nft-save at the same place in the chain', () => {
    const json = listing(
      { table: { family: 'ip', name: 'filter', handle: 1 } },
      chain('ip', 'filter', 'INPUT', { policy: 'accept' }),
      rule('ip', 'filter', 'INPUT', match(meta('l4proto'), 'udp'), accept),
      rule(
        'ip',
        'filter',
        'INPUT',
        match(meta('l4proto'), 'tcp'),
        { xt: { type: 'match', name: 'multiport' } },
        { counter: { packets: 0, bytes: 0 } },
        drop,
      ),
    );
    const save = (ports: string): RulesetInput => ({
      format: 'iptables-save',
      backend: 'nft',
      text: `*filter\n:INPUT ACCEPT [0:0]\n[0:0] -A INPUT -p udp -j ACCEPT\n[0:0] -A INPUT -p tcp -m multiport --dports ${ports} -j DROP\nCOMMIT\n`,
    });
    const d = decide({ rulesets: [json, save('80,11434')], packet, host });
    expect(d.decidedBy).toMatchObject({
      rule: 2,
      text: '-A INPUT -p tcp -m multiport --dports 80,11434 -j DROP',
    });
    expect(decide({ rulesets: [json, save('80,443')], packet, host }).verdict).toBe('accept');
    const alone = decide({ rulesets: [json], packet, host });
    expect(alone).toMatchObject({ verdict: 'unknown', unknown: [expect.stringContaining('multiport')] });
  }); // prettier-ignore

  it('is counted once: a rule of iptables-nft that both list, also without a word about the back end', () => {
    const json = listing(
      chain('ip', 'filter', 'INPUT'),
      rule('ip', 'filter', 'INPUT', match(field('ip', 'saddr'), '@bl'), drop),
      { set: { family: 'ip', name: 'bl', table: 'filter', type: 'ipv4_addr', elem: ['10.9.9.9'] } },
    );
    const lie = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j DROP\nCOMMIT\n';
    for (const backend of ['nft', undefined] as const) {
      expect(
        decide({ rulesets: [json, { format: 'iptables-save', backend, text: lie }], packet, host }).verdict,
      ).toBe('accept');
    }
    expect(
      decide({ rulesets: [json, { format: 'iptables-save', backend: 'legacy', text: lie }], packet, host })
        .verdict,
    ).toBe('drop');
  }); // prettier-ignore

  it('is unknown when it is a statement that nft had no JSON for', () => {
    const d = on(input(match(meta('l4proto'), 'tcp'), 'jump {\n tcp dport 22 accept\n drop }'));
    expect(d.verdict).toBe('unknown');
  });

  it('is unknown for sockets of outgoing packets only', () => {
    expect(on(input(match(meta('skuid'), 0), drop)).verdict).toBe('accept');
    const out = [
      chain('inet', 't', 'o', { hook: 'output' }),
      rule('inet', 't', 'o', match(meta('skuid'), 0), drop),
    ];
    expect(on(out)).toMatchObject({
      verdict: 'unknown',
      unknown: [expect.stringContaining('meta skuid 0 drop')],
    });
  });

  it('does not matter where every verdict of a map on it agrees', () => {
    const rules = [
      ...input(
        {
          vmap: {
            key: meta('cpu'),
            data: {
              set: [
                [0, drop],
                [1, drop],
              ],
            },
          },
        },
        drop,
      ),
    ];
    expect(on([...rules, rule('inet', 't', 'c', drop)]).verdict).toBe('drop');
  }); // prettier-ignore
});

describe('rates', () => {
  it.each([
    [{ limit: { rate: 5, burst: 5, per: 'second' } }, true],
    [{ limit: { rate: 5, burst: 5, per: 'second', inv: true } }, false],
    [{ limit: { rate: 10, rate_unit: 'bytes', per: 'second', burst: 0 } }, false],
    [{ 'ct count': { val: 5, inv: true } }, false],
    [{ 'ct count': { val: 5 } }, true],
    [{ quota: { val: 10, val_unit: 'mbytes', used: 99, used_unit: 'mbytes' } }, true],
    [{ quota: { val: 10, val_unit: 'mbytes', inv: true } }, false],
    [
      {
        meter: { key: field('ip', 'saddr'), stmt: { limit: { rate: 1, per: 'hour', inv: true } }, name: 'm' },
      },
      false,
    ],
  ])('are decided for a fresh state: %j', (statement, holds) => {
    const d = on(input(statement, drop));
    expect(d.verdict).toBe(holds ? 'drop' : 'accept');
    expect(d.dependsOnRate).toHaveLength(1);
  });
});

describe('what the kernel taught', () => {
  it('an ICMP error is marked as internetwork control, and has no confirmed connection', () => {
    const swallow = (...expr: unknown[]) =>
      on([
        ...input({ reject: null }),
        chain('ip', 'o', 'c', { hook: 'postrouting' }),
        rule('ip', 'o', 'c', ...expr, drop),
      ]).verdict;
    expect(swallow(match(field('ip', 'dscp'), 'cs6'))).toBe('drop');
    expect(swallow(match(field('ip', 'dscp'), 'cs0'))).toBe('reject');
    expect(swallow(match({ ct: { key: 'status' } }, 'confirmed', 'in'))).toBe('reject');
    expect(swallow(match({ ct: { key: 'state' } }, 'related', 'in'))).toBe('drop');
  });

  it('an ICMP error of prerouting comes from the interface it leaves by, one of INPUT from the address asked', () => {
    const swallow = (hook: string, address: string) =>
      on([
        chain('ip', 't', 'c', { hook }),
        rule('ip', 't', 'c', match(meta('l4proto'), 'tcp'), { reject: null }),
        chain('ip', 'o', 'c', { hook: 'output' }),
        rule('ip', 'o', 'c', match(meta('l4proto'), 'icmp'), match(field('ip', 'saddr'), address), drop),
      ]).verdict;
    expect(swallow('prerouting', '172.18.0.1')).toBe('drop');
    expect(swallow('prerouting', '172.17.0.1')).toBe('reject');
    expect(swallow('input', '172.17.0.1')).toBe('drop');
  });

  it('the bridge layer sees the port on the way out too', () => {
    const out = (name: string) =>
      on([
        chain('bridge', 'b', 'o', { hook: 'postrouting' }),
        rule('bridge', 'b', 'o', match(meta('oifname'), name), drop),
      ]).verdict;
    expect(out('veth1')).toBe('drop');
    expect(out('br-abc')).toBe('accept');
  });

  it('a chain on an interface that the listing does not tell may or may not apply', () => {
    const rules = [chain('netdev', 'n', 'c', { hook: 'ingress' }), rule('netdev', 'n', 'c', drop)];
    expect(on(rules)).toMatchObject({
      verdict: 'unknown',
      unknown: [expect.stringContaining('does not say on which interface')],
    });
    expect(on([...rules, ...input(drop)]).verdict).toBe('drop');
  });

  it('a range that nft lists upside down is not believed', () => {
    expect(on(input(match(meta('length'), { range: [70, 50] }, '!='), drop)).verdict).toBe('unknown');
  });

  it('a port of an ICMP message is its type, code and checksum', () => {
    const swallow = (key: string) =>
      on([
        ...input({ reject: null }),
        chain('ip', 'o', 'c', { hook: 'output' }),
        rule('ip', 'o', 'c', match(field('th', key), 771), drop),
      ]).verdict;
    expect(swallow('sport')).toBe('drop');
  });

  it('a reset sent from a bridge with br_netfilter does not cross OUTPUT', () => {
    const rules = [
      ...input({ reject: { type: 'tcp reset' } }),
      chain('inet', 'o', 'c', { hook: 'output', policy: 'drop' }),
    ];
    expect(on(rules).seen).toBe('refused');
    expect(on(rules, {}, { sysctls: { 'net.bridge.bridge-nf-call-iptables': '0' } }).seen).toBe('timeout');
    expect(on(rules, { inInterface: 'eth0', source: '192.0.2.50' }).seen).toBe('timeout');
  });

  it('"ct original ip daddr" ends the rule for an IPv6 packet', () => {
    const original = match({ ct: { key: 'ip daddr', dir: 'original' } }, '172.17.0.1', '!=');
    expect(on(input(original, drop), packet6).verdict).toBe('accept');
    expect(on(input(match({ ct: { key: 'ip daddr', dir: 'original' } }, '172.17.0.1'), drop)).verdict).toBe(
      'drop',
    );
  });

  it('a mark set by a map that lacks the key ends the rule', () => {
    const set = {
      mangle: { key: meta('mark'), value: { map: { key: field('tcp', 'dport'), data: { set: [[22, 1]] } } } },
    };
    expect(on(input(set, drop)).verdict).toBe('accept');
    expect(on(input(set, drop), { destinationPort: 22 }).verdict).toBe('drop');
  });
});

describe('what a newer nft might print', () => {
  const at = { family: 'inet', table: 't' };
  const listing = (...objects: object[]): string =>
    JSON.stringify({ nftables: [{ table: { family: 'inet', name: 't', handle: 1 } }, ...objects] });
  const chain = (hook: string): object => ({
    chain: { ...at, name: 'c', handle: 2, type: 'filter', hook, prio: 0, policy: 'drop' },
  });
  const unknownOf = (text: string) =>
    decide({ rulesets: [{ format: 'nft-json', text }], packet, host }).unknown.join();

  it('is named: a hook that is not known, a rule whose statements are no list', () => {
    expect(unknownOf(listing(chain('soon')))).toMatch(/chain c of table inet t hangs on a hook .*"soon"/u);
    const rule = { rule: { ...at, chain: 'c', handle: 3, expr: { drop: null } } };
    expect(unknownOf(listing(chain('input'), rule))).toMatch(/inet t c rule 1/u);
    expect(unknownOf(listing(chain('input')))).toBe('');
  });
});
