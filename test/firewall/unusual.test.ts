import { describe, expect, it } from 'vitest';
import { decide, type HostFacts, type Packet, type RulesetInput } from '../../src/firewall/index.ts';

// What the kernel did with rules that are seldom met, each loaded alone (test/lab/firewall/unusual.lab.ts).
const host: HostFacts = {
  addresses: [
    { interface: 'eth0', address: '192.0.2.10', prefixLength: 24 },
    { interface: 'docker0', address: '172.17.0.1', prefixLength: 16 },
    { interface: 'br-abc', address: '172.18.0.1', prefixLength: 16 },
  ],
  routes: [{ destination: 'default', interface: 'eth0', gateway: '192.0.2.1' }],
  bridgePorts: { 'br-abc': ['veth1'] },
  sysctls: { 'net.ipv4.ip_forward': '1' },
};
const packet: Packet = {
  inInterface: 'br-abc',
  source: '172.18.0.2',
  destination: '172.18.0.1',
  destinationPort: 11434,
  sourceMac: '02:00:00:00:00:99',
};

function nft(hook: string, prio: number, type: string, ...rules: unknown[][]): RulesetInput {
  const at = { family: 'inet', table: 't' };
  const objects = [
    { table: { family: 'inet', name: 't', handle: 1 } },
    { chain: { ...at, name: 'c', handle: 1, type, hook, prio, policy: 'accept' } },
    ...rules.map((expr, i) => ({ rule: { ...at, chain: 'c', handle: i + 2, expr } })),
  ];
  return { format: 'nft-json', text: JSON.stringify({ nftables: objects }) };
}
function iptables(table: string, ...rules: string[]): RulesetInput {
  const chains = {
    raw: 'PREROUTING OUTPUT',
    mangle: 'PREROUTING INPUT OUTPUT',
    nat: 'PREROUTING INPUT OUTPUT',
  };
  const names = (chains[table as keyof typeof chains] ?? 'INPUT FORWARD OUTPUT').split(' ');
  const text = [`*${table}`, ...names.map((n) => `:${n} ACCEPT [0:0]`), ...rules, 'COMMIT', ''].join('\n');
  return { format: 'iptables-save', text };
}
const verdict = (...rulesets: RulesetInput[]) => decide({ rulesets, packet, host }).verdict;
const drop = { drop: null };
const is = (left: unknown, right: unknown, op = '==') => ({ match: { op, left, right } });
const field = (protocol: string, name: string) => ({ payload: { protocol, field: name } });
const meta = (key: string) => ({ meta: { key } });
const set = (key: unknown, value: unknown) => ({ mangle: { key, value } });
const output = iptables('filter', '-A OUTPUT -m conntrack --ctstate INVALID -j DROP');

describe('rules of nft that are seldom met', () => {
  it.each<[string, string, RulesetInput]>([
    [
      'a mask over a MAC, which has more than 32 bits',
      'drop',
      nft('input', 0, 'filter', [
        is({ '&': [field('ether', 'saddr'), 'ff:ff:ff:00:00:00'] }, '02:00:00:00:00:00'),
        drop,
      ]),
    ],
    [
      'a range of marks that nft writes as a prefix',
      'drop',
      nft('input', 0, 'filter', [is(meta('mark'), { set: [{ prefix: { addr: 0, len: 30 } }, 9] }), drop]),
    ],
    ['congestion bits by name', 'drop', nft('input', 0, 'filter', [is(field('ip', 'ecn'), 'not-ect'), drop])],
    [
      'congestion bits set and matched',
      'drop',
      nft('input', -150, 'filter', [set(field('ip', 'ecn'), 'ce')], [is(field('ip', 'ecn'), 'ce'), drop]),
    ],
    ['TCP flags rewritten', 'unknown', nft('input', 0, 'filter', [set(field('tcp', 'flags'), 'ack')])],
    [
      'bytes rewritten by their place',
      'unknown',
      nft(
        'input',
        0,
        'filter',
        [set({ payload: { base: 'nh', offset: 64, len: 8 } }, 10)],
        [is(field('ip', 'ttl'), 10), drop],
      ),
    ],
    [
      'a packet type set ahead of routing',
      'unknown',
      nft('prerouting', -150, 'filter', [set(meta('pkttype'), 'other')]),
    ],
    [
      'a counter of turns',
      'unknown',
      nft('input', 0, 'filter', [is({ numgen: { mode: 'inc', mod: 2, offset: 0 } }, 0), drop]),
    ],
    [
      'an Ethernet header on the way out',
      'accept',
      nft('output', 0, 'filter', [is(field('ether', 'type'), 'ip6', '!='), drop]),
    ],
    [
      'a counter chosen by a map without the key',
      'accept',
      nft('input', 0, 'filter', [
        { counter: { map: { key: field('tcp', 'dport'), data: { set: [[22, 'ssh']] } } } },
        drop,
      ]),
    ],
    [
      'a counter chosen by a map',
      'drop',
      nft('input', 0, 'filter', [
        { counter: { map: { key: field('tcp', 'dport'), data: { set: [[11434, 'ai']] } } } },
        drop,
      ]),
    ],
    [
      'a zone makes the state new ahead of conntrack',
      'drop',
      nft(
        'prerouting',
        -300,
        'filter',
        [set({ ct: { key: 'zone' } }, 7)],
        [is({ ct: { key: 'state' } }, 'new', 'in'), drop],
      ),
    ],
    [
      'a transparent proxy',
      'unknown',
      nft('prerouting', -150, 'filter', [is(meta('l4proto'), 'tcp'), { tproxy: { port: 80 } }]),
    ],
    ['a frame sent elsewhere', 'unknown', nft('input', 0, 'filter', [{ fwd: { dev: 'eth0' } }])],
    [
      'one of two local addresses',
      'accept',
      nft('prerouting', -100, 'nat', [
        { dnat: { family: 'ip', addr: { range: ['172.17.0.1', '172.17.0.1'] } } },
      ]),
    ],
    [
      'a translation by prefixes',
      'unknown',
      nft('prerouting', -100, 'nat', [{ dnat: { family: 'ip', addr: '172.17.0.1', type_flags: 'prefix' } }]),
    ],
  ])('%s: %s', (_name, expected, ruleset) => {
    expect(verdict(ruleset)).toBe(expected);
  }); // prettier-ignore
});

