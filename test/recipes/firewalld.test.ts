import { describe, expect, it } from 'vitest';
import type { FirewallOwnership } from '../../src/facts/network.ts';
import type { SimulationScript } from '../../src/machine/simulated.ts';
import type { planFixes } from '../../src/recipes/index.ts';
import { seen, wildcard } from '../checks/host-of-values.ts';
import { brokenHost, changes, commands, dropCause, listings, plan, savedBy } from './planned.ts';

/**
 * What firewalld 2.3 lays with FirewallBackend=iptables, as iptables-save 1.8.11 printed it, without chains for other
 * ways and tables.
 */
function laid(more: string[] = [], ahead: string[] = []): string {
  const chains = ['docker', 'public', 'shutters'].flatMap((name) =>
    ['', '_allow', '_deny', '_log', '_post', '_pre'].map((kind) => `IN_${name}${kind}`),
  );
  const ways = (name: string): string[] =>
    ['pre', 'log', 'deny', 'allow', 'post'].map((kind) => `-A IN_${name} -j IN_${name}_${kind}`);
  return [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ...[...chains, 'INPUT_POLICIES', 'INPUT_direct'].toSorted().map((name) => `:${name} - [0:0]`),
    ...ahead,
    '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT',
    '-A INPUT -i lo -j ACCEPT',
    '-A INPUT -m conntrack --ctstate INVALID -j DROP',
    '-A INPUT -j INPUT_direct',
    '-A INPUT -j INPUT_POLICIES',
    '-A INPUT -j REJECT --reject-with icmp-host-prohibited',
    '-A INPUT_POLICIES -i docker0 -j IN_shutters',
    '-A INPUT_POLICIES -i docker0 -j IN_docker',
    '-A INPUT_POLICIES -i docker0 -j ACCEPT',
    '-A INPUT_POLICIES -j IN_shutters',
    '-A INPUT_POLICIES -j IN_public',
    '-A INPUT_POLICIES -j REJECT --reject-with icmp-port-unreachable',
    ...['docker', 'public', 'shutters'].flatMap(ways),
    '-A IN_public_allow -p tcp -m tcp --dport 22 -j ACCEPT',
    ...more,
    'COMMIT',
    '',
  ].join('\n');
}

const rich = (first = ''): string =>
  `rule ${first}family="ipv4" source address="172.18.0.0/16" port port="11434" protocol="tcp" accept`;
const toPort = '-p tcp -m tcp --dport 11434';
const args = `-s 172.18.0.0/16 ${toPort} -m comment --comment ollama-doctor -j ACCEPT`;

function planned(
  v4: string,
  script: SimulationScript = {},
  only: string[] = [],
): Promise<Awaited<ReturnType<typeof planFixes>>> {
  const ownership: FirewallOwnership = { ...savedBy('firewalld'), zones: ['docker', 'public'] };
  const host = brokenHost({
    listeners: seen({ listeners: [wildcard], ownersKnown: true }),
    ownership: seen(ownership),
    rulesets: seen({ listings: listings(v4, v4.replaceAll('icmp-', 'icmp6-')), missing: [] }),
  });
  const cause = only.length === 0 ? dropCause : { ...dropCause, code: 'exposed', subject: 'host' };
  return plan([cause], host, script, only);
}

describe('firewalld with its iptables back end', () => {
  it('gets a rich rule in the zone that decides, and no raw rule', async () => {
    const { plans } = await planned(laid());
    expect(changes(plans)).toMatchObject([
      {
        apply: ['firewall-cmd', '--zone=public', `--add-rich-rule=${rich()}`],
        undo: [['firewall-cmd', '--zone=public', `--remove-rich-rule=${rich()}`]],
      },
      {
        apply: ['firewall-cmd', '--permanent', '--zone=public', `--add-rich-rule=${rich()}`],
        rewrites: ['/etc/firewalld/zones/public.xml', '/etc/firewalld/zones/public.xml.old'],
      },
    ]);
  });

  it('gets one ahead of every priority that the zone has', async () => {
    const deny = 'rule priority="-200" family="ipv4" port port="11434" protocol="tcp" drop';
    const { plans } = await planned(laid([`-A IN_public_pre ${toPort} -j DROP`]), {
      run: { 'firewall-cmd --zone=public --list-rich-rules': `${deny}\n` },
    });
    expect(commands(plans)[0]).toContain(rich('priority="-201" '));
  });

  it('is told what to type where no priority is ahead', async () => {
    const deny = 'rule priority="-32768" family="ipv4" port port="11434" protocol="tcp" drop';
    const { plans, refusals } = await planned(laid([`-A IN_public_pre ${toPort} -j DROP`]), {
      run: { 'firewall-cmd --permanent --zone=public --list-rich-rules': `${deny}\n` },
    });
    expect(plans).toEqual([]);
    expect(refusals[0]?.reason).toContain(deny);
    expect(refusals[0]?.instructions.slice(0, 3)).toEqual([
      `sudo firewall-cmd --zone=public --remove-rich-rule='${deny}'`,
      `sudo firewall-cmd --zone=public --add-rich-rule='${deny.replace('32768', '32767')}'`,
      `sudo firewall-cmd --zone=public --add-rich-rule='${rich('priority="-32768" ')}'`,
    ]);
  });

  it('gets it in the policy, where that is what decides', async () => {
    const { plans } = await planned(laid([`-A IN_shutters_deny ${toPort} -j REJECT`]));
    expect(changes(plans)[1]).toMatchObject({
      apply: [
        'firewall-cmd',
        '--permanent',
        '--policy=shutters',
        `--add-rich-rule=${rich('priority="-100" ')}`,
      ],
      rewrites: ['/etc/firewalld/policies/shutters.xml', '/etc/firewalld/policies/shutters.xml.old'],
    });
  });

  it('gets a direct rule ahead of the direct rule that decides', async () => {
    const { plans } = await planned(laid([`-A INPUT_direct ${toPort} -j DROP`]), {
      run: { 'firewall-cmd --direct --get-rules ipv4 filter INPUT': `-3 ${toPort} -j DROP\n` },
    });
    expect(commands(plans)).toEqual([
      `firewall-cmd --direct --add-rule ipv4 filter INPUT -4 ${args}`,
      `firewall-cmd --permanent --direct --add-rule ipv4 filter INPUT -4 ${args}`,
    ]);
    expect(changes(plans)[1]).toMatchObject({
      undo: [
        `firewall-cmd --permanent --direct --remove-rule ipv4 filter INPUT -4 ${args}`.split(' '),
        `firewall-offline-cmd --direct --remove-rule ipv4 filter INPUT -4 ${args}`.split(' '),
      ],
    });
  });

  it('is left alone where somebody put a rule beside its own: what to type is said', async () => {
    const { plans, refusals } = await planned(laid([], [`-A INPUT ${toPort} -j DROP`]));
    expect(plans).toEqual([]);
    expect(refusals[0]?.instructions[0]).toContain(`sudo iptables -D INPUT ${toPort} -j DROP`);
  });

  it('closes the port in the zone that lets others in, on demand', async () => {
    const { plans } = await planned(laid(), {}, ['guard-port']);
    expect(commands(plans).filter((line) => !line.includes('--permanent'))).toEqual([
      `firewall-cmd --zone=docker '--add-rich-rule=${rich('priority="-101" ')}'`,
      `firewall-cmd --zone=docker '--add-rich-rule=rule priority="-100" port port="11434" protocol="tcp" drop'`,
    ]);
  });
});
