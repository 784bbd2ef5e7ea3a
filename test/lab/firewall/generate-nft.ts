import { BRIDGE, LOCAL, NEAR, PORT, PORTS } from './lab-host.ts';
import type { Random } from './random.ts';

const V4 = [
  '172.16.0.0/12',
  '172.17.0.0/16',
  '172.18.0.0/16',
  '192.0.2.0/24',
  '10.0.0.0/8',
  '198.51.100.7',
  '172.18.0.2',
  '203.0.113.0/24',
  '128.0.0.0/1',
];
const V6 = [
  'fd00::/8',
  'fd00:18::/64',
  'fd00:17::/64',
  '2001:db8::/32',
  'fe80::/10',
  'fd00:18::2',
  '2001:db8:9::7',
  '2a00::/12',
];
const NAMES = [
  '"eth0"',
  '"docker0"',
  `"${BRIDGE}"`,
  '"br-*"',
  '"docker*"',
  '"lo"',
  '"br-00"',
  '"eth*"',
  '"veth*"',
];
const STATES = ['new', 'established', 'related', 'invalid', 'untracked'];

type Family = 'inet' | 'ip' | 'ip6' | 'bridge';

const op = (r: Random, p = 0.2) => (r.chance(p) ? '!= ' : '');

interface Objects {
  readonly sets4: readonly string[];
  readonly sets6: readonly string[];
  readonly portSets: readonly string[];
  readonly ifSets: readonly string[];
  readonly pairSets: readonly string[];
  readonly verdictMaps: readonly string[];
}

function portSpec(r: Random, o: Objects): string {
  return r.pick([
    `${r.pick(PORTS)}`,
    '11434',
    '11434',
    `${r.between(1, 11000)}-${r.between(11001, 20000)}`,
    `{ ${r.some([...PORTS], 4).join(', ')} }`,
    `{ ${r.pick([22, 80])}, 11400-11500 }`,
    '{ 1-1023, 11434 }',
    ...o.portSets.map((s) => `@${s}`),
    `< ${r.pick(PORTS)}`,
    `>= ${r.pick(PORTS)}`,
  ]); // prettier-ignore
}

function address(r: Random, v: 4 | 6, o: Objects): string {
  const pool = v === 4 ? V4 : V6;
  const sets = v === 4 ? o.sets4 : o.sets6;
  const range = v === 4 ? '172.18.0.1-172.18.0.99' : 'fd00:18::1-fd00:18::99';
  return r.pick([
    r.pick(pool),
    r.pick(pool),
    r.pick(LOCAL[v]),
    range,
    `{ ${r
      .some(
        pool.filter((p) => !/^(172\.16|128|fd00::\/8|172\.18\.0\.2|fd00:18::2|2001:db8:9)/.test(p)),
        3,
      )
      .join(', ')} }`,
    ...sets.map((s) => `@${s}`),
  ]);
}

