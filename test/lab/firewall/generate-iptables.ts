import { BRIDGE, LOCAL, NEAR, PORT, PORTS } from './lab-host.ts';
import type { Random } from './random.ts';

type Family = 4 | 6;

const PREFIXES: Readonly<Record<Family, readonly string[]>> = {
  4: [
    '172.16.0.0/12',
    '172.17.0.0/16',
    '172.18.0.0/16',
    '192.0.2.0/24',
    '10.0.0.0/8',
    '198.51.100.7',
    '0.0.0.0/0',
    '192.168.0.0/16',
    '172.18.0.2/32',
    '172.0.0.2/255.0.255.255',
    '172.18.0.64/26',
    '203.0.113.0/24',
    '128.0.0.0/1',
  ],
  6: [
    'fd00::/8',
    'fd00:18::/64',
    'fd00:17::/64',
    '2001:db8::/32',
    '::/0',
    'fe80::/10',
    'fd00:18::2/128',
    '2001:db8:9::7',
    '2a00::/12',
    'fd00:18::40/122',
  ],
}; // prettier-ignore
const NAMES = [
  'eth0',
  'docker0',
  BRIDGE,
  'br-+',
  'docker+',
  'eth+',
  'lo',
  'br-000000000000',
  'veth+',
  'virbr0',
  '+',
];
const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED', 'DNAT', 'SNAT'];

const not = (r: Random, p = 0.2) => (r.chance(p) ? '! ' : '');

function ports(r: Random): string {
  const port = r.pick(PORTS);
  const other = r.pick(PORTS);
  return r.pick([
    `${port}`,
    `${port}`,
    `${port}`,
    `${Math.min(port, other)}:${Math.max(port, other)}`,
    ':1023',
    '1024:',
    '11434',
  ]);
}

function portList(r: Random): string {
  return r.some([...PORTS.map(String), '1:1024', '11430:11440', '9000'], 5).join(',');
}

/** One match, as people and tools write it. `p` tells whether the protocol was given. */
function match(r: Random, f: Family, table: string, tcp: boolean): string {
  const kinds: (() => string)[] = [
    () => `${not(r)}-s ${r.pick(PREFIXES[f])}`,
    () => `${not(r)}-s ${r.pick(PREFIXES[f])}`,
    () => `${not(r)}-d ${r.pick([...PREFIXES[f], ...LOCAL[f]])}`,
    () => `-m conntrack ${not(r)}--ctstate ${r.some(STATES, 3).join(',')}`,
    () => `-m conntrack ${not(r)}--ctstate ${r.some(['NEW', 'ESTABLISHED', 'RELATED'], 2).join(',')}`,
    () => `-m state --state ${r.some(STATES.slice(0, 5), 3).join(',')}`,
    () => `-m mark ${not(r)}--mark ${r.pick(['0x1', '0x0', '0x10/0x10', '0x3/0xff', '0x0/0xffff'])}`,
    () =>
      `-m comment --comment ${r.pick(['"drop -j DROP"', 'plain', '"it\'s \\"quoted\\""', '"-A INPUT -j ACCEPT"'])}`,
    () => `-m addrtype ${not(r)}--dst-type ${r.pick(['LOCAL', 'UNICAST', 'MULTICAST'])}`,
    () => `-m addrtype ${not(r)}--src-type ${r.pick(['LOCAL', 'UNICAST', 'MULTICAST'])}`,
    () => `-m iprange ${not(r)}--src-range ${range(r, f)}`,
    () => `-m mac ${not(r)}--mac-source ${r.pick(['02:00:00:00:00:99', '02:42:ac:11:00:02'])}`,
    () => `-m pkttype ${not(r)}--pkt-type ${r.pick(['unicast', 'broadcast', 'multicast'])}`,
    () =>
      f === 4
        ? `-m ttl --ttl-${r.pick(['eq', 'gt', 'lt'])} ${r.pick([63, 64, 65, 128])}`
        : `-m hl --hl-${r.pick(['eq', 'gt', 'lt'])} ${r.pick([63, 64, 65])}`,
    () => `-m length ${not(r)}--length ${r.pick(['60', '0:59', '60:100', '40:80', '80'])}`,
    () => `-m connmark ${not(r)}--mark ${r.pick(['0x1', '0x0', '0x2/0x2'])}`,
    () =>
      `-m conntrack ${not(r)}--ctorigdst ${r.pick([...LOCAL[f], ...PREFIXES[f].filter((p) => !p.includes('255'))])}`,
    () => `-m conntrack ${not(r)}--ctorigdstport ${r.pick(PORTS)}`,
    () => `-m conntrack --ctstate ${r.pick(STATES)} --ctproto tcp`,
    () =>
      `-m conntrack ${not(r)}--ctstatus ${r.pick(['NONE', 'SEEN_REPLY', 'CONFIRMED', 'ASSURED', 'EXPECTED'])}`,
    () => `-m conntrack --ctdir ${r.pick(['ORIGINAL', 'REPLY'])}`,
    () => `-m dscp ${not(r)}--dscp ${r.pick(['0x00', '0x2e'])}`,
    () => `-m statistic --mode nth --every 1000 --packet ${r.pick([999, 998])}`,
    () => `-m physdev ${not(r)}--physdev-in ${r.pick([PORT, 'veth+', 'vnet0'])}`,
    () => '-m physdev --physdev-is-in',
    () => `-m limit --limit ${r.pick(['1000/sec', '10000/sec'])} --limit-burst 5000`,
    () =>
      `-m hashlimit --hashlimit-${r.pick(['upto', 'above'])} 5000/sec --hashlimit-burst 5000 --hashlimit-mode srcip --hashlimit-name h${r.below(1000)}`,
    () => `-m quota --quota ${r.pick([100000000])}`,
    () => '-m policy --dir in --pol none',
    () =>
      `-m recent ${r.pick(['--set', '--set', '--update --seconds 60 --hitcount 2', '--rcheck', '--update --seconds 60', '! --rcheck', '--remove'])} --name r${r.below(2)} ${r.pick(['--rsource', '--rdest'])}`,
    () =>
      `-m connlimit --connlimit-${r.pick(['above', 'upto'])} ${r.pick([0, 1000])} --connlimit-mask ${f === 4 ? 32 : 128}`,
    () => `-m addrtype ${not(r)}--dst-type LOCAL --limit-iface-in`,
    () => `-m helper ${not(r)}--helper ftp`,
    () => (f === 4 ? `${not(r)}-f` : '-m frag --fragid 1'),
    () => `-m tos ${not(r)}--tos 0x00/0xff`,
    ...(table === 'PREROUTING'
      ? [() => `-m rpfilter ${r.pick(['--invert', '', '--loose', '--loose --invert', '--accept-local'])}`]
      : []),
  ];
  // Never `! -i +`, which iptables-legacy-save prints as nothing (lies.lab.ts).
  const named = () => `${not(r)}-i ${r.pick(NAMES)}`.replace('! -i +', '-i +').trim();
  if (table !== 'OUTPUT') kinds.push(named, named, () => `${not(r)}-i ${BRIDGE}`);
  if (tcp) {
    kinds.push(
      () => `-m tcp ${not(r)}--dport ${ports(r)}`,
      () => `-m tcp --dport ${ports(r)}`,
      () => '-m tcp --dport 11434',
      () => `-m tcp ${not(r)}--sport ${r.pick(['1024:65535', ':1023', '40000:50000'])}`,
      () => `-m multiport ${not(r)}--${r.pick(['dports', 'sports', 'ports'])} ${portList(r)}`,
      () =>
        `-m tcp ${not(r)}--tcp-flags ${r.pick(['FIN,SYN,RST,ACK SYN', 'SYN SYN', 'ALL NONE', 'SYN,FIN SYN,FIN', 'ACK ACK'])}`,
      () => `-m tcp ${not(r)}--syn`,
    ); // prettier-ignore
  }
  return r.pick(kinds)();
}