describe('rules of iptables that are seldom met', () => {
  it.each<[string, string, RulesetInput[]]>([
    [
      'a translation to a broadcast address',
      'drop',
      [iptables('nat', '-A PREROUTING -p tcp -j DNAT --to-destination 192.0.2.255')],
    ],
    [
      'a translation to a multicast address',
      'drop',
      [iptables('nat', '-A PREROUTING -p tcp -j DNAT --to-destination 224.0.0.1')],
    ],
    [
      'one of several addresses, of which one is barred',
      'unknown',
      [
        iptables('nat', '-A PREROUTING -p tcp -j DNAT --to-destination 172.17.0.1-172.17.0.2'),
        iptables('filter', '-A FORWARD -j DROP'),
      ],
    ],
    [
      'one of many ports',
      'unknown',
      [iptables('nat', '-A PREROUTING -p tcp -j REDIRECT --to-ports 1000-2000 --random')],
    ],
    [
      'a port by its distance from another',
      'drop',
      [
        iptables('nat', '-A PREROUTING -p tcp -j DNAT --to-destination 172.17.0.1:20-23/11432'),
        iptables('filter', '-A INPUT -p tcp -m tcp --dport 22 -j DROP'),
      ],
    ],
    ['a zone that the answer is not in', 'drop', [iptables('raw', '-A PREROUTING -j CT --zone 7'), output]],
    [
      'a zone of one direction alone',
      'accept',
      [iptables('raw', '-A PREROUTING -j CT --zone-orig 7'), output],
    ],
    [
      'a zone for both',
      'accept',
      [iptables('raw', '-A PREROUTING -j CT --zone 7', '-A OUTPUT -j CT --zone 7'), output],
    ],
    [
      'a mark by hash',
      'unknown',
      [
        iptables('mangle', '-A PREROUTING -j HMARK --hmark-tuple src --hmark-mod 8 --hmark-rnd 1'),
        iptables('filter', '-A INPUT -m mark --mark 0 -j DROP'),
      ],
    ],
    [
      'a mark from a set',
      'unknown',
      [
        iptables('mangle', '-A PREROUTING -j SET --map-set s src --map-mark'),
        iptables('filter', '-A INPUT -m mark --mark 0 -j DROP'),
      ],
    ],
    ['a proxy for SYNs', 'unknown', [iptables('filter', '-A INPUT -p tcp -j SYNPROXY --mss 1460')]],
    ['congestion bits', 'drop', [iptables('filter', '-A INPUT -m ecn --ecn-ip-ect 0 -j DROP')]],
    [
      'a bit of congestion in TCP that is not set',
      'accept',
      [iptables('filter', '-A INPUT -p tcp -m ecn --ecn-tcp-cwr -j DROP')],
    ],
    [
      'every second packet',
      'unknown',
      [iptables('filter', '-A INPUT -m statistic --mode nth --every 2 --packet 0 -j DROP')],
    ],
  ])('%s: %s', (_name, expected, rulesets) => {
    expect(verdict(...rulesets)).toBe(expected);
  }); // prettier-ignore
});

describe('a refusal of the answer, on its way out', () => {
  const reset = '-A OUTPUT -p tcp -m conntrack --ctstate ESTABLISHED -j REJECT --reject-with tcp-reset';
  it('is silence to the client', () => {
    expect(verdict(iptables('filter', reset))).toBe('drop');
    expect(verdict(iptables('filter', reset, '-A OUTPUT -p tcp -j REJECT --reject-with tcp-reset'))).toBe(
      'drop',
    );
  });
  it('is left open where the reset itself is refused by OUTPUT: the kernel tells the client of that', () => {
    const icmp = '-A OUTPUT -p tcp -j REJECT --reject-with icmp-port-unreachable';
    expect(verdict(iptables('filter', reset, icmp))).toBe('unknown');
  });
});
