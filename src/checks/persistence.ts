import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import type { FirewallOwnership, Rulesets } from '../facts/network.ts';
import { decide, ownerOf } from '../firewall/index.ts';
import type { Decision, HostFacts, Packet } from '../firewall/types.ts';
import { rulesetsAfterBoot } from '../path/boot.ts';
import { outsiders } from '../path/outsiders.ts';
import { hostFacts, packetToHost } from '../path/packet.ts';
import { reloadWords } from '../path/reload.ts';
import { settled } from '../path/settled.ts';
import type { Evidence } from '../report/schema.ts';
import { allWays } from './clients.ts';
import { portOf } from './bind-address.ts';
import { couldNotLook, type FactCheck, hostOnly, notApplicable, pass } from './context.ts';
import { startsAtBoot } from './starts-at-boot.ts';
import { staleFinding, staleRulesOf } from './stale-rules.ts';

/** Will what works, and what is shut, be so after the next boot? And is there a rule of ours that nobody needs? */
export const persistence: FactCheck = {
  id: 'persistence',
  needs: [],
  subjects: hostOnly,
  notApplicable: 'no host to look at',
  async run(facts) {
    const [boot, stale, service] = await Promise.all([
      afterBoot(facts),
      staleRulesOf(facts),
      startsAtBoot(facts),
    ]);
    const rules = await withUnpinned(facts, boot);
    const lasting = await withReload(facts, together(rules, service));
    const left = staleFinding(stale);
    if (!left) return [lasting];
    return lasting.status === 'warn' ? [lasting, left] : [left, lasting];
  },
};

/** One row for what a boot changes, of rules and of the service. */
function together(one: Finding, other: Finding | undefined): Finding {
  if (!other) return one;
  if (one.status !== 'warn') return other;
  return {
    ...one,
    ...other,
    summary: `${one.summary}; ${other.summary}`,
    evidence: [...(one.evidence ?? []), ...(other.evidence ?? [])],
    instructions: [...(one.instructions ?? []), ...(other.instructions ?? [])],
  };
}

/** What a reload of nftables.service would take from a container engine: no complaint, and worth knowing before. */
async function withReload(facts: Facts, finding: Finding): Promise<Finding> {
  if (finding.status === 'not-applicable') return finding;
  const [rulesets, ownership] = await Promise.all([facts.rulesets(), facts.ownership()]);
  if (rulesets.state !== 'seen' || ownership.state !== 'seen') return finding;
  const lost = reloadWords(rulesets.value.listings, ownership.value);
  return lost.length === 0 ? finding : { ...finding, evidence: [...(finding.evidence ?? []), ...lost] };
}

/** A subnet that compose does not pin may be another one some day; said where a rule lets this very one in. */
async function withUnpinned(facts: Facts, boot: Finding): Promise<Finding> {
  const [rulesets, network, flows] = await Promise.all([
    facts.rulesets(),
    facts.network(),
    packetsThatMatter(facts),
  ]);
  if (rulesets.state !== 'seen' || network.state !== 'seen' || boot.status === 'not-applicable') return boot;
  const working = flows.filter(({ works }) => works === true);
  if (working.length === 0) return boot;
  const host = hostFacts(network.value);
  const rules = working.flatMap(({ packet }) => {
    const { decidedBy: by, verdict } = decide({ rulesets: rulesets.value.listings, packet, host });
    return verdict === 'accept' && by !== null && 'chain' in by ? [by.text] : [];
  });
  const named = (await facts.unpinned()).filter(({ subnets }) =>
    subnets.some((subnet) => rules.some((rule) => rule.includes(subnet))),
  );
  const more = named.map(
    ({ name, subnets }): Evidence => ({
      source: `network ${name}`,
      text: `compose does not pin its subnet (${subnets.join(', ')}): made again it may get another one, and the rule that lets it in is then no longer for it`,
    }),
  );
  return { ...boot, evidence: [...(boot.evidence ?? []), ...more] };
}

async function afterBoot(facts: Facts): Promise<Finding> {
  const [rulesets, ownership, network, server] = await Promise.all([
    facts.rulesets(),
    facts.ownership(),
    facts.network(),
    facts.server(),
  ]);
  if (server.bind.kind === 'loopback' || server.bind.kind === 'none')
    return notApplicable('Ollama takes no connections from outside this host');
  for (const looked of [rulesets, ownership, network])
    if (looked.state === 'unavailable') return couldNotLook(looked, false);
  if (rulesets.state !== 'seen' || ownership.state !== 'seen' || network.state !== 'seen')
    return notApplicable('there is no packet filter here');
  return compare(await packetsThatMatter(facts), rulesets.value, ownership.value, hostFacts(network.value));
}