/** One match statement for the family. */
function match(r: Random, family: Family, hook: string, o: Objects): string {
  const v = family === 'ip' ? 4 : family === 'ip6' ? 6 : r.chance(0.65) ? 4 : 6;
  const ip = v === 4 ? 'ip' : 'ip6';
  const early = hook === 'output' || hook === 'postrouting';
  const kinds: (() => string)[] = [
    () => `tcp dport ${op(r)}${portSpec(r, o)}`.replace('!= <', '<').replace('!= >', '>'),
    () => `tcp dport ${portSpec(r, o)}`,
    () => `${ip} saddr ${op(r)}${address(r, v, o)}`,
    () => `${ip} saddr ${op(r)}${address(r, v, o)}`,
    () => `${ip} daddr ${op(r)}${address(r, v, o)}`,
    () =>
      `${early ? 'oifname' : 'iifname'} ${op(r)}${r.pick([...NAMES, ...o.ifSets.map((s) => `@${s}`), '{ "eth0", "docker0" }', `{ "lo", "${BRIDGE}" }`])}`,
    () => `${early ? 'oifname' : 'iifname'} ${r.pick(NAMES)}`,
    () => `meta l4proto ${op(r)}${r.pick(['tcp', 'udp', '{ tcp, udp }', '{ icmp, ipv6-icmp }'])}`,
    () => `meta mark ${op(r)}${r.pick(['0x1', '0x0', '0x10', '{ 1, 2 }', '1-5'])}`,
    () => `meta mark & ${r.pick(['0xff == 0x1', '0x10 == 0x10', '0x1 != 0x0'])}`,
    () =>
      `tcp flags ${r.pick(['syn', '== syn', '!= syn', 'syn,ack', '! syn,rst', '{ syn, ack }', '& (fin|syn|rst|ack) == syn', '& (syn|ack) == (syn|ack)', 'syn / syn,ack', '& syn != 0'])}`,
    () => `th dport ${op(r)}${r.pick(PORTS)}`,
    () => `tcp sport ${op(r)}${r.pick(['1024-65535', '{ 30000-40000 }', '53'])}`,
    () => `meta pkttype ${op(r)}${r.pick(['host', 'broadcast', 'multicast'])}`,
    () => `meta length ${r.pick(['60', '< 70', '> 60', '80', '60-100'])}`,
    () => `meta nfproto ${op(r)}${r.pick(['ipv4', 'ipv6'])}`,
    () => `${v === 4 ? 'ip ttl' : 'ip6 hoplimit'} ${r.pick(['64', '< 64', '> 64', '!= 64', '{ 63, 64 }'])}`,
    () =>
      `${ip} saddr . tcp dport ${op(r, 0.1)}{ ${r.pick(V4S[v])} . ${r.pick(PORTS)}, ${r.pick(NEAR[v][BRIDGE] ?? [])} . 11434 }`,
    () => (v === 4 ? 'ip protocol tcp' : 'ip6 nexthdr tcp'),
    () => `ether saddr ${op(r)}${r.pick(['02:00:00:00:00:99', '02:42:ac:11:00:02'])}`,
    () => `@th,16,16 ${op(r)}${r.pick(PORTS)}`,
    () => `limit rate ${r.pick(['', 'over '])}100000/second burst 5000 packets`,
    () => `quota ${r.pick(['', 'over '])}100 mbytes`,
    () => `iif ${op(r)}${r.pick(['"eth0"', '"lo"', '{ "eth0", "docker0" }'])}`,
    () => `meta iiftype ${r.pick(['ether', 'loopback'])}`,
    () => `meta protocol ${op(r)}${r.pick(['ip', 'ip6', 'arp'])}`,
    () => `exthdr frag ${r.pick(['exists', 'missing'])}`,
    () => `udp dport ${op(r)}11434`,
    () => `icmp type ${op(r)}echo-request`,
    () => `iifname . tcp dport ${op(r, 0.1)}{ "${BRIDGE}" . 11434, "eth0" . ${r.pick(PORTS)} }`,
    () => `tcp dport . ${ip} saddr { 11434 . ${r.pick(NEAR[v][BRIDGE] ?? [])}, 80-90 . ${r.pick(V4S[v])} }`,
    () => (v === 4 ? 'ip frag-off & 0x1fff == 0' : 'ip6 version 6'),
    () => `${ip} saddr & ${v === 4 ? '255.255.0.0 == 172.18.0.0' : 'ffff:ffff:: == fd00:18::'}`,
    () => `${ip} dscp ${op(r)}${r.pick(['cs0', 'ef'])}`,
  ];
  if (family === 'bridge')
    kinds.push(
      () => `iifname "${PORT}"`,
      () => `ether type ${op(r)}${r.pick(['ip', 'ip6', 'arp'])}`,
    );
  else {
    kinds.push(
      () => `ct state ${r.pick(['', '', '!= '])}${r.some(STATES, 2).join(',')}`,
      () => `ct state { ${r.some(STATES, 3).join(', ')} }`,
      () => `ct state ${r.pick(STATES)}`,
      () => `ct status ${r.pick(['dnat', 'snat', 'seen-reply', 'confirmed', 'assured'])}`,
      () => `ct mark ${op(r)}${r.pick(['0x1', '0x0', '0x2'])}`,
      () => `ct direction ${r.pick(['original', 'reply'])}`,
      () => `ct count ${r.pick(['1000', 'over 0', 'over 1000'])}`,
      () => `meta l4proto tcp ct original proto-dst ${r.pick(PORTS)}`,
      () => `ct original ${ip} daddr ${r.pick(LOCAL[v])}`,
    ); // prettier-ignore
    if (family !== 'inet' || hook !== 'output') {
      kinds.push(() => `fib daddr type ${op(r)}${r.pick(['local', 'unicast', '{ local, broadcast }'])}`);
      if (hook === 'prerouting')
        kinds.push(
          () => `fib saddr . iif oif ${r.pick(['missing', 'exists'])}`,
          () => 'fib daddr . iif type != local',
          () => `fib saddr oif ${r.pick(['exists', '"eth0"'])}`,
        );
    }
    if (o.pairSets.length > 0) kinds.push(() => `ip saddr . tcp dport @${r.pick(o.pairSets)}`);
  }
  return r.pick(kinds)();
}

