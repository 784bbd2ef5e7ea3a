import type { Change, Plan } from '../../src/changes/change.ts';
import { typed } from '../../src/changes/typed.ts';
import type { FirewallOwnership, HostNetwork, RulesetListing } from '../../src/facts/network.ts';
import { simulate, type SimulationScript } from '../../src/machine/simulated.ts';
import { planFixes } from '../../src/recipes/index.ts';
import type { Cause } from '../../src/report/schema.ts';
import { factsOf, failed, loopback, seen, service, type HostOfValues } from '../checks/host-of-values.ts';

const noTables = '{"nftables": [{"metainfo": {"version": "1.0.6", "json_schema_version": 1}}]}';

/** Listings of a host: iptables-nft's two, and nft's own. */
export function listings(v4 = '', v6 = '', json = noTables): RulesetListing[] {
  return [
    { format: 'nft-json', backend: 'nft', source: 'nft -j list ruleset', text: json },
    { format: 'iptables-save', backend: 'nft', source: 'iptables-nft-save -c', text: v4 },
    { format: 'ip6tables-save', backend: 'nft', source: 'ip6tables-nft-save -c', text: v6 },
  ];
}

export function save(policy: string, ...lines: string[]): string {
  return ['*filter', `:INPUT ${policy} [0:0]`, ...lines, 'COMMIT', ''].join('\n');
}

export const network: HostNetwork = {
  addresses: [
    { interface: 'lo', address: '127.0.0.1', prefixLength: 8, scope: 'host', up: true },
    { interface: 'lo', address: '::1', prefixLength: 128, scope: 'host', up: true },
    { interface: 'eth0', address: '203.0.113.10', prefixLength: 24, scope: 'global', up: true },
    { interface: 'eth0', address: 'fe80::1234', prefixLength: 64, scope: 'link', up: true },
    { interface: 'docker0', address: '172.17.0.1', prefixLength: 16, scope: 'global', up: true },
    { interface: 'br-1a2b3c4d5e6f', address: '172.18.0.1', prefixLength: 16, scope: 'global', up: true },
  ],
  routes: [{ destination: 'default', interface: 'eth0', gateway: '203.0.113.1', family: 4 }],
  bridgePorts: {},
  sysctls: {},
};

export function savedBy(owner: FirewallOwnership['owner'], v4?: string, v6?: string): FirewallOwnership {
  const file = (family: 4 | 6, text: string | undefined): FirewallOwnership['savedFiles'][number] => ({
    family,
    path: `/etc/iptables/rules.v${family}`,
    exists: text !== undefined,
    readable: text !== undefined,
    ...(text === undefined ? {} : { text }),
  });
  return {
    owner,
    savedFiles: owner === 'netfilter-persistent' ? [file(4, v4), file(6, v6)] : [],
    loadsAtBoot: owner !== 'nobody',
    source: owner,
  };
}

/** A host on which Ollama listens on loopback only and the container times out or is refused. */
export function brokenHost(change: Partial<HostOfValues> = {}): Partial<HostOfValues> {
  return {
    services: seen([
      service({
        processHost: { value: '127.0.0.1:11434', source: '/proc/812/environ' },
        configuredHost: '127.0.0.1:11434',
      }),
    ]),
    listeners: seen({ listeners: [loopback], ownersKnown: true }),
    network: seen(network),
    ownership: seen(savedBy('nobody')),
    rulesets: seen({ listings: listings(), missing: [] }),
    answer: failed('timeout'),
    ...change,
  };
}

export const bindCause: Cause = {
  code: 'bind-loopback',
  subject: 'host',
  summary: '',
  affects: ['container:web'],
  recipe: 'bind-all-interfaces',
};

export const dropCause: Cause = {
  code: 'firewall-drop',
  subject: 'container:web',
  summary: '',
  affects: ['container:web'],
  recipe: 'allow-container-subnet',
};

const tools: Record<string, string> = {
  'iptables -V': 'iptables v1.8.9 (nf_tables)\n',
  'ip6tables -V': 'ip6tables v1.8.9 (nf_tables)\n',
};

export async function plan(
  causes: readonly Cause[],
  host: Partial<HostOfValues>,
  script: SimulationScript = {},
  only: readonly string[] = [],
): Promise<Awaited<ReturnType<typeof planFixes>>> {
  const machine = simulate({ run: tools, files: { '/usr/sbin/nft': '' }, ...script });
  return planFixes({ facts: factsOf(host), machine }, causes, only);
}

/** Every command of the plans in order, those behind a file's change included. */
export function commands(plans: readonly Plan[]): string[] {
  return changes(plans).flatMap((change) =>
    change.kind === 'command'
      ? [typed(change.apply)]
      : change.kind === 'pull'
        ? [`pull ${change.model}`]
        : change.thenRun.map(typed),
  );
}

export function changes(plans: readonly Plan[]): Change[] {
  return plans.flatMap((one) => one.changes);
}

/** The text each file gets, by path. */
export function written(plans: readonly Plan[]): Record<string, string | null> {
  return Object.fromEntries(
    changes(plans).flatMap((change) => (change.kind === 'file' ? [[change.path, change.after]] : [])),
  );
}