interface Flow {
  packet: Packet;
  who: string;
  /** Whether it gets its answer now, where somebody asked. */
  works?: boolean;
}

async function packetsThatMatter(facts: Facts): Promise<Flow[]> {
  const [network, containers, server, ways] = await Promise.all([
    facts.network(),
    facts.containers(),
    facts.server(),
    allWays(facts),
  ]);
  if (network.state !== 'seen') return [];
  // What a container publishes is led to it by the engine's rules, which the engine makes again at each boot.
  const here = containers.state === 'seen' ? containers.value : [];
  const isPublished = (port: number): boolean =>
    here.some(({ state, ports }) => state === 'running' && ports.some(({ hostPort }) => hostPort === port));
  const inside = ways.flatMap((way): Flow[] => {
    if (way.target.kind !== 'host' || !way.client.url || way.client.hypothetical) return [];
    const packet = packetToHost(way.client.container, way.target.address, portOf(way.client.url));
    return packet ? [{ packet, who: way.client.container.name, works: way.works }] : [];
  });
  const outside = outsiders(network.value, here, server.port);
  return [...inside, ...outside].filter(({ packet }) => !isPublished(packet.destinationPort));
}

/** A flow that a boot changes, with what decides now and what will. */
interface Difference {
  flow: Flow;
  now: Decision;
  later: Decision;
}

function compare(
  flows: readonly Flow[],
  live: Rulesets,
  ownership: FirewallOwnership,
  host: HostFacts,
): Finding {
  const saved = rulesetsAfterBoot(live, ownership);
  if (saved.state === 'kept') return liveOnly(flows, ownership) ?? pass(saved.reason);
  if (saved.state === 'unknown') return couldNotLook({ state: 'unavailable', reason: saved.reason }, false);
  const changed = flows.flatMap((flow): Difference[] => {
    const now = settled(decide({ rulesets: live.listings, packet: flow.packet, host }));
    const later = settled(decide({ rulesets: saved.listings, packet: flow.packet, host }));
    const lets = [now, later].map(({ verdict }) => verdict === 'accept');
    if (now.verdict === 'unknown' || later.verdict === 'unknown' || lets[0] === lets[1]) return [];
    // What keeps out a container that gets no answer is its own cause; a ban that ends with a boot is none of ours.
    if (flow.works === false && (lets[0] || isOfProgram(now))) return [];
    return [{ flow, now, later }];
  });
  if (changed.length === 0)
    return pass('a reboot changes nothing about who gets through', [
      { source: 'rules at boot', text: ownership.source },
    ]);
  // Who loses what works is told ahead of what opens.
  const order = ({ flow, now }: Difference): number => (flow.works ? 0 : now.verdict === 'accept' ? 2 : 1);
  return notPersistent(
    changed.toSorted((one, other) => order(one) - order(other)),
    ownership,
  );
}

function isOfProgram({ decidedBy }: Decision): boolean {
  return decidedBy !== null && 'chain' in decidedBy && ownerOf(decidedBy) !== null;
}

/** A rule of firewalld's about the port that was put in force and not kept. */
function liveOnly(flows: readonly Flow[], { liveOnly: rules = [] }: FirewallOwnership): Finding | undefined {
  const ports = [...new Set(flows.map((flow) => flow.packet.destinationPort))];
  const rule = rules.find((one) => ports.some((port) => new RegExp(`\\b${port}\\b`, 'u').test(one)));
  if (rule === undefined) return undefined;
  return {
    status: 'warn',
    code: 'not-persistent',
    summary: `a rule of firewalld is in force and not kept: it is gone after a reload or a reboot`,
    evidence: [{ source: 'firewall-cmd --list-all-zones, with and without --permanent', text: rule }],
    instructions: [
      'keep it by the same command with --permanent, or all that is in force: sudo firewall-cmd --runtime-to-permanent',
    ],
  };
}

const shownAtMost = 4;

