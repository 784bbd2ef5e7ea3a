import { randomIptables } from './generate-iptables.ts';
import type { Job } from './kernel.ts';
import { BRIDGE, LOCAL, PORTS } from './lab-host.ts';
import type { Random } from './random.ts';

type Loaded = Omit<Job, 'packets'>;

function ufwUserRule(r: Random, v: 4 | 6): string[] {
  const subnet = r.pick(
    v === 4 ? ['172.16.0.0/12', '172.18.0.0/16', '192.0.2.0/24', '10.0.0.0/8'] : ['fd00::/8', 'fd00:18::/64'],
  );
  const port = r.pick([...PORTS, 11434]);
  const p = v === 4 ? 'ufw' : 'ufw6';
  return r.pick([
    [`-A ${p}-user-input -p tcp --dport ${port} -j ACCEPT`],
    [`-A ${p}-user-input -p tcp --dport ${port} -j DROP`],
    [`-A ${p}-user-input -p tcp --dport ${port} -j REJECT --reject-with tcp-reset`],
    [`-A ${p}-user-input -s ${subnet} -p tcp --dport ${port} -j ACCEPT`],
    [`-A ${p}-user-input -i docker0 -p tcp --dport ${port} -j ACCEPT`],
    [`-A ${p}-user-input -i ${BRIDGE} -s ${subnet} -p tcp --dport ${port} -j ACCEPT`],
    [`-A ${p}-user-input -p tcp -m multiport --dports 80,443,8000:9000 -j ACCEPT`],
    [
      `-A ${p}-user-input -p tcp --dport ${port} -m conntrack --ctstate NEW -m recent --set`,
      `-A ${p}-user-input -p tcp --dport ${port} -m conntrack --ctstate NEW -m recent --update --seconds 30 --hitcount 6 -j ${p}-user-limit`,
      `-A ${p}-user-input -p tcp --dport ${port} -j ${p}-user-limit-accept`,
    ],
    [`-A ${p}-user-input -s ${subnet} -j DROP`],
  ]);
}