const V4S: Readonly<Record<4 | 6, readonly string[]>> = {
  4: ['172.17.0.5', '192.0.2.50'],
  6: ['fd00:17::5', '2001:db8:1::50'],
};

function verdict(r: Random, family: Family, hook: string, type: string, chains: readonly string[]): string {
  const jumps =
    chains.length > 0 ? [`jump ${r.pick(chains)}`, `jump ${r.pick(chains)}`, `goto ${r.pick(chains)}`] : [];
  if (type === 'nat') {
    const v = family === 'ip6' ? 6 : 4;
    const ip = v === 4 ? 'ip' : 'ip6';
    const at = r.pick([...LOCAL[v], '172.17.0.9']);
    const to = v === 4 ? at : (LOCAL[6][0] ?? '');
    return r.pick([
      'accept',
      'return',
      ...jumps,
      `tcp dport ${r.pick(PORTS)} redirect to :${r.pick(PORTS)}`,
      `meta nfproto ${v === 4 ? 'ipv4' : 'ipv6'} tcp dport ${r.pick(PORTS)} dnat ${family === 'inet' ? `${ip} ` : ''}to ${v === 4 ? `${to}:${r.pick(PORTS)}` : `[${to}]:${r.pick(PORTS)}`}`,
      ...(family === 'ip6'
        ? []
        : [
            `meta l4proto tcp dnat ip addr . port to tcp dport map { 80 : 172.17.0.1 . 11434, 8080 : 172.17.0.9 . 80 }`,
            `meta nfproto ipv4 tcp dport 443 dnat ${family === 'inet' ? 'ip ' : ''}to ip saddr map { 172.18.0.2 : 172.17.0.1, 192.0.2.50 : 172.17.0.9 }`,
          ]),
      `meta l4proto tcp dnat ${family === 'inet' ? `${ip} ` : ''}to tcp dport map { 80 : ${to}, 8080 : ${LOCAL[v][1] ?? ''} }`,
    ]); // prettier-ignore
  }
  const reject = family === 'bridge' ? ['drop'] : ['reject', 'reject with tcp reset', rejectType(r, family)];
  const blocks = hook === 'postrouting' || hook === 'ingress' ? [] : reject;
  return `${r.chance(0.7) ? 'counter ' : ''}${r.pick(['accept', 'accept', 'drop', 'drop', 'return', 'continue', ...blocks, ...jumps, ...jumps])}`;
}

function rejectType(r: Random, family: Family): string {
  if (family === 'inet')
    return `reject with icmpx ${r.pick(['admin-prohibited', 'port-unreachable', 'no-route', 'host-unreachable'])}`;
  if (family === 'ip')
    return `reject with icmp ${r.pick(['admin-prohibited', 'host-prohibited', 'net-unreachable', 'host-unreachable', 'port-unreachable'])}`;
  return `reject with icmpv6 ${r.pick(['admin-prohibited', 'no-route', 'addr-unreachable', 'port-unreachable'])}`;
}

function sideEffect(r: Random, type: string, hook: string): string | null {
  if (type === 'nat' || !r.chance(0.15)) return null;
  const marks = [
    'meta mark set 0x1',
    'meta mark set meta mark or 0x10',
    'ct mark set 0x1',
    'meta mark set ct mark',
    'meta mark set tcp dport map { 22 : 1, 11434 : 2 }',
    'meta mark set meta mark and 0xf0',
    'meta mark set meta mark xor 0x3',
    'ct mark set meta mark',
    'log prefix "x"',
  ];
  if (hook === 'prerouting') marks.push('notrack');
  return r.pick(marks);
}

