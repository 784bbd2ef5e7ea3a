import type { Change } from '../changes/change.ts';
import type { OllamaService } from '../facts/service.ts';
import type { Cause } from '../report/schema.ts';
import { allWays, wantsThisHost } from '../checks/clients.ts';
import { joinHostPort } from '../ollama/go-host-port.ts';
import type { Server } from '../path/server.ts';
import { isLoopback } from '../path/server.ts';
import { approaches } from './access.ts';
import { bindByHand, publishByHand } from './bind-by-hand.ts';
import { meantPort } from '../path/meant-port.ts';
import { type Guard, planGuard } from './firewall/guard.ts';
import type { Exceptions } from './firewall/nft-guard.ts';
import { gatewayAddress } from '../path/target.ts';
import type { HostNetwork } from '../facts/network.ts';
import { containersLetIn } from './gaining.ts';
import { keyOf, type Outcome, type Planning, type Recipe, refusal } from './recipe.ts';
import { placeOf, settingChanges } from './settings/setting-changes.ts';
import { overridingDropIn } from './settings/unit-changes.ts';

const id = 'bind-all-interfaces';

/**
 * Has Ollama listen on every address (one address would leave 127.0.0.1 or another network's gateway without an
 * answer), and in the same step closes the port to everyone who could not reach it before, but the containers.
 */
export const bindAllInterfaces: Recipe = {
  id,
  cures: [
    'bind-loopback',
    'bind-unreachable-address',
    'config-ignored',
    'config-overridden',
    'bind-wrong-port',
    'crash-loop',
  ],
  async plan(planning, causes): Promise<Outcome> {
    const [services, server] = await Promise.all([planning.facts.services(), planning.facts.server()]);
    const service = services.state === 'seen' ? services.value[0] : undefined;
    const meant = service ? meantPort(service) : undefined;
    const isPort = ({ code, recipe }: Cause): boolean =>
      code === 'bind-wrong-port' || (code === 'crash-loop' && recipe === 'set-port');
    const own = causes.filter(({ code }) => code !== 'bind-wrong-port' && code !== 'crash-loop');
    // A port that was not meant is mended on the way; where that alone is wrong, it is for `set-port`.
    if (server.bind.kind === 'all' || own.length === 0) return { refusals: [] };
    const all = meant === undefined ? own : [...own, ...causes.filter(isPort)];
    const bind = { id, service, server, host: '0.0.0.0', port: meant ?? server.port };
    return planBind(planning, all, bind);
  },
};

/** What is to be set, where, and for which recipe. */
export interface Bind {
  id: string;
  service: OllamaService | undefined;
  server: Server;
  /** The address and the port to listen on from now on. */
  host: string;
  port: number;
}

/** Plans the setting and what closes the port to everyone else, in one step. */
export async function planBind(
  planning: Planning,
  causes: readonly Cause[],
  { id: recipe, service, server, host, port }: Bind,
): Promise<Outcome> {
  const looked = await planning.facts.network();
  const value = joinHostPort(host, port);
  const place = service && placeOf(service, planning.machine.identity);
  if (!service || !place || (service.state !== 'running' && server.bind.kind !== 'none'))
    return { refusals: [{ recipe, ...(await byHand(planning, service, port, host)) }] };
  if (looked.state !== 'seen')
    return refusal(recipe, "this host's addresses could not be read", ['run it again with sudo']);
  const later = overridingDropIn(service, 'OLLAMA_HOST');
  if (later)
    return refusal(recipe, `${later.file} is read after every drop-in of ours and sets OLLAMA_HOST itself`, [
      `change line ${later.line} of ${later.file} to OLLAMA_HOST=${value}, and close the port to others`,
    ]);
  const network = looked.value;
  const exceptions = await exceptionsFor(planning, network, server);
  const guard: Guard = isLoopback(host)
    ? { kind: 'closed' }
    : await planGuard(planning, network, port, exceptions);
  if (guard.kind === 'impossible') return refusal(recipe, guard.reason, guard.instructions);
  const unit = await settingChanges(planning, service, place, {
    assignment: { variable: 'OLLAMA_HOST', value },
    summary: host === '0.0.0.0' ? 'listen on all interfaces' : `listen on ${value}`,
    ...(guard.kind === 'table' ? { program: guard.program } : {}),
  });
  if ('reason' in unit) {
    const opens = !isLoopback(host) && unit.instructions.some((one) => one.includes(value));
    return refusal(recipe, unit.reason, [
      ...unit.instructions,
      ...(opens
        ? [`then close port ${port} to everyone but your containers: Ollama has no authentication`]
        : []),
    ]);
  }
  planning.draft.port = port;
  const changes: Change[] = [...(guard.kind === 'closed' ? [] : guard.changes), ...unit.changes];
  return {
    refusals: [],
    plan: {
      recipe,
      cures: causes.map((cause: Cause) => keyOf(cause)),
      changes,
      gainsAccess: isLoopback(host) ? [] : await containersLetIn(planning, network, port),
      notes: notesOf(service, server, { host, port }, exceptions, guard.kind),
    },
  };
}

