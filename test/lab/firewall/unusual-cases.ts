import type { Case } from './compare.ts';
import type { Syn } from './kernel.ts';
import { BRIDGE } from './lab-host.ts';
import { restoreText, unusualLines } from './unusual-iptables.ts';
import { unusualNft } from './unusual-nft.ts';

/** What the rules with `-m set` look into. */
const SETS = [
  'create lab4 hash:ip',
  'create lab6 hash:ip family inet6',
  'create labport bitmap:port range 1-65535',
  'create labnet4 hash:net,iface',
  'create labnet6 hash:net,iface family inet6',
  'add lab4 172.18.0.2',
  'add lab6 fd00:18::2',
].map((words) => ['ipset', ...words.split(' '), '-exist']);

const SYSCTLS = {
  'net.ipv4.conf.all.rp_filter': '0',
  [`net.ipv4.conf.${BRIDGE}.route_localnet`]: '0',
  'net.ipv4.ip_forward': '1',
  'net.ipv6.conf.all.forwarding': '1',
  'net.bridge.bridge-nf-call-iptables': '1',
  'net.bridge.bridge-nf-call-ip6tables': '1',
};

let port = 30000;
const syn = (family: 4 | 6, iface: string, src: string, dst: string): Syn => ({
  family,
  iface,
  src,
  dst,
  sport: (port = port >= 39000 ? 30000 : port + 1),
  dport: 11434,
}); // prettier-ignore

/** What such rules do depends on the packets before: the first alone is asked about. */
const STATEFUL = /limit|quota|ct count|meter|recent|statistic|numgen inc|update @/;

function packets(families: string, rule: string): Syn[] {
  const all = [
    syn(4, BRIDGE, '172.18.0.2', '172.18.0.1'),
    syn(4, 'eth0', '198.51.100.7', '192.0.2.10'),
    syn(4, BRIDGE, '172.18.0.77', '172.17.0.1'),
    syn(6, BRIDGE, 'fd00:18::2', 'fd00:18::1'),
    syn(6, 'docker0', 'fd00:17::5', 'fd00:17::1'),
  ].filter((p) => families.includes(String(p.family)));
  return STATEFUL.test(rule) ? all.slice(0, 1) : all;
}

/**
 * The rulesets, one rule each.
 * @param hooks in how many hooks besides INPUT each rule of nft is tried; from 2 on, both back ends of iptables are
 * @param turn which hooks, and which back end, where not all are
 */
export function unusualCases(hooks: number, turn: number): Case[] {
  const out: Case[] = [];
  for (const [i, line] of unusualLines().entries()) {
    for (const family of line.family) {
      const text = restoreText(line).replace(/\b(lab|labnet)4\b/g, `$1${family}`);
      const prepare = text.includes('-set ') && text.includes('lab') ? SETS : [];
      const backends = ['nft', 'legacy'];
      for (const backend of hooks > 1 ? backends : [backends[(i + turn) % 2]]) {
        const job = {
          [`v${family}${backend}`]: text,
          sysctls: SYSCTLS,
          fresh: true,
          counters: false,
          prepare,
        };
        out.push({
          name: `${backend} ${family} ${line.lines.join(' ; ')}`,
          job,
          packets: packets(family, text),
        });
      }
    }
  }
  for (const { name, text } of unusualNft(hooks, turn)) {
    out.push({
      name,
      job: { nft: text, sysctls: SYSCTLS, fresh: true, counters: false },
      packets: packets('46', name),
    });
  }
  return out;
}
