import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import type { Listener } from '../facts/network.ts';
import type { OllamaService } from '../facts/service.ts';
import { commandsFor, managerInWords } from '../findings/service-commands.ts';
import { parseOllamaHost } from '../ollama/host-setting.ts';
import { allWays, sufferers } from './clients.ts';

/**
 * A service that cannot start since another process of this host has its port, while that one answers: its clients
 * talk to another server than the one that was set up, with other models and settings. A cause where somebody gets no
 * answer by it, otherwise a warning.
 */
export async function keptOut(facts: Facts): Promise<Finding | undefined> {
  const [services, listeners] = await Promise.all([facts.services(), facts.listeners()]);
  if (services.state !== 'seen' || listeners.state !== 'seen') return undefined;
  const service = services.value.find(
    ({ state, failure }) => (state === 'crash-loop' || state === 'failed') && failure?.kind === 'port-in-use',
  );
  if (!service?.failure) return undefined;
  const { port } = parseOllamaHost(service.configuredHost);
  const holder = listeners.value.listeners.find((listener) => listener.port === port);
  if (!holder) return undefined;
  const other = services.value.find(({ pid, state }) => state === 'running' && pid === holder.process?.pid);
  const affects = sufferers(await allWays(facts)).map((way) => way.client.subject);
  return {
    status: affects.length > 0 ? 'fail' : 'warn',
    code: 'port-conflict',
    summary: `${service.name} cannot have port ${port}: ${whoHolds(holder, other)} has it`,
    evidence: [
      { source: `journal of ${service.name}`, text: service.failure.line },
      {
        source: 'listening sockets',
        text: `${holder.address} port ${port}${holder.process ? `: ${holder.process.name} (PID ${holder.process.pid})` : ''}`,
      },
    ],
    instructions: mend(service, holder, other),
    affects,
  };
}

function whoHolds(holder: Listener, other: OllamaService | undefined): string {
  const { process } = holder;
  const name = process ? `${process.name} (PID ${process.pid})` : 'another process';
  if (!other) return name;
  if (other.manager !== 'by-hand') return `${other.name} (${managerInWords(other)}, PID ${other.pid})`;
  return `an Ollama${other.user === undefined ? '' : ` of ${other.user}'s`}, started ${managerInWords(other)} (PID ${other.pid}),`;
}

function mend(service: OllamaService, holder: Listener, other: OllamaService | undefined): string[] {
  const { restart } = commandsFor(service);
  const pid = holder.process?.pid;
  if (pid === undefined) return [`see who listens: sudo ss -ltnp 'sport = :${holder.port}'`, restart];
  return [
    ...(other ? [] : [`see what it is: ps -fp ${pid}`]),
    `if the service is the one that is wanted: sudo kill ${pid}; then: ${restart}`,
    `if not: sudo systemctl disable --now ${service.name}`,
  ];
}