function range(r: Random, f: Family): string {
  return f === 4
    ? r.pick([
        '172.18.0.1-172.18.0.9',
        '172.17.0.0-172.18.255.255',
        '192.0.2.0-192.0.2.60',
        '10.0.0.0-10.0.0.1',
      ])
    : r.pick(['fd00:18::1-fd00:18::9', 'fd00:17::-fd00:18::ffff', '2001:db8:1::-2001:db8:1::60']);
}

function matches(r: Random, f: Family, hook: string): string {
  const proto = r.chance(0.6) ? 'tcp' : r.pick(['', '', 'udp', f === 4 ? 'icmp' : 'ipv6-icmp']);
  const parts: string[] = [];
  const modules = new Set<string>();
  const count = r.pick([0, 1, 1, 1, 2, 2, 3]);
  for (let i = 0; i < count; i++) {
    const text = match(r, f, hook, proto === 'tcp');
    const name = /-m (\w+)/.exec(text)?.[1] ?? text.replace('! ', '').slice(0, 2);
    if (modules.has(name)) continue;
    modules.add(name);
    parts.push(text);
  }
  return [...(proto ? [`${r.chance(0.05) ? '! ' : ''}-p ${proto}`] : []), ...parts].join(' ');
}

function reject(r: Random, f: Family, tcp: boolean): string {
  const types =
    f === 4
      ? [
          'icmp-port-unreachable',
          'icmp-host-prohibited',
          'icmp-admin-prohibited',
          'icmp-net-unreachable',
          'icmp-host-unreachable',
          'icmp-proto-unreachable',
          'icmp-net-prohibited',
        ]
      : [
          'icmp6-port-unreachable',
          'icmp6-adm-prohibited',
          'icmp6-no-route',
          'icmp6-addr-unreachable',
          'icmp6-policy-fail',
          'icmp6-reject-route',
        ];
  return `REJECT --reject-with ${tcp && r.chance(0.4) ? 'tcp-reset' : r.pick(types)}`;
}