/** A container that publishes the port is what is to be changed, whatever else is set up here. */
async function byHand(
  { facts }: Planning,
  service: OllamaService | undefined,
  port: number,
  host: string,
): Promise<{ reason: string; instructions: string[] }> {
  const containers = service?.manager === 'quadlet' ? undefined : await facts.containers();
  const publisher =
    containers?.state === 'seen'
      ? containers.value.find(
          ({ ports, state }) => state === 'running' && ports.some(({ hostPort }) => hostPort === port),
        )
      : undefined;
  return publisher ? publishByHand(publisher, port) : bindByHand(service, port, host);
}

/** Subnets of the containers that want this host's Ollama, and addresses at which it could be reached before. */
async function exceptionsFor(planning: Planning, network: HostNetwork, server: Server): Promise<Exceptions> {
  const ways = (await allWays(planning.facts)).filter(
    (way) => !way.client.hypothetical && wantsThisHost(way) && way.client.container.networkMode !== 'host',
  );
  const sources = new Set<string>();
  for (const { client, target } of ways) {
    const address = target.kind === 'host' ? target.address : gatewayAddress(client.container, network);
    if (address === undefined) continue;
    for (const approach of approaches(client.container, address, server.port, network))
      sources.add(approach.subnet);
  }
  const before = server.bind.kind === 'addresses' ? server.bind.addresses : [];
  return {
    sources: [...sources].toSorted(),
    destinations: before.filter((address) => !isLoopback(address)).toSorted(),
  };
}

function notesOf(
  service: OllamaService,
  server: Server,
  { host, port }: { host: string; port: number },
  { sources, destinations }: Exceptions,
  guard: string,
): string[] {
  const shut = guard === 'closed' ? 'the rules in force keep' : 'the rules above keep';
  const open = ['this host', ...sources, ...destinations.map((address) => `whoever reaches ${address} now`)];
  const where = host === '0.0.0.0' ? 'every address of this host' : joinHostPort(host, port);
  return [
    isLoopback(host)
      ? `Ollama will listen on ${where}, which this host alone reaches`
      : `Ollama will listen on ${where}; ${shut} port ${port} shut for everyone but ${open.join(', ')}`,
    ...(host === '0.0.0.0' || isLoopback(host)
      ? [`127.0.0.1:${port} ${port === server.port ? 'still answers' : 'answers'} on this host`]
      : []),
    ...(port === server.port ? [] : [`nobody finds it at port ${server.port} any more`]),
    ...(service.state === 'running'
      ? [
          'restarting Ollama ends generations that are running, and models are loaded again on the next request',
        ]
      : []),
    ...(service.needsReload
      ? [
          `${service.name} was changed on disk and not reloaded yet: the reload puts those changes in force too`,
        ]
      : []),
  ];
}