function notPersistent(changed: readonly Difference[], ownership: FirewallOwnership): Finding {
  const [first] = changed;
  if (!first) return pass('a reboot changes nothing about who gets through');
  const others = changed.length > 1 ? `, and ${changed.length - 1} more` : '';
  return {
    status: 'warn',
    code: 'not-persistent',
    summary: `${sentence(first)} (${first.flow.packet.source} to ${first.flow.packet.destination}:${first.flow.packet.destinationPort}${others})`,
    evidence: [
      ...changed.slice(1, shownAtMost).map(
        (one): Evidence => ({
          source: 'as well',
          text: `${sentence(one)} (${one.flow.packet.source} to ${one.flow.packet.destination})`,
        }),
      ),
      ...decidedBy('in force', first.now),
      ...decidedBy('after a boot', first.later),
      { source: 'rules at boot', text: ownership.source },
    ],
    instructions: adviceFor(first, ownership),
  };
}

function sentence({ flow, now }: Difference): string {
  if (now.verdict === 'accept') return `${flow.who} gets through now, and will not after a reboot`;
  return `${flow.who} is kept out now, and will not be after a reboot`;
}

/** The rule, or that there is none, as evidence of what is only in force or only saved. */
function decidedBy(source: string, { decidedBy: by, verdict }: Decision): Evidence[] {
  if (by === null || !('chain' in by))
    return [{ source, text: verdict === 'accept' ? 'no rule stands in the way' : (by?.reason ?? verdict) }];
  return [{ source: `${source}, ${by.table} ${by.chain}`, text: by.text }];
}

/** What puts the one in place of the other, in the words of whoever loads rules here. */
function adviceFor({ flow, now, later }: Difference, ownership: FirewallOwnership): string[] {
  const family = flow.packet.source.includes(':') ? 6 : 4;
  const file = ownership.savedFiles.find((saved) => saved.family === family);
  const path = ownership.script?.path ?? file?.path;
  const place = path === undefined ? 'the saved rules' : path;
  const missing = file && !file.exists ? ', which does not exist yet' : '';
  switch (ownership.owner) {
    case 'ufw':
    case 'firewalld':
      return [`${ownership.owner} does not start at boot: sudo systemctl enable ${ownership.owner}`];
    case 'generated':
      return [`${ownership.generator} does not start at boot: sudo systemctl enable ${ownership.generator}`];
    case 'netfilter-persistent':
    case 'iptables-services':
    case 'nftables-service':
      if (!ownership.loadsAtBoot)
        return [`${place} is loaded by nobody: sudo systemctl enable ${unitOf(ownership.owner, family)}`];
      if (now.verdict !== 'accept' && ownership.owner !== 'nftables-service' && isNative(now))
        return [
          `the rule that keeps it out is in a table of nft's own, which ${place} cannot hold: write the table to a file that is loaded at boot (/etc/nftables.conf, by nftables.service), or it is gone then`,
        ];
      if (now.verdict !== 'accept' && !isByRule(later))
        return [
          `the rule that keeps it out is in force and not in ${place}${missing}: put it there if it is to last`,
        ];
      return now.verdict === 'accept' || flow.works === undefined
        ? [
            `the rule that makes the difference is in force and not saved, or saved and not in force: put the same into ${place}${missing}`,
          ]
        : [
            `the rule that lets it in is in ${place} and not in force: sudo ollama-doctor fix puts it in force now`,
          ];
    case 'nixos':
    case 'nobody':
      return [
        'nothing here loads packet filter rules at boot: put them into /etc/nftables.conf, then sudo systemctl enable nftables',
        // Debian removes ufw for it.
        ...(ownership.ufwInstalled ? [] : ['or, on Debian and Ubuntu: sudo apt install iptables-persistent']),
      ];
  }
}

/** Is the deciding rule in a table that iptables does not know of? */
function isNative({ decidedBy: by }: Decision): boolean {
  if (by === null || !('chain' in by)) return false;
  return !/^ip6?$/u.test(by.family) || (by.handle !== undefined && by.chain !== by.chain.toUpperCase());
}

function isByRule({ decidedBy: by }: Decision): boolean {
  return by !== null && 'chain' in by && by.rule !== null;
}

function unitOf(owner: FirewallOwnership['owner'], family: 4 | 6): string {
  if (owner === 'nftables-service') return 'nftables';
  if (owner === 'netfilter-persistent') return 'netfilter-persistent';
  return family === 6 ? 'ip6tables' : 'iptables';
}