function target(
  r: Random,
  f: Family,
  table: string,
  hook: string,
  match_: string,
  chains: readonly string[],
): string {
  const tcp = /(^| )-p tcp/.test(match_) && !match_.includes('! -p tcp');
  const jumps =
    chains.length > 0
      ? [() => `-j ${r.pick(chains)}`, () => `-j ${r.pick(chains)}`, () => `-g ${r.pick(chains)}`]
      : [];
  const common = [() => '-j ACCEPT', () => '-j RETURN', () => `-j LOG --log-prefix "[X] "`, ...jumps];
  if (table === 'nat') {
    const to: (() => string)[] = [() => '-j ACCEPT', () => '-j RETURN', ...jumps];
    if (tcp && hook === 'PREROUTING') {
      const at = r.pick([
        ...LOCAL[f],
        r.pick(NEAR[f][r.pick(['docker0', 'docker0', BRIDGE])] ?? []),
        f === 4 ? '127.0.0.1' : (LOCAL[f][0] ?? ''),
      ]);
      to.push(
        () => `-j DNAT --to-destination ${f === 4 ? at : `[${at}]`}:${r.pick(PORTS)}`,
        () => `-j DNAT --to-destination :${r.pick(PORTS)}`,
        () => `-j REDIRECT --to-ports ${r.pick(PORTS)}`,
        () => `-j NETMAP --to ${f === 4 ? '172.17.0.0/24' : 'fd00:17::/64'}`,
        () => '-j REDIRECT',
        () => `-j DNAT --to-destination ${at}`,
      ); // prettier-ignore
    }
    if (hook === 'POSTROUTING') to.push(() => '-j MASQUERADE');
    return r.pick(to)();
  }
  const block = [() => '-j DROP', () => '-j DROP'];
  if (table === 'filter')
    block.push(
      () => `-j ${reject(r, f, tcp)}`,
      () => `-j ${reject(r, f, tcp)}`,
      () => '-j REJECT',
    );
  const own: (() => string)[] = [];
  if (table === 'raw')
    own.push(
      () => '-j CT --notrack',
      () => '-j NOTRACK',
    );
  if (table === 'mangle') {
    own.push(() => `-j MARK --set-xmark ${r.pick(['0x1/0xffffffff', '0x10/0x10', '0x3/0xff', '0x0/0x1'])}`);
    own.push(
      () =>
        `-j CONNMARK ${r.pick(['--set-xmark 0x1/0xffffffff', '--save-mark', '--restore-mark', '--set-xmark 0x2/0x2'])}`,
    );
    own.push(() =>
      f === 4 ? `-j TTL --ttl-set ${r.pick([63, 64, 128])}` : `-j HL --hl-set ${r.pick([63, 64])}`,
    );
  }
  if (table === 'raw') own.push(() => `-j DROP`);
  if (table === 'mangle') return r.pick([...own, ...own, ...common, ...block.slice(0, 1)])();
  return r.pick([...block, ...common, ...own])();
}

const TABLES: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'OUTPUT'],
};

function makeTable(r: Random, f: Family, table: string, density: number): string[] {
  const builtin = TABLES[table] ?? [];
  const user = Array.from(
    { length: r.below(4) },
    (_, i) => `${r.pick(['sub', 'f2b', 'zone', 'ufw-user'])}-${i}`,
  );
  const lines = [`*${table}`];
  for (const chain of builtin) {
    const drops =
      (table === 'filter' && chain === 'INPUT' && r.chance(0.4)) || (table !== 'nat' && r.chance(0.03));
    lines.push(`:${chain} ${drops ? 'DROP' : 'ACCEPT'} [0:0]`);
  }
  for (const chain of user) lines.push(`:${chain} - [0:0]`);
  const main = table === 'filter' ? 'INPUT' : 'PREROUTING';
  for (const chain of [...builtin, ...user]) {
    const isUser = user.includes(chain);
    const n = isUser || chain === main ? r.below(density) : r.chance(0.25) ? r.below(3) : 0;
    const later = isUser ? user.slice(user.indexOf(chain) + 1) : user;
    for (let i = 0; i < n; i++) {
      const hook = isUser ? 'user' : chain === 'OUTPUT' || chain === 'POSTROUTING' ? 'OUTPUT' : chain;
      const text = matches(r, f, hook);
      lines.push(`-A ${chain} ${text} ${target(r, f, table, chain, text, later)}`.replace(/ {2,}/g, ' '));
    }
  }
  lines.push('COMMIT');
  return lines;
}

/** A listing for iptables-restore of random rules, the filter table always among them. */
export function randomIptables(r: Random, f: Family): string {
  const tables = ['filter'];
  for (const other of ['raw', 'mangle', 'nat', 'security']) if (r.chance(0.3)) tables.push(other);
  return `${tables.flatMap((table) => makeTable(r, f, table, table === 'filter' ? 10 : 5)).join('\n')}\n`;
}
