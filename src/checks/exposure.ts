import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import type { Container } from '../facts/containers.ts';
import type { HostNetwork, Rulesets } from '../facts/network.ts';
import { decide } from '../firewall/index.ts';
import type { Decision, HostFacts, Packet } from '../firewall/types.ts';
import { callersAt, type Door, doorsOf } from '../path/doors.ts';
import { letInByName } from '../path/named-sources.ts';
import type { Outsider } from '../path/outsiders.ts';
import { hostFacts, packetToHost } from '../path/packet.ts';
import { namedRule } from '../path/rule-words.ts';
import { settled } from '../path/settled.ts';
import { gatewayAddress } from '../path/target.ts';
import type { Evidence } from '../report/schema.ts';
import { couldNotLook, type FactCheck, hostOnly, notApplicable, pass } from './context.ts';

/** Who else can reach Ollama, which asks nobody for a password? */
export const exposure: FactCheck = {
  id: 'exposure',
  needs: [],
  subjects: hostOnly,
  notApplicable: 'no host to look at',
  async run(facts) {
    const [server, looked] = await Promise.all([facts.server(), facts.containers()]);
    const containers = looked.state === 'seen' ? looked.value : [];
    const all = doorsOf(server, containers);
    const doors = (await isForeign(facts)) ? all.filter((door) => door.container !== undefined) : all;
    if (doors.length === 0 && all.length > 0)
      return [notApplicable('what listens on its port is not Ollama')];
    if (doors.length === 0) {
      if (server.bind.kind === 'none') return [notApplicable('nothing listens on its port')];
      if (server.bind.kind !== 'unknown')
        return [pass('Ollama listens on loopback: this host alone reaches it')];
      return [couldNotLook({ state: 'unavailable', reason: 'what listens here could not be read' }, false)];
    }
    return [await judge(facts, doors, containers)];
  },
};

/** Whether something else than Ollama answers on its port here: who reaches that is not this check's to say. */
async function isForeign(facts: Facts): Promise<boolean> {
  if (facts.options.url !== undefined) return false;
  return (await facts.host()).answer.kind === 'not-ollama';
}

interface Call {
  door: Door;
  outsider: Outsider;
  decision: Decision;
}

async function judge(
  facts: Facts,
  doors: readonly Door[],
  containers: readonly Container[],
): Promise<Finding> {
  const [network, rulesets] = await Promise.all([facts.network(), facts.rulesets()]);
  if (network.state !== 'seen') return couldNotLook(asUnavailable(network), false);
  if (rulesets.state !== 'seen') return couldNotLook(asUnavailable(rulesets), false);
  const host = hostFacts(network.value);
  const ask = (packet: Packet) => settled(decide({ rulesets: rulesets.value.listings, packet, host }));
  const calls = doors.flatMap((door) =>
    callersAt(door, network.value, containers).map(
      (outsider): Call => ({ door, outsider, decision: ask(outsider.packet) }),
    ),
  );
  const inside = insiders(doors, containers, network.value, host, rulesets.value);
  const open = calls.filter(({ decision }) => decision.verdict === 'accept');
  if (open.length > 0) return exposed(open, calls, inside, rulesets.value);
  const unsure = calls.find(({ decision }) => decision.verdict === 'unknown');
  if (unsure)
    return {
      status: 'inconclusive',
      summary: `whether ${unsure.outsider.who} reaches Ollama cannot be told: ${unsure.decision.unknown[0] ?? ''}`,
      matters: false,
    };
  if (calls.length === 0) return pass('no address of this host leads to it from outside', inside);
  const shut = calls.map(({ outsider }) => outsider.packet);
  const { named, left } = letInByName(shut, rulesets.value.listings, host, containers);
  const all = named.length === 0 && left === 0;
  const but = all ? 'everyone but this host and its containers' : 'everyone they do not name';
  return pass(`the rules keep ${but} out`, [
    ...named.map(({ packet, decision, source }) => ({
      source: 'rules in force',
      text: `${source} on ${packet.inInterface} is let through by ${namedRule(decision, rulesets.value)}`,
    })),
    ...notAsked(left, shut),
    ...inside,
    ...shutLines(calls, rulesets.value),
  ]);
}