/** Leaves out what nft 1.0.6 lists wrongly; lies.lab.ts shows each. */
function toldRight(matches: readonly string[]): string[] {
  let bounded = false;
  return matches.filter((text, i) => {
    // `< B` and `> A` of one value are listed as one upside-down range: one such match to a rule.
    const bound = / [<>]/.test(text);
    if (bound && bounded) return false;
    bounded ||= bound;
    // A match on the type of interface or protocol ahead of a header field is taken for one that nft itself put
    // there, and left out.
    return !/iiftype|nfproto|meta protocol/.test(text) || i === matches.length - 1;
  });
}

/**
 * nft 1.0.6 lists `meta nfproto X meta l4proto tcp reject with tcp reset` without its first match, and so with `meta protocol`,
 * and ahead of a map of verdicts by a header field (lies.lab.ts).
 */
function withoutProtocol(parts: readonly string[]): readonly string[] {
  return parts.filter((part) => !/iiftype|nfproto|meta protocol/.test(part));
}

function rule(
  r: Random,
  family: Family,
  hook: string,
  type: string,
  o: Objects,
  chains: readonly string[],
): string {
  const matches = Array.from({ length: r.pick([0, 1, 1, 1, 2, 2, 3]) }, () => match(r, family, hook, o));
  const parts = toldRight(matches);
  const effect = family === 'bridge' ? null : sideEffect(r, type, hook);
  if (effect !== null) return [...parts, effect].join(' ');
  if (type !== 'nat' && r.chance(0.08) && chains.length > 0) {
    const key = r.pick([
      `tcp dport vmap { 22 : accept, 11434 : jump ${r.pick(chains)}, 8000-9000 : drop }`,
      `iifname vmap { "lo" : accept, "${BRIDGE}" : goto ${r.pick(chains)}, "eth*" : drop }`,
      ...(family === 'bridge'
        ? []
        : ['ct state vmap { invalid : drop, established : accept, related : accept }']),
      ...o.verdictMaps.map((m) => `tcp dport vmap @${m}`),
      `iifname . tcp dport vmap { "${BRIDGE}" . 11434 : jump ${r.pick(chains)}, "eth0" . 22 : drop }`,
      `${family === 'ip6' ? 'ip6' : 'ip'} saddr vmap { ${family === 'ip6' ? 'fd00:18::/64' : '172.18.0.0/16'} : ${r.pick(['drop', 'accept', `goto ${r.pick(chains)}`, 'return', 'continue'])}, * : ${r.pick(['continue', 'drop', 'accept'])} }`,
      `tcp flags & (syn | ack) vmap { syn : jump ${r.pick(chains)}, ack : drop }`,
    ]);
    return [...withoutProtocol(parts), key].join(' ');
  }
  const end = verdict(r, family, hook, type, chains);
  const told = /reject|dnat|redirect/.test(end) ? withoutProtocol(parts) : parts;
  return [...told, end].join(' ');
}

const HOOKS: readonly (readonly [hook: string, type: string, priority: string])[] = [
  ['input', 'filter', '0'],
  ['input', 'filter', '10'],
  ['input', 'filter', '-5'],
  ['prerouting', 'filter', '-300'],
  ['prerouting', 'filter', '-150'],
  ['prerouting', 'nat', '-100'],
  ['prerouting', 'filter', '0'],
  ['output', 'filter', '0'],
  ['forward', 'filter', '0'],
  ['output', 'route', '-150'],
  ['postrouting', 'filter', '0'],
  ['prerouting', 'nat', '-90'],
]; // prettier-ignore

