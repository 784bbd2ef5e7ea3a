import type { Finding } from '../engine/check.ts';
import { decide } from '../firewall/index.ts';
import { hostFacts } from '../path/packet.ts';
import { type Outsider, outsiders } from '../path/outsiders.ts';
import type { Server } from '../path/server.ts';
import { couldNotLook, type FactCheck, hostOnly, notApplicable, pass } from './context.ts';

/** Who else can reach Ollama, which asks nobody for a password? */
export const exposure: FactCheck = {
  id: 'exposure',
  needs: [],
  subjects: hostOnly,
  notApplicable: 'no host to look at',
  async run(facts) {
    const server = await facts.server();
    if (server.bind.kind === 'loopback')
      return [pass('Ollama listens on loopback: this host alone reaches it')];
    if (server.bind.kind === 'none') return [notApplicable('nothing listens on its port')];
    if (server.bind.kind === 'unknown')
      return [couldNotLook({ state: 'unavailable', reason: 'what listens here could not be read' }, false)];
    const [network, rulesets, containers] = await Promise.all([
      facts.network(),
      facts.rulesets(),
      facts.containers(),
    ]);
    if (network.state !== 'seen') return [couldNotLook(asUnavailable(network), false)];
    if (rulesets.state !== 'seen') return [couldNotLook(asUnavailable(rulesets), false)];
    const all = outsiders(
      network.value,
      containers.state === 'seen' ? containers.value : [],
      server.port,
    ).filter((outsider) => listensOn(server, outsider.packet.destination));
    const host = hostFacts(network.value);
    const decided = all.map((outsider) => ({
      outsider,
      decision: decide({ rulesets: rulesets.value.listings, packet: outsider.packet, host }),
    }));
    const open = decided
      .filter(({ decision }) => decision.verdict === 'accept')
      .map(({ outsider }) => outsider);
    if (open.length > 0) return [exposed(server, open)];
    const unsure = decided.find(({ decision }) => decision.verdict === 'unknown');
    if (unsure)
      return [
        {
          status: 'inconclusive',
          summary: `whether ${unsure.outsider.who} reaches Ollama cannot be told: ${unsure.decision.unknown[0] ?? ''}`,
          matters: false,
        },
      ];
    return [pass('the rules keep everyone but this host and its containers out')];
  },
};

function listensOn(server: Server, address: string): boolean {
  return server.bind.kind !== 'addresses' || server.bind.addresses.includes(address);
}

function exposed(server: Server, open: Outsider[]): Finding {
  const global = open.filter((outsider) => outsider.global);
  const shown = global.length > 0 ? global : open;
  const destinations = [...new Set(shown.map((outsider) => outsider.packet.destination))];
  return {
    status: global.length > 0 ? 'fail' : 'warn',
    code: 'exposed',
    summary:
      global.length > 0
        ? `anyone who reaches ${destinations.join(', ')} can use Ollama: no rule here stands in between`
        : `the local network can use Ollama at ${destinations.join(', ')}: no rule here stands in between`,
    evidence: open.map((outsider) => ({
      source: 'rules in force',
      text: `${outsider.who} (${outsider.packet.source}) to ${outsider.packet.destination}:${server.port} is let through`,
    })),
    instructions: [
      'close the port to all but this host and its containers (sudo ollama-doctor fix --fix-only guard-port), or let Ollama listen on loopback again',
      "a provider's firewall or a router in front cannot be seen from here",
    ],
  };
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
