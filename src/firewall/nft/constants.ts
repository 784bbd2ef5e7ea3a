/** What a left side's value means, and so how the words on the right are read. */
export type Kind =
  | 'ip4'
  | 'ip6'
  | 'ether'
  | 'ifname'
  | 'ifindex'
  | 'port'
  | 'number'
  | 'proto'
  | 'ethertype'
  | 'nfproto'
  | 'ctstate'
  | 'ctstatus'
  | 'ctdir'
  | 'tcpflags'
  | 'icmp'
  | 'icmpcode'
  | 'icmp6'
  | 'icmp6code'
  | 'addrtype'
  | 'pkttype'
  | 'arphrd'
  | 'bool'
  | 'dscp'
  | 'ecn'
  | 'text'; // prettier-ignore

type Words = Readonly<Record<string, number>>;

const PROTO: Words = {
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  'ipv6-route': 43,
  'ipv6-frag': 44,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  'ipv6-icmp': 58,
  ospf: 89,
  vrrp: 112,
  comp: 108,
  ipcomp: 108,
  sctp: 132,
  udplite: 136,
  mh: 135,
  ip: 0,
  hopopt: 0,
  pim: 103,
  ipip: 4,
  l2tp: 115,
  eigrp: 88,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
}; // prettier-ignore
const ETHERTYPE: Words = {
  ip: 0x0800,
  ip6: 0x86dd,
  arp: 0x0806,
  vlan: 0x8100,
  '8021q': 0x8100,
  '8021ad': 0x88a8,
  ipv4: 0x0800,
  ipv6: 0x86dd,
}; // prettier-ignore
const ICMP: Words = {
  'echo-reply': 0,
  'destination-unreachable': 3,
  'source-quench': 4,
  redirect: 5,
  'echo-request': 8,
  'router-advertisement': 9,
  'router-solicitation': 10,
  'time-exceeded': 11,
  'parameter-problem': 12,
  'timestamp-request': 13,
  'timestamp-reply': 14,
  'info-request': 15,
  'info-reply': 16,
  'address-mask-request': 17,
  'address-mask-reply': 18,
}; // prettier-ignore
const ICMP6: Words = {
  'destination-unreachable': 1,
  'packet-too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  'echo-request': 128,
  'echo-reply': 129,
  'mld-listener-query': 130,
  'mld-listener-report': 131,
  'mld-listener-done': 132,
  'mld-listener-reduction': 132,
  'nd-router-solicit': 133,
  'nd-router-advert': 134,
  'nd-neighbor-solicit': 135,
  'nd-neighbor-advert': 136,
  'nd-redirect': 137,
  'router-renumbering': 138,
  'ind-neighbor-solicit': 141,
  'ind-neighbor-advert': 142,
  'mld2-listener-report': 143,
}; // prettier-ignore
const SERVICES: Words = {
  'ftp-data': 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  http: 80,
  kerberos: 88,
  pop3: 110,
  sunrpc: 111,
  ntp: 123,
  'netbios-ns': 137,
  'netbios-dgm': 138,
  'netbios-ssn': 139,
  imap: 143,
  imap2: 143,
  snmp: 161,
  ldap: 389,
  https: 443,
  'microsoft-ds': 445,
  submission: 587,
  ldaps: 636,
  domain_s: 853,
  imaps: 993,
  pop3s: 995,
  openvpn: 1194,
  nfs: 2049,
  mysql: 3306,
  postgresql: 5432,
  mdns: 5353,
  'http-alt': 8080,
}; // prettier-ignore

const WORDS: Partial<Readonly<Record<Kind, Words>>> = {
  proto: PROTO,
  ethertype: ETHERTYPE,
  nfproto: { ipv4: 2, ip: 2, ipv6: 10, ip6: 10 },
  ctstate: { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 },
  ctstatus: { expected: 1, 'seen-reply': 2, assured: 4, confirmed: 8, snat: 16, dnat: 32, dying: 512 },
  ctdir: { original: 0, reply: 1 },
  tcpflags: { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, ece: 64, cwr: 128 },
  icmp: ICMP,
  icmp6: ICMP6,
  icmpcode: {
    'net-unreachable': 0,
    'host-unreachable': 1,
    'prot-unreachable': 2,
    'port-unreachable': 3,
    'frag-needed': 4,
    'net-prohibited': 9,
    'host-prohibited': 10,
    'admin-prohibited': 13,
  }, // prettier-ignore
  icmp6code: {
    'no-route': 0,
    'admin-prohibited': 1,
    'addr-unreachable': 3,
    'port-unreachable': 4,
    'policy-fail': 5,
    'reject-route': 6,
  }, // prettier-ignore
  addrtype: {
    unspec: 0,
    unicast: 1,
    local: 2,
    broadcast: 3,
    anycast: 4,
    multicast: 5,
    blackhole: 6,
    unreachable: 7,
    prohibit: 8,
    throw: 9,
    nat: 10,
    xresolve: 11,
  }, // prettier-ignore
  pkttype: { host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 },
  arphrd: { ether: 1, ppp: 512, ipip: 768, ipip6: 769, loopback: 772, sit: 776, ipgre: 778 },
  bool: { exists: 1, missing: 0 },
  dscp: {
    cs0: 0,
    cs1: 8,
    cs2: 16,
    cs3: 24,
    cs4: 32,
    cs5: 40,
    cs6: 48,
    cs7: 56,
    df: 0,
    be: 0,
    lephb: 1,
    af11: 10,
    af12: 12,
    af13: 14,
    af21: 18,
    af22: 20,
    af23: 22,
    af31: 26,
    af32: 28,
    af33: 30,
    af41: 34,
    af42: 36,
    af43: 38,
    va: 44,
    ef: 46,
  }, // prettier-ignore
  ecn: { 'not-ect': 0, ect1: 1, ect0: 2, ce: 3 },
  port: SERVICES,
};

/** The number a word stands for on the right of a value of this kind; undefined for a word not known here. */
export function wordValue(kind: Kind, word: string): number | undefined {
  const words = WORDS[kind];
  if (words && Object.hasOwn(words, word)) return words[word];
  if (/^(0x[0-9a-fA-F]+|\d+)$/.test(word)) return Number(word);
  return undefined;
}
