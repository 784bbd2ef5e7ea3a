import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import type { FirewallOwnership, Rulesets } from '../facts/network.ts';
import { decide } from '../firewall/index.ts';
import type { Packet } from '../firewall/types.ts';
import { rulesetsAfterBoot } from '../path/boot.ts';
import { outsiders } from '../path/outsiders.ts';
import { hostFacts, packetToHost } from '../path/packet.ts';
import { allWays } from './clients.ts';
import { portOf } from './bind-address.ts';
import { couldNotLook, type FactCheck, hostOnly, notApplicable, pass } from './context.ts';

/** Will what works, and what is shut, be so after the next boot? */
export const persistence: FactCheck = {
  id: 'persistence',
  needs: [],
  subjects: hostOnly,
  notApplicable: 'no host to look at',
  async run(facts) {
    const [rulesets, ownership, network, server] = await Promise.all([
      facts.rulesets(),
      facts.ownership(),
      facts.network(),
      facts.server(),
    ]);
    if (server.bind.kind === 'loopback' || server.bind.kind === 'none')
      return [notApplicable('Ollama takes no connections from outside this host')];
    for (const looked of [rulesets, ownership, network])
      if (looked.state === 'unavailable') return [couldNotLook(looked, false)];
    if (rulesets.state !== 'seen' || ownership.state !== 'seen' || network.state !== 'seen')
      return [notApplicable('there is no packet filter here')];
    const packets = await packetsThatMatter(facts);
    return [compare(packets, rulesets.value, ownership.value, hostFacts(network.value))];
  },
};

interface Flow {
  packet: Packet;
  who: string;
}

async function packetsThatMatter(facts: Facts): Promise<Flow[]> {
  const [network, containers, server, ways] = await Promise.all([
    facts.network(),
    facts.containers(),
    facts.server(),
    allWays(facts),
  ]);
  if (network.state !== 'seen') return [];
  const inside = ways.flatMap((way): Flow[] => {
    if (!way.works || way.target.kind !== 'host' || !way.client.url) return [];
    const packet = packetToHost(way.client.container, way.target.address, portOf(way.client.url));
    return packet ? [{ packet, who: way.client.container.name }] : [];
  });
  const outside = outsiders(network.value, containers.state === 'seen' ? containers.value : [], server.port);
  return [...inside, ...outside];
}

function compare(
  flows: Flow[],
  live: Rulesets,
  ownership: FirewallOwnership,
  host: Parameters<typeof decide>[0]['host'],
): Finding {
  const saved = rulesetsAfterBoot(live, ownership);
  if (saved.state === 'kept') return liveOnly(flows, ownership) ?? pass(saved.reason);
  if (saved.state === 'unknown') return couldNotLook({ state: 'unavailable', reason: saved.reason }, false);
  for (const flow of flows) {
    const now = decide({ rulesets: live.listings, packet: flow.packet, host }).verdict;
    const then = decide({ rulesets: saved.listings, packet: flow.packet, host }).verdict;
    if (now === then || now === 'unknown' || then === 'unknown') continue;
    if (now === 'accept')
      return notPersistent(`${flow.who} gets through now, and will not after a reboot`, flow, ownership);
    if (then === 'accept')
      return notPersistent(`${flow.who} is kept out now, and will not be after a reboot`, flow, ownership);
  }
  return pass('a reboot changes nothing about who gets through', [
    { source: 'rules at boot', text: ownership.source },
  ]);
}

function isFrontEnd({ owner }: FirewallOwnership): boolean {
  return owner === 'ufw' || owner === 'firewalld';
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

function notPersistent(summary: string, flow: Flow, ownership: FirewallOwnership): Finding {
  const family = flow.packet.source.includes(':') ? 6 : 4;
  const file = ownership.savedFiles.find((saved) => saved.family === family);
  const place = file ? `${file.path}${file.exists ? '' : ', which does not exist yet'}` : 'the saved rules';
  return {
    status: 'warn',
    code: 'not-persistent',
    summary: `${summary} (${flow.packet.source} to ${flow.packet.destination}:${flow.packet.destinationPort})`,
    evidence: [{ source: 'rules at boot', text: ownership.source }],
    instructions: isFrontEnd(ownership)
      ? [`${ownership.owner} does not start at boot: sudo systemctl enable ${ownership.owner}`]
      : ownership.loadsAtBoot
        ? [
            `the rule that makes the difference is in force and not saved, or saved and not in force: compare with ${place}`,
          ]
        : [
            'nothing here loads packet filter rules at boot: on Debian or Ubuntu without ufw, apt install netfilter-persistent',
          ],
  };
}