/** What `ufw enable` loads, with some user rules. */
function ufw(r: Random, v: 4 | 6): string {
  const p = v === 4 ? 'ufw' : 'ufw6';
  const chains = [
    'before-logging-input',
    'before-input',
    'after-input',
    'after-logging-input',
    'reject-input',
    'track-input',
    'logging-deny',
    'skip-to-policy-input',
    'not-local',
    'user-input',
    'user-limit',
    'user-limit-accept',
    'user-logging-input',
    'logging-allow',
  ]; // prettier-ignore
  const policy = r.pick(['DROP', 'DROP', 'ACCEPT']);
  const skip = policy === 'DROP' ? 'DROP' : 'ACCEPT';
  const rejects = r.chance(0.2);
  return `${[
    '*filter',
    `:INPUT ${policy} [0:0]`,
    ':FORWARD ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ...chains.map((c) => `:${p}-${c} - [0:0]`),
    ...[
      'before-logging-input',
      'before-input',
      'after-input',
      'after-logging-input',
      'reject-input',
      'track-input',
    ].map((c) => `-A INPUT -j ${p}-${c}`),
    `-A ${p}-logging-deny -m conntrack --ctstate INVALID -m limit --limit 3/min --limit-burst 10 -j RETURN`,
    `-A ${p}-logging-deny -m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix "[UFW BLOCK] "`,
    `-A ${p}-skip-to-policy-input -j ${skip}`,
    `-A ${p}-before-input -i lo -j ACCEPT`,
    `-A ${p}-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `-A ${p}-before-input -m conntrack --ctstate INVALID -j ${p}-logging-deny`,
    `-A ${p}-before-input -m conntrack --ctstate INVALID -j DROP`,
    ...(v === 4
      ? [
          `-A ${p}-before-input -p icmp --icmp-type echo-request -j ACCEPT`,
          `-A ${p}-before-input -j ${p}-not-local`,
        ]
      : []),
    ...(v === 4
      ? [
          `-A ${p}-not-local -m addrtype --dst-type LOCAL -j RETURN`,
          `-A ${p}-not-local -m addrtype --dst-type MULTICAST -j RETURN`,
          `-A ${p}-not-local -m limit --limit 3/min --limit-burst 10 -j ${p}-logging-deny`,
          `-A ${p}-not-local -j DROP`,
        ]
      : []),
    `-A ${p}-before-input -j ${p}-user-input`,
    `-A ${p}-after-input -p udp --dport 137 -j ${p}-skip-to-policy-input`,
    `-A ${p}-after-input -p tcp --dport 445 -j ${p}-skip-to-policy-input`,
    `-A ${p}-after-logging-input -m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix "[UFW BLOCK] "`,
    ...(rejects
      ? [
          `-A ${p}-reject-input -j REJECT --reject-with ${v === 4 ? 'icmp-port-unreachable' : 'icmp6-port-unreachable'}`,
        ]
      : []),
    `-A ${p}-user-limit -m limit --limit 3/minute -j LOG --log-prefix "[UFW LIMIT BLOCK] "`,
    `-A ${p}-user-limit -j REJECT`,
    `-A ${p}-user-limit-accept -j ACCEPT`,
    ...Array.from({ length: r.below(6) }, () => ufwUserRule(r, v)).flat(),
    'COMMIT',
  ].join('\n')}\n`; // prettier-ignore
}

/** Docker's own chains with a published port, as dockerd writes them with its iptables back end. */
function docker(r: Random): string {
  const port = r.pick(PORTS);
  const inner = r.pick(['172.17.0.9', '172.17.0.5']);
  return [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':INPUT ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [0:0]',
    ':DOCKER - [0:0]',
    '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
    '-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER',
    '-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
    `-A POSTROUTING -s 172.18.0.0/16 ! -o ${BRIDGE} -j MASQUERADE`,
    ...(r.chance(0.5) ? ['-A DOCKER -i docker0 -j RETURN'] : []),
    `-A DOCKER ! -i docker0 -p tcp -m tcp --dport ${port} -j DNAT --to-destination ${inner}:${r.pick(PORTS)}`,
    'COMMIT',
    '*filter',
    `:INPUT ${r.pick(['ACCEPT', 'DROP'])} [0:0]`,
    ':FORWARD DROP [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':DOCKER - [0:0]',
    ':DOCKER-FORWARD - [0:0]',
    ':DOCKER-USER - [0:0]',
    ':DOCKER-ISOLATION-STAGE-1 - [0:0]',
    ':DOCKER-ISOLATION-STAGE-2 - [0:0]',
    '-A FORWARD -j DOCKER-USER',
    '-A FORWARD -j DOCKER-FORWARD',
    '-A DOCKER-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ...(r.chance(0.6) ? ['-A DOCKER-FORWARD -j DOCKER-ISOLATION-STAGE-1'] : []),
    '-A DOCKER-FORWARD -o docker0 -j DOCKER',
    '-A DOCKER-FORWARD -i docker0 ! -o docker0 -j ACCEPT',
    `-A DOCKER-FORWARD -i ${BRIDGE} ! -o ${BRIDGE} -j ACCEPT`,
    '-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2',
    `-A DOCKER-ISOLATION-STAGE-1 -i ${BRIDGE} ! -o ${BRIDGE} -j DOCKER-ISOLATION-STAGE-2`,
    '-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP',
    `-A DOCKER-ISOLATION-STAGE-2 -o ${BRIDGE} -j DROP`,
    ...PORTS.map(
      (p) => `-A DOCKER -d ${inner}/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport ${p} -j ACCEPT`,
    ),
    ...(r.chance(0.3) ? ['-A DOCKER-USER -i eth0 -m conntrack --ctstate NEW -j DROP'] : []),
    ...(r.chance(0.5) ? [`-A INPUT -i docker0 -j ACCEPT`] : []),
    ...(r.chance(0.4)
      ? [`-A INPUT -p tcp -m tcp --dport 11434 -j ${r.pick(['DROP', 'ACCEPT', 'REJECT'])}`]
      : []),
    'COMMIT',
    '',
  ].join('\n'); // prettier-ignore
}

/** firewalld's nftables table with zones by interface and source. */
function firewalld(r: Random): string {
  const zones = ['public', 'docker', 'trusted', 'work'];
  const target: Record<string, string> = {
    public: '',
    docker: 'accept',
    trusted: 'accept',
    work: r.pick(['', 'drop', 'reject with icmpx admin-prohibited']),
  };
  const ifaces: (readonly [string, string])[] = [
    ['docker0', r.pick(zones)],
    ['eth0', 'public'],
  ];
  if (r.chance(0.6)) ifaces.push([BRIDGE, r.pick(zones)]);
  const chains = zones.flatMap((z) => {
    const allow = r.some([...PORTS], 2).map((p) => `   tcp dport ${p} accept`);
    const rich = r.chance(0.4)
      ? [
          `   ip saddr ${r.pick(['172.18.0.0/16', '192.0.2.0/24'])} tcp dport 11434 ${r.pick(['accept', 'drop', 'reject'])}`,
        ]
      : [];
    return [
      ` chain filter_IN_${z}_pre {`,
      '  }',
      ` chain filter_IN_${z}_log {`,
      '  }',
      ` chain filter_IN_${z}_deny {`,
      ...rich.filter((x) => !x.endsWith('accept')),
      '  }',
      ` chain filter_IN_${z}_allow {`,
      ...(z === 'docker' || z === 'trusted' ? [] : allow),
      ...rich.filter((x) => x.endsWith('accept')),
      '  }',
      ` chain filter_IN_${z}_post {`,
      '  }',
      ` chain filter_IN_${z} {`,
      ...['pre', 'log', 'deny', 'allow', 'post'].map((s) => `  jump filter_IN_${z}_${s}`),
      '  meta l4proto { icmp, ipv6-icmp } accept',
      ...(target[z] ? [`  ${target[z]}`] : []),
      ' }',
    ]; // prettier-ignore
  });
  return [
    'table inet firewalld {',
    ...chains,
    ' chain filter_INPUT_ZONES {',
    ...(r.chance(0.3) ? ['  ip saddr 172.18.0.0/24 goto filter_IN_work'] : []),
    ...ifaces.map(([name, zone]) => `  iifname "${name}" goto filter_IN_${zone}`),
    `  goto filter_IN_${r.pick(['public', 'public', 'work'])}`,
    ' }',
    ' chain filter_PREROUTING {',
    '  type filter hook prerouting priority 10; policy accept;',
    '  icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept',
    ...(r.chance(0.7) ? ['  meta nfproto ipv6 fib saddr . mark . iif oif missing drop'] : []),
    ' }',
    ' chain filter_INPUT {',
    '  type filter hook input priority 10; policy accept;',
    '  ct state { established, related } accept',
    '  ct status dnat accept',
    '  iifname "lo" accept',
    '  ct state invalid drop',
    '  jump filter_INPUT_ZONES',
    '  reject with icmpx admin-prohibited',
    ' }',
    ' chain filter_OUTPUT {',
    '  type filter hook output priority 10; policy accept;',
    '  ct state { established, related } accept',
    '  oifname "lo" accept',
    ' }',
    '}',
    '',
  ].join('\n'); // prettier-ignore
}

function fail2ban(r: Random): string {
  return [
    'table inet f2b-table {',
    ` set addr-set-sshd { type ipv4_addr; elements = { 203.0.113.99, ${r.pick(['172.18.0.2', '198.51.100.7', '10.9.9.9'])} }; }`,
    ' chain f2b-chain {',
    '  type filter hook input priority -1; policy accept;',
    `  tcp dport ${r.pick(['22', '{ 80, 443, 11434 }'])} ip saddr @addr-set-sshd reject with icmp port-unreachable`,
    ' }',
    '}',
    '',
  ].join('\n'); // prettier-ignore
}

function nixos(r: Random): string {
  return [
    'table inet nixos-fw {',
    ' chain rpfilter {',
    '  type filter hook prerouting priority mangle + 10; policy drop;',
    '  meta nfproto ipv4 udp sport . udp dport { 67 . 68, 68 . 67 } accept',
    '  fib saddr . mark . iif oif exists accept',
    ' }',
    ' chain input-allow {',
    `  tcp dport { ${r.some([...PORTS], 3).join(', ')} } accept`,
    ...(r.chance(0.5) ? [`  iifname "${BRIDGE}" tcp dport 11434 accept`] : []),
    '  icmp type echo-request accept',
    ' }',
    ' chain input {',
    '  type filter hook input priority filter; policy drop;',
    '  iifname { "lo" } accept',
    '  ct state vmap { invalid : drop, established : accept, related : accept, new : jump input-allow, untracked : jump input-allow }',
    ...(r.chance(0.5)
      ? ['  tcp flags & (fin | syn | rst | ack) == syn log level info prefix "refused connection: "']
      : []),
    ' }',
    '}',
    '',
  ].join('\n'); // prettier-ignore
}

function blocklist(r: Random): string {
  const v4 = Array.from(
    { length: 300 },
    () => `${r.between(1, 9)}.${r.below(256)}.${r.below(256)}.${r.below(256)}`,
  );
  return [
    'table ip crowdsec {',
    ` set crowdsec-blacklists { type ipv4_addr; flags timeout; elements = { ${[...new Set(v4)].map((a) => `${a} timeout 4h`).join(', ')}, ${LOCAL[4].length > 0 ? r.pick(['198.51.100.7', '203.0.113.99', '9.9.9.9']) : ''} timeout 4h }; }`,
    ' chain crowdsec-chain {',
    '  type filter hook input priority filter - 10; policy accept;',
    '  ip saddr @crowdsec-blacklists drop',
    ' }',
    '}',
    '',
  ].join('\n'); // prettier-ignore
}

/** A host as people have them: one front end or several, with what came along over the years. */
export function randomShape(r: Random): Loaded {
  const job: Loaded = {};
  const backend = r.pick(['nft', 'nft', 'legacy'] as const);
  const set = (v: 4 | 6, b: 'nft' | 'legacy', text: string) => {
    job[`v${v}${b}`] = text;
  };
  // Both back ends at once is rare, and what then comes first no listing tells.
  const base = r.chance(0.05) ? 6 : r.below(6);
  if (base === 0 || base === 1) {
    set(4, backend, ufw(r, 4));
    set(6, backend, ufw(r, 6));
  } else if (base === 2) job.nft = firewalld(r);
  else if (base === 3) job.nft = nixos(r);
  else if (base === 4) set(4, backend, docker(r));
  else if (base === 5) {
    job.nft = firewalld(r);
    set(4, backend, docker(r));
  } else {
    set(4, 'legacy', randomIptables(r, 4));
    set(4, 'nft', r.chance(0.5) ? docker(r) : ufw(r, 4));
  }
  if (r.chance(0.25)) job.nft = `${job.nft ?? ''}${fail2ban(r)}`;
  if (r.chance(0.2)) job.nft = `${job.nft ?? ''}${blocklist(r)}`;
  return job;
}
