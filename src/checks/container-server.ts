import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import type { Container } from '../facts/containers.ts';
import { parseOllamaHost } from '../ollama/host-setting.ts';
import { isLoopback } from '../path/server.ts';
import { allWays, type Way } from './clients.ts';

/** Where the image `ollama/ollama` listens unless it is told otherwise (its ENV line). */
const ofTheImage = '0.0.0.0:11434';

/**
 * Ollamas in containers that were told to listen where their published port does not lead: on their own loopback, or on
 * another port (`OLLAMA_HOST=http://0.0.0.0` is 80 there as well). A cause for those whose way ends at such a container
 * and who get no answer; nothing is said of one that nobody misses.
 */
export async function containerServers(facts: Facts): Promise<Finding[]> {
  const looked = await facts.containers();
  if (looked.state !== 'seen') return [];
  const servers = looked.value.filter(
    ({ servesOllama, state, networkMode }) => servesOllama && state === 'running' && networkMode !== 'host',
  );
  if (servers.length === 0) return [];
  const lost = (await allWays(facts)).filter((way) => !way.client.hypothetical && !way.works);
  return servers.flatMap((server): Finding[] => {
    const affects = [
      ...new Set(lost.filter((way) => leadsTo(way, server)).map(({ client }) => client.subject)),
    ];
    const finding = affects.length > 0 ? judge(server) : undefined;
    return finding ? [{ ...finding, affects }] : [];
  });
}

/** Whether a client's request comes to that container: by its own address, or by a port that it publishes here. */
function leadsTo({ client, target }: Way, server: Container): boolean {
  if (target.kind === 'container') return target.name === server.name;
  if (target.kind !== 'host' && target.kind !== 'host-loopback' && target.kind !== 'host-proxy') return false;
  const port = client.url
    ? Number(client.url.port || (client.url.protocol === 'https:' ? 443 : 80))
    : undefined;
  return server.ports.some(({ hostPort, hostAddress }) => hostPort === port && !isLoopback(hostAddress));
}

function judge(server: Container): Finding | undefined {
  const told = server.env['OLLAMA_HOST'];
  const { listensOn, port } = parseOllamaHost(told ?? ofTheImage);
  const evidence = [
    {
      source: `environment of the container ${server.name}`,
      text: `OLLAMA_HOST=${told ?? `${ofTheImage} (the image's)`}`,
    },
    ...server.ports.map(({ hostAddress, hostPort, containerPort }) => ({
      source: `ports of the container ${server.name}`,
      text: `${hostAddress}:${hostPort} leads to ${containerPort}`,
    })),
  ];
  if (listensOn.kind === 'loopback')
    return {
      status: 'fail',
      code: 'bind-loopback',
      summary: `the Ollama in ${server.name} listens on its container's own loopback (OLLAMA_HOST=${told}): nobody outside of that container reaches it`,
      evidence,
      instructions: again(server, 'OLLAMA_HOST=0.0.0.0:11434'),
    };
  const wanted = server.ports.map(({ containerPort }) => containerPort);
  if (told === undefined || wanted.length === 0 || wanted.includes(port)) return undefined;
  return {
    status: 'fail',
    code: 'bind-wrong-port',
    summary: `the Ollama in ${server.name} listens on port ${port} of its container (OLLAMA_HOST=${told}), and ${wanted.join(', ')} is published`,
    evidence,
    instructions: again(server, `OLLAMA_HOST=0.0.0.0:${wanted[0]}`),
  };
}

/** A container keeps the environment it was made with; only making it anew changes that. */
function again({ name, compose }: Container, setting: string): string[] {
  return compose
    ? [
        `in the compose file, under environment of ${compose.service}: ${setting}`,
        `then make it anew, as a restart keeps the old environment: docker compose up -d ${compose.service}`,
      ]
    : [`make the container ${name} anew with -e ${setting}: a restart keeps the old environment`];
}