function table(r: Random, name: string, family: Family): string[] {
  const o: Objects = {
    sets4: r.chance(0.4) ? ['s4'] : [],
    sets6: r.chance(0.3) && family !== 'ip' ? ['s6'] : [],
    portSets: r.chance(0.3) ? ['ports'] : [],
    ifSets: r.chance(0.3) ? ['ifs'] : [],
    pairSets: r.chance(0.2) && family !== 'ip6' && family !== 'bridge' ? ['pairs'] : [],
    verdictMaps: r.chance(0.3) ? ['vm'] : [],
  };
  const users = Array.from({ length: r.below(4) }, (_, i) => `sub${i}`);
  const lines = [`table ${family} ${name} {`];
  if (o.sets4.length > 0)
    lines.push(
      ` set s4 { type ipv4_addr; flags interval; elements = { ${r.pick(['172.18.0.0/16', '172.18.0.2', '10.0.0.0/8'])}, 198.51.100.0/24, 192.0.2.40-192.0.2.60 }; }`,
    );
  if (o.sets6.length > 0)
    lines.push(
      ` set s6 { type ipv6_addr; flags interval; elements = { ${r.pick(['fd00:18::/64', 'fd00:17::5'])}, 2001:db8:9::/48 }; }`,
    );
  if (o.portSets.length > 0)
    lines.push(
      ` set ports { type inet_service; flags interval; elements = { 22, 80-90, ${r.pick(['11434', '11000-12000', '443'])} }; }`,
    );
  if (o.ifSets.length > 0)
    lines.push(` set ifs { type ifname; elements = { "eth0", "${r.pick([BRIDGE, 'docker0', 'wg0'])}" }; }`);
  if (o.pairSets.length > 0)
    lines.push(
      ' set pairs { type ipv4_addr . inet_service; flags interval; elements = { 172.18.0.0/24 . 11434, 192.0.2.50 . 22-80 }; }',
    );
  for (const user of users) lines.push(` chain ${user} {`, ' }');
  if (o.verdictMaps.length > 0)
    lines.push(
      ` map vm { type inet_service : verdict; elements = { 22 : accept, 11434 : ${users.length > 0 ? `jump ${users[0]}` : 'drop'}, 80 : drop }; }`,
    );
  for (const [i, user] of users.entries()) {
    lines.push(` chain ${user} {`);
    for (let n = r.below(5); n > 0; n--)
      lines.push(`  ${rule(r, family, 'user', 'filter', { ...o, verdictMaps: [] }, users.slice(i + 1))}`);
    lines.push(' }');
  }
  const bases = [
    HOOKS[0] as (typeof HOOKS)[number],
    ...Array.from({ length: r.below(4) }, () => r.pick(HOOKS)),
  ];
  for (const [i, [hook, type, priority]] of bases.entries()) {
    if (family === 'bridge' && (type !== 'filter' || hook === 'forward')) continue;
    const policy = type === 'filter' && hook === 'input' && r.chance(0.35) ? 'drop' : 'accept';
    lines.push(` chain base${i} {`, `  type ${type} hook ${hook} priority ${priority}; policy ${policy};`);
    // A chain of a nat hook may only jump to chains without what nat forbids; it is kept to its own rules.
    const chains = type === 'nat' || type === 'route' || hook !== 'input' ? [] : users;
    for (let n = r.below(hook === 'input' ? 9 : 4); n > 0; n--)
      lines.push(`  ${rule(r, family, hook, type, type === 'nat' ? { ...o, verdictMaps: [] } : o, chains)}`);
    lines.push(' }');
  }
  lines.push('}');
  return lines;
}

/** A netdev table, whose chains see frames of one interface before all others do. */
function netdev(r: Random): string[] {
  const none: Objects = { sets4: [], sets6: [], portSets: [], ifSets: [], pairSets: [], verdictMaps: [] };
  const device = r.pick(['eth0', 'docker0', BRIDGE, PORT]);
  const lines = [
    'table netdev n {',
    ' chain c {',
    `  type filter hook ingress device "${device}" priority 0; policy accept;`,
  ];
  for (let n = r.below(4); n > 0; n--) lines.push(`  ${rule(r, 'bridge', 'ingress', 'filter', none, [])}`);
  return [...lines, ' }', '}'];
}

/** A ruleset for `nft -f` of random tables of several families. */
export function randomNft(r: Random): string {
  const families: Family[] = ['inet', ...r.some(['inet', 'ip', 'ip6', 'bridge', 'inet'] as const, 2)];
  if (r.chance(0.4)) families.pop();
  const tables = families.flatMap((family, i) => table(r, `t${i}`, family));
  return `${[...tables, ...(r.chance(0.15) ? netdev(r) : [])].join('\n')}\n`;
}
