import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import type { Container } from '../facts/containers.ts';
import type { HostNetwork, Rulesets } from '../facts/network.ts';
import { decide } from '../firewall/index.ts';
import type { Decision, Packet, RuleReference } from '../firewall/types.ts';
import { hostFacts, packetOverLoopback, packetToHost } from '../path/packet.ts';
import { isOwnGuard } from '../path/own-guard.ts';
import { isRule, namedRule, ruleEvidence } from '../path/rule-words.ts';
import { settled } from '../path/settled.ts';
import { gatewayAddress, sharesHostNetwork, throughOwnProcess, throughProxy } from '../path/target.ts';
import type { Evidence } from '../report/schema.ts';
import { portOf } from './bind-address.ts';
import { clientSubjects, forClient, type Way, wantsThisHost, waysOf } from './clients.ts';
import { couldNotLook, type FactCheck, notApplicable, pass } from './context.ts';

/** Does a rule of this host stop the container's packet, and which one? */
export const firewall: FactCheck = {
  id: 'firewall',
  needs: ['container-runtime'],
  subjects: clientSubjects,
  notApplicable: 'no container to look at',
  async run(facts, subject) {
    const ways = await waysOf(facts, subject);
    return Promise.all(ways.map(async (way) => forClient(way.client, await judge(facts, way))));
  },
};

async function judge(facts: Facts, way: Way): Promise<Finding> {
  if (way.works) return pass('its packets get through');
  const { container } = way.client;
  if (!wantsThisHost(way) || way.target.kind === 'engine')
    return notApplicable('its URL does not lead to this host');
  if (sharesHostNetwork(container)) return notApplicable("it shares this host's network: no bridge to cross");
  if (throughProxy(container))
    return notApplicable(`${container.product} brings its packets to this host by a process of its own`);
  const [network, rulesets, server] = await Promise.all([facts.network(), facts.rulesets(), facts.server()]);
  if (network.state !== 'seen') return couldNotLook(reasonOf(network), !way.works);
  const address = way.target.kind === 'host' ? way.target.address : gatewayAddress(container, network.value);
  // A URL that asks the container itself is mended to lead to Ollama's own port.
  const port = way.client.url && way.target.kind !== 'self' ? portOf(way.client.url) : server.port;
  const packet = address === undefined ? undefined : packetOf(container, address, port);
  if (!packet) return notApplicable('it has no bridge on this host whose packets could be filtered');
  if (rulesets.state !== 'seen') return couldNotLook(withSymptom(reasonOf(rulesets), way), true);
  return fromDecision(facts, way, packet, network.value, rulesets.value);
}

function packetOf(container: Container, address: string, port: number): Packet | undefined {
  return throughOwnProcess(container)
    ? packetOverLoopback(address, port)
    : packetToHost(container, address, port);
}

async function fromDecision(
  facts: Facts,
  way: Way,
  packet: Packet,
  network: HostNetwork,
  before: Rulesets,
): Promise<Finding> {
  const symptom = symptomOf(way);
  const decision = settled(decide({ rulesets: before.listings, packet, host: hostFacts(network) }), symptom);
  const about = `${packet.source} on ${packet.inInterface} to ${packet.destination}:${packet.destinationPort}`;
  const notes = decision.notes.map((text): Evidence => ({ source: 'note', text }));
  switch (decision.verdict) {
    case 'accept':
      // A container without a route of its own hears "network unreachable" from itself.
      if (symptom === 'timeout' || failureOf(way) === 'host-unreachable')
        return {
          status: 'inconclusive',
          summary: `the rules let ${about} through, and yet ${symptom === 'timeout' ? 'nothing came back' : 'this host was said to be unreachable'}: something that they do not show stands in the way`,
          ...(await beside(facts, packet, notes)),
        };
      return pass(`the rules let ${about} through`, notes);
    case 'unknown':
      return {
        status: 'inconclusive',
        summary: `whether ${about} gets through cannot be told: ${decision.unknown[0] ?? 'a rule is not understood'}`,
        evidence: [...decision.unknown.map((text) => ({ source: 'not understood', text })), ...notes],
      };
    case 'drop':
    case 'reject':
      break;
  }
  const ownership = way.client.hypothetical ? await facts.ownership() : undefined;
  if (
    ownership !== undefined &&
    isRule(decision.decidedBy) &&
    isOwnGuard(
      decision.decidedBy,
      packet.destinationPort,
      ownership.state === 'seen' ? ownership.value : undefined,
    )
  )
    return pass(
      'the guard of an earlier fix keeps out a container on the default network, as it should: once one there uses Ollama, sudo ollama-doctor fix lets it in',
    );
  if (contradicts(decision, symptom))
    return {
      status: 'inconclusive',
      summary: `the rules would ${decision.verdict} ${about}, and the probe saw something else (${symptom ?? 'nothing'}): the listing is not the whole truth`,
      ...(await beside(facts, packet, [...ruleEvidence(decision, before, undefined), ...notes])),
    };
  const after = way.client.hypothetical ? undefined : await facts.rulesetsAfterProbes();
  const evidence = ruleEvidence(decision, before, after?.state === 'seen' ? after.value : undefined);
  return {
    status: 'fail',
    code: decision.verdict === 'drop' ? 'firewall-drop' : 'firewall-reject',
    summary: `${about} is ${decision.verdict === 'drop' ? 'dropped' : 'rejected'} by ${namedRule(decision, before)}`,
    evidence: [...evidence, ...notes],
    ...(isRule(decision.decidedBy)
      ? packet.inInterface === 'lo'
        ? { instructions: [overLoopback(decision.decidedBy, packet)] }
        : { recipe: 'allow-container-subnet' }
      : {
          instructions: [aheadOfRules(decision.decidedBy, packet)],
        }),
  };
}

