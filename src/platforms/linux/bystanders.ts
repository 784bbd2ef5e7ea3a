import type { Bystanders } from '../../facts/network.ts';
import type { Looked } from '../../facts/looked.ts';
import type { Machine, ReadResult, RunResult } from '../../machine/machine.ts';
import type { Evidence } from '../../report/schema.ts';
import { asFields, readArray } from './ip-json.ts';

/**
 * What stands beside the rules and may stop a packet or lead its answer elsewhere: SELinux, programs of eBPF, policy
 * routing, networks of VPNs and of Kubernetes, a full table of connections, filters of frames and of ARP that no listing
 * here shows. Asked only where rules and probe disagree.
 */
export async function lookAtBystanders(machine: Machine): Promise<Looked<Bystanders>> {
  const [enforce, modules, count, most, rules4, rules6, links, queues] = await Promise.all([
    machine.read('/sys/fs/selinux/enforce', { maxBytes: 16 }),
    machine.read('/proc/modules', { maxBytes: 256 * 1024 }),
    machine.read('/proc/sys/net/netfilter/nf_conntrack_count', { maxBytes: 32 }),
    machine.read('/proc/sys/net/netfilter/nf_conntrack_max', { maxBytes: 32 }),
    machine.run({ argv: ['ip', '-j', '-4', 'rule', 'show'] }),
    machine.run({ argv: ['ip', '-j', '-6', 'rule', 'show'] }),
    machine.run({ argv: ['ip', '-j', '-d', 'link', 'show'] }),
    machine.run({ argv: ['tc', '-j', 'qdisc', 'show'] }),
  ]);
  const found = [
    ...selinux(textOf(enforce)),
    ...connectionTable(textOf(count), textOf(most)),
    ...frameFilters(textOf(modules)),
    ...policyRouting(outputOf(rules4), 4),
    ...policyRouting(outputOf(rules6), 6),
    ...linksOf(outputOf(links)),
    ...trafficControl(outputOf(queues)),
  ];
  return { state: 'seen', value: { found }, evidence: found };
}

function outputOf(result: RunResult): string {
  return result.outcome === 'exited' && result.exitCode === 0 ? result.stdout : '';
}

function textOf(read: ReadResult): string {
  return read.outcome === 'read' ? read.text : '';
}

/** The kernel drops each new connection while its table is full (nf_conntrack-sysctl.rst, "nf_conntrack_max"). */
export function connectionTable(count: string, most: string): Evidence[] {
  const [now, limit] = [Number(count.trim() || Number.NaN), Number(most.trim() || Number.NaN)];
  return limit > 0 && now >= limit * 0.98
    ? [
        {
          source: '/proc/sys/net/netfilter/nf_conntrack_count',
          text: `the table of connections is full (${now} of ${limit}): new ones are dropped (sudo dmesg | grep conntrack; sudo sysctl net.netfilter.nf_conntrack_max=${limit * 2})`,
        },
      ]
    : [];
}

/** Tables of the legacy ebtables and arptables, whose modules are there only once they have one. */
export function frameFilters(modules: string): Evidence[] {
  return (
    [
      [/^ebtable_(?:filter|nat|broute) /mu, 'ebtables', 'frames on bridges'],
      [/^arptable_filter /mu, 'arptables', 'ARP, without which no address is found'],
    ] as const
  ).flatMap(([module, program, what]) =>
    module.test(modules)
      ? [{ source: '/proc/modules', text: `${program} may filter ${what}: sudo ${program}-legacy -L` }]
      : [],
  );
}

/** selinuxfs: `1` while the policy is enforced. */
function selinux(text: string): Evidence[] {
  return text.trim() === '1'
    ? [
        {
          source: '/sys/fs/selinux/enforce',
          text: 'SELinux enforces its policy (denials: sudo ausearch -m avc -ts recent)',
        },
      ]
    : [];
}

/** Rules of routing besides the three that every host has (ip-rule(8): 0 local, 32766 main, 32767 default). */
export function policyRouting(text: string, family: 4 | 6): Evidence[] {
  return (readArray(text) ?? []).flatMap((rule) => {
    const word = (name: string) => {
      const value = rule[name];
      return typeof value === 'string' || typeof value === 'number' ? `${value}` : undefined;
    };
    const withMore = (name: string, more: string) =>
      word(more) === undefined ? word(name) : `${word(name)}/${word(more)}`;
    const plain = /^(local|main|default)$/u.test(word('table') ?? '');
    const chosen = ['fwmark', 'iif', 'oif'].some((name) => rule[name] !== undefined);
    if (plain && !chosen && /^(0|32766|32767)$/u.test(word('priority') ?? '')) return [];
    const part = (label: string, value: string | undefined) =>
      value === undefined ? [] : [`${label} ${value}`];
    const words = [
      `from ${word('src') === undefined ? 'all' : withMore('src', 'srclen')}`,
      ...part('to', word('dst') === undefined ? undefined : withMore('dst', 'dstlen')),
      ...part('fwmark', word('fwmark') === undefined ? undefined : withMore('fwmark', 'fwmask')),
      ...part('iif', word('iif')),
      ...part('oif', word('oif')),
      ...part('lookup', word('table')),
    ];
    return [
      {
        source: `ip -${family} rule`,
        text: `policy routing: ${word('priority') ?? '?'}: ${words.join(' ')}`,
      },
    ];
  });
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^cilium_/u, 'Cilium, whose eBPF programs are in no listing of rules'],
  [/^(cali[0-9a-f]|tunl0|vxlan\.calico|bpfin\.cali)/u, 'Calico'],
  [/^flannel|^kube-|^nodelocaldns|^weave/u, 'a network of Kubernetes'],
  [/^tailscale/u, 'Tailscale'],
  [/^(zt|nebula|netbird|wt)\w*\d/u, 'a VPN'],
];

/** Interfaces that tell of a CNI or a VPN, and those with a program at their very entrance (XDP). */
export function linksOf(text: string): Evidence[] {
  return (readArray(text) ?? []).flatMap((link) => {
    const name = link['ifname'];
    if (typeof name !== 'string') return [];
    const kind = asFields(link['linkinfo'])?.['info_kind'];
    const known = kind === 'wireguard' ? 'WireGuard' : KINDS.find(([pattern]) => pattern.test(name))?.[1];
    return [
      ...(known === undefined ? [] : [{ source: 'ip link', text: `interface ${name}: ${known}` }]),
      ...(asFields(link['xdp']) ? [{ source: 'ip link', text: `an XDP program on ${name}` }] : []),
    ];
  });
}

/** Where programs can be hung on an interface ahead of every rule (tc-bpf(8)). */
export function trafficControl(text: string): Evidence[] {
  return (readArray(text) ?? []).flatMap(({ kind, dev }) =>
    (kind === 'clsact' || kind === 'ingress') && typeof dev === 'string'
      ? [{ source: 'tc qdisc', text: `${dev} has ${kind}: a program there sees packets ahead of every rule` }]
      : [],
  );
}