/** What long rules name and nobody asked about, and how to ask. */
function notAsked(left: number, [packet]: readonly Packet[]): Evidence[] {
  if (left === 0 || !packet) return [];
  return [
    {
      source: 'not looked at',
      text: `the rules name more addresses than were asked about: ollama-doctor firewall --in ${packet.inInterface} --src ADDRESS --dst ${packet.destination} --dport ${packet.destinationPort} tells of each`,
    },
  ];
}

/** The containers here that the rules let in, in one line. */
function insiders(
  doors: readonly Door[],
  containers: readonly Container[],
  network: HostNetwork,
  host: HostFacts,
  { listings }: Rulesets,
): Evidence[] {
  const door = doors.find((one) => one.container === undefined && one.addresses === undefined);
  if (!door) return [];
  const names = containers
    .filter((container) => container.state === 'running')
    .filter((container) => {
      const address = gatewayAddress(container, network);
      const packet = address === undefined ? undefined : packetToHost(container, address, door.port);
      return packet !== undefined && decide({ rulesets: listings, packet, host }).verdict === 'accept';
    })
    .map((container) => container.name);
  if (names.length === 0) return [];
  return [{ source: 'rules in force', text: `containers that are let through: ${names.join(', ')}` }];
}

function callOf({ door, outsider }: Call): string {
  const { source, destination } = outsider.packet;
  const to = destination.includes(':') ? `[${destination}]` : destination;
  const behind = door.container === undefined ? '' : `, which container ${door.container} publishes`;
  return `${outsider.who} (${source}) to ${to}:${door.port}${behind},`;
}

/** Those who are kept out, each by the rule that does it; what no rule decided is left out. */
function shutLines(calls: readonly Call[], rulesets: Rulesets): Evidence[] {
  return calls
    .filter(({ decision }) => decision.verdict === 'drop' || decision.verdict === 'reject')
    .map((call) => ({
      source: 'rules in force',
      text: `${callOf(call)} is kept out by ${namedRule(call.decision, rulesets)}`,
    }));
}

function exposed(open: Call[], calls: readonly Call[], inside: Evidence[], rulesets: Rulesets): Finding {
  const global = open.filter(({ outsider }) => outsider.global);
  const shown = global.length > 0 ? global : open;
  const places = [
    ...new Set(shown.map(({ door, outsider }) => placeOf(outsider.packet.destination, door.port))),
  ];
  const peers = shown.every(({ outsider }) => outsider.who.startsWith('a peer'));
  const who = peers ? 'whoever is in the same private network' : 'the local network';
  const published = [...new Map(open.map(({ door }) => [`${door.container} ${door.port}`, door])).values()];
  return {
    status: global.length > 0 ? 'fail' : 'warn',
    code: 'exposed',
    summary:
      global.length > 0
        ? `anyone who reaches ${places.join(', ')} can use Ollama: no rule here stands in between`
        : `${who} can use Ollama at ${places.join(', ')}: no rule here stands in between`,
    evidence: [
      ...open.map((call) => ({ source: 'rules in force', text: `${callOf(call)} is let through` })),
      ...shutLines(calls, rulesets),
      ...inside,
    ],
    instructions: [
      ...published.flatMap(({ container, port, containerPort }) =>
        container === undefined
          ? []
          : [
              `publish the port of ${container} for this host alone (127.0.0.1:${port}:${containerPort} in place of ${port}:${containerPort}): ports that containers publish go past ufw and past INPUT, and the containers' own network does not need them`,
            ],
      ),
      ...(open.some(({ door }) => door.container === undefined)
        ? [
            'close the port to all but this host and its containers (sudo ollama-doctor fix --fix-only guard-port), or let Ollama listen on loopback again',
          ]
        : []),
      "a provider's firewall or a router in front cannot be seen from here",
    ],
  };
}

function placeOf(address: string, port: number): string {
  if (port === 11_434) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function asUnavailable(looked: { state: string; reason?: string; help?: string }): {
  state: 'unavailable';
  reason: string;
  help?: string;
} {
  return {
    state: 'unavailable',
    reason: `who can reach it is not known: ${looked.reason ?? 'the packet filter could not be read'}`,
    ...(looked.help === undefined ? {} : { help: looked.help }),
  };
}
