import type { Facts } from '../../diagnosis/collectors.ts';
import type { Finding } from '../../engine/check.ts';
import type { Container } from '../../facts/containers.ts';
import type { Listener } from '../../facts/network.ts';
import { base, servingPort } from '../../path/ways-to-ollama.ts';
import { allWays, type Way } from '../clients.ts';
import { inWords, publisherOf } from './beside.ts';

/**
 * The port of this host that a container's last start could not get, in the engine's own words: Docker's `Bind for
 * 0.0.0.0:11434 failed: port is already allocated` and `failed to bind host port for 0.0.0.0:11434:172.18.0.2:11434/tcp:
 * address already in use` (moby, daemon/libnetwork/portmapper), Podman's `rootlessport listen tcp 0.0.0.0:11434: bind:
 * address already in use`.
 *
 * @returns the port, or undefined where the error is about something else
 */
export function takenPort(error: string | undefined): number | undefined {
  if (error === undefined || !/address already in use|port is already allocated/u.test(error))
    return undefined;
  const [, port] =
    /(?:Bind for |listen (?:tcp|udp)[46]? |host port (?:for )?|bind port )\S*?:(\d{1,5})(?=[\s:/]|$)/u.exec(
      error,
    ) ?? [];
  const number = Number(port);
  return port !== undefined && number > 0 && number < 65_536 ? number : undefined;
}

/**
 * An Ollama in a container that cannot start since its published port is held by another one of this host: by a process
 * or by a container. A cause, unless everybody who uses Ollama gets an answer all the same.
 */
export async function cannotPublish(facts: Facts): Promise<Finding | undefined> {
  const [looked, listeners] = await Promise.all([facts.containers(), facts.listeners()]);
  if (looked.state !== 'seen' || listeners.state !== 'seen') return undefined;
  for (const container of looked.value) {
    if (!container.servesOllama || !['created', 'exited', 'restarting'].includes(container.state)) continue;
    const port = takenPort(container.ended?.error);
    const holder = listeners.value.listeners.find((one) => one.port === port);
    if (port === undefined || !holder) continue;
    const ways = (await allWays(facts)).filter(({ client }) => !client.hypothetical);
    const lost = ways.filter((way) => !way.works && wants(way, container));
    const [server, host] = await Promise.all([facts.server(), facts.host()]);
    const inPeace = lost.length === 0 && ways.length > 0 && ways.every(({ works }) => works);
    return {
      status: inPeace ? 'warn' : 'fail',
      code: 'port-conflict',
      summary: `the Ollama in the container ${container.name} cannot start: port ${port} of this host is held by ${whoHolds(holder, publisherOf(holder, looked.value))}`,
      evidence: [
        { source: `${container.runtime} inspect ${container.name}`, text: container.ended?.error ?? '' },
        {
          source: 'listening sockets',
          text: `${holder.address} port ${port}${holder.process ? `: ${holder.process.name} (PID ${holder.process.pid})` : ''}`,
        },
        ...(server.port === port ? [{ source: `localhost:${port}`, text: inWords(host.answer) }] : []),
      ],
      instructions: waysOut(container, port, holder),
      affects: [...new Set(lost.map(({ client }) => client.subject))],
    };
  }
  return undefined;
}

function whoHolds(holder: Listener, publisher: Container | undefined): string {
  const process = holder.process
    ? `${holder.process.name}, PID ${holder.process.pid}`
    : 'a process of this host';
  if (publisher) return `the container ${publisher.name} (${process})`;
  return holder.process?.name === 'ollama' ? `the Ollama of this host (${process})` : process;
}

/** A client whose URL names that container, by any of its names, or that has no Ollama but this one in view. */
function wants({ client, target }: Way, container: Container): boolean {
  if (target.kind === 'container') return target.name === container.name;
  const names = [
    container.name,
    container.compose?.service ?? '',
    ...container.networks.flatMap(({ aliases }) => aliases),
  ];
  return names.includes(client.url?.hostname ?? '');
}

function waysOut(container: Container, port: number, holder: Listener): string[] {
  const inside = servingPort(container);
  const name = container.compose?.service ?? container.name;
  const own = holder.process?.name === 'ollama';
  const { compose, runtime } = container;
  const again = compose
    ? `docker compose up -d ${compose.service}`
    : `make ${container.name} anew with -p ${port + 1}:${inside}`;
  return [
    compose
      ? `to keep both: leave out the published port of ${compose.service}, or write "${port + 1}:${inside}", in ${compose.configFiles.at(-1) ?? 'its compose file'}; then: ${again}. Containers on its network reach it at ${base(name, inside)} whatever is published`
      : `to keep both: ${again}. Containers on a network with it reach it at ${base(name, inside)} whatever is published`,
    own
      ? `to keep the one in the container: stop this host’s (sudo systemctl disable --now ollama), then: ${runtime} start ${container.name}`
      : `to keep the one in the container: stop what holds the port, then: ${runtime} start ${container.name}`,
    ...(own
      ? [
          `to keep this host’s: containers reach it at http://host.docker.internal:${port}, and ${container.name} is not needed`,
        ]
      : []),
  ];
}