/** A rootless engine's connections are this host's own: a rule for a container's subnet would never see them. */
function overLoopback(by: RuleReference, { destinationPort: port }: Packet): string {
  const tool = by.family === 'ip6' ? 'ip6tables' : 'iptables';
  return (
    'a rootless engine connects from this host itself, over lo: let those connections in before that rule, ' +
    `for example sudo ${tool} -I INPUT -i lo -p tcp --dport ${port} -j ACCEPT, and keep it where your rules are kept`
  );
}

/** What to look at where routing decided ahead of any rule. */
function aheadOfRules(by: Decision['decidedBy'], { inInterface, source }: Packet): string {
  const reason = by !== null && 'reason' in by ? by.reason : undefined;
  if (reason === 'rp-filter')
    return `an answer to ${source} would leave by another interface than ${inInterface}, and net.ipv4.conf.all.rp_filter or net.ipv4.conf.${inInterface}.rp_filter is 1 or 2: see which with \`ip route get ${source}\`; a route of a VPN or an old network that covers the container's subnet is the usual cause`;
  if (reason === 'no-route')
    return `this host has no route for the answer: see with \`ip route get ${source}\``;
  return 'the kernel takes no such packet from a wire (a martian): an address of loopback, or one of this host, as its source or destination; net.ipv4.conf.*.route_localnet and accept_local decide';
}

/** What the rules do not show, and may matter where they do not explain what was seen. */
async function beside(
  facts: Facts,
  { inInterface, destinationPort }: Packet,
  evidence: Evidence[],
): Promise<Pick<Finding, 'evidence' | 'instructions'>> {
  const looked = await facts.bystanders();
  const found = looked.state === 'seen' ? looked.value.found : [];
  const where =
    found.length === 0
      ? 'no SELinux policy, policy routing, VPN, network of Kubernetes or full table of connections was seen here'
      : 'what stands beside the rules here is named above: look there first';
  return {
    evidence: [...evidence, ...found],
    instructions: [
      ...(looked.state === 'seen' ? [where] : []),
      `see how far the packets come: sudo tcpdump -ni any tcp port ${destinationPort} (or on ${inInterface} alone), while the container asks`,
    ],
  };
}

/** What the real connection showed, where one was made to this very address. */
function symptomOf(way: Way): 'timeout' | 'refused' | 'unreachable' | undefined {
  const failure = failureOf(way);
  if (failure === 'timeout' || failure === 'refused') return failure;
  return failure === 'host-unreachable' || failure === 'network-unreachable' ? 'unreachable' : undefined;
}

function failureOf({ probe, target }: Way): string | undefined {
  const { answer } = probe.asked;
  return target.kind === 'host' && answer.kind === 'unreachable' ? answer.failure : undefined;
}

function contradicts(decision: Decision, symptom: ReturnType<typeof symptomOf>): boolean {
  if (symptom === undefined || decision.seen === 'unknown') return false;
  if (decision.seen === 'timeout') return symptom !== 'timeout';
  // A rejection may look like silence: its ICMP is rate limited, and OUTPUT may swallow it.
  if (decision.seen === 'refused') return symptom === 'unreachable';
  return symptom === 'refused';
}

function reasonOf(looked: { state: string; reason?: string; help?: string }): {
  state: 'unavailable';
  reason: string;
  help?: string;
} {
  return {
    state: 'unavailable',
    reason: looked.reason ?? 'the packet filter could not be read',
    ...(looked.help === undefined ? {} : { help: looked.help }),
  };
}

function withSymptom<T extends { reason: string }>(unavailable: T, way: Way): T {
  const symptom = symptomOf(way);
  if (symptom === 'timeout')
    return { ...unavailable, reason: `${unavailable.reason}; the silence looks like a rule that drops` };
  return unavailable;
}
