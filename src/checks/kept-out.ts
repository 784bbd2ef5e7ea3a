import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import type { OllamaService } from '../facts/service.ts';
import { commandsFor, managerInWords } from '../findings/service-commands.ts';
import { parseOllamaHost } from '../ollama/host-setting.ts';
import { allWays, sufferers } from './clients.ts';
import { type PortHolder, portHolder } from './port-holder.ts';
import { inWords, publisherOf } from './two-ollamas/beside.ts';

/**
 * A service that cannot start since another process of this host has its port, while that one answers: its clients
 * talk to another server than the one that was set up, with other models and settings. A cause where somebody gets no
 * answer by it, otherwise a warning.
 */
export async function keptOut(facts: Facts): Promise<Finding | undefined> {
  const [services, listeners, containers] = await Promise.all([
    facts.services(),
    facts.listeners(),
    facts.containers(),
  ]);
  if (services.state !== 'seen' || listeners.state !== 'seen') return undefined;
  const service = services.value.find(
    ({ state, failure }) => (state === 'crash-loop' || state === 'failed') && failure?.kind === 'port-in-use',
  );
  if (!service?.failure) return undefined;
  const { port } = parseOllamaHost(service.configuredHost);
  const holder = listeners.value.listeners.find((listener) => listener.port === port);
  if (!holder) return undefined;
  const other = services.value.find(({ pid, state }) => state === 'running' && pid === holder.process?.pid);
  const { process } = holder;
  const all = containers.state === 'seen' ? containers.value : [];
  const known = process && portHolder({ port, process }, all);
  const [ways, server, host] = await Promise.all([allWays(facts), facts.server(), facts.host()]);
  const affects = sufferers(ways).map((way) => way.client.subject);
  const real = ways.filter(({ client }) => !client.hypothetical);
  // Of two Ollamas it cannot be known which was meant, unless everybody who uses one has it.
  const undecided =
    publisherOf(holder, all)?.servesOllama === true && !(real.length > 0 && real.every(({ works }) => works));
  return {
    status: affects.length > 0 || undecided ? 'fail' : 'warn',
    code: 'port-conflict',
    summary: `${service.name} cannot have port ${port}: ${whoHolds(known, other)} has it`,
    evidence: [
      { source: `journal of ${service.name}`, text: service.failure.line },
      {
        source: 'listening sockets',
        text: `${holder.address} port ${port}${holder.process ? `: ${holder.process.name} (PID ${holder.process.pid})` : ''}`,
      },
      ...(server.port === port ? [{ source: `localhost:${port}`, text: inWords(host.answer) }] : []),
    ],
    instructions: mend(service, port, known, other),
    affects,
  };
}

function whoHolds(holder: PortHolder | undefined, other: OllamaService | undefined): string {
  if (!other) return holder?.who ?? 'another process';
  if (other.manager !== 'by-hand') return `${other.name} (${managerInWords(other)}, PID ${other.pid})`;
  return `an Ollama${other.user === undefined ? '' : ` of ${other.user}'s`}, started ${managerInWords(other)} (PID ${other.pid}),`;
}

function mend(
  service: OllamaService,
  port: number,
  holder: PortHolder | undefined,
  other: OllamaService | undefined,
): string[] {
  const { restart } = commandsFor(service);
  if (!holder) return [`see who listens: sudo ss -ltnp 'sport = :${port}'`, restart];
  return [
    ...(other ? [] : [`see what it is: ${holder.look}`]),
    `if the service is the one that is wanted: ${holder.end ?? 'stop that container'}; then: ${restart}`,
    `if not: sudo systemctl disable --now ${service.name}`,
  ];
}
