import type { Change } from '../changes/change.ts';
import type { OllamaService } from '../facts/service.ts';
import type { Cause } from '../report/schema.ts';
import { allWays, wantsThisHost } from '../checks/clients.ts';
import type { Server } from '../path/server.ts';
import { isLoopback } from '../path/server.ts';
import { approaches } from './access.ts';
import { bindByHand } from './bind-by-hand.ts';
import { overridingDropIn, unitChanges } from './bind-unit.ts';
import { planGuard } from './firewall/guard.ts';
import type { Exceptions } from './firewall/nft-guard.ts';
import { gatewayAddress } from '../path/target.ts';
import type { HostNetwork } from '../facts/network.ts';
import { containersLetIn } from './gaining.ts';
import { keyOf, type Outcome, type Planning, type Recipe, refusal } from './recipe.ts';

const id = 'bind-all-interfaces';

/**
 * Has Ollama listen on every address (one address would leave 127.0.0.1 or another network's gateway without an
 * answer), and in the same step closes the port to everyone who could not reach it before, but the containers.
 */
export const bindAllInterfaces: Recipe = {
  id,
  cures: ['bind-loopback', 'bind-unreachable-address', 'config-ignored', 'config-overridden'],
  async plan(planning, causes): Promise<Outcome> {
    const { facts } = planning;
    const [services, server, looked] = await Promise.all([facts.services(), facts.server(), facts.network()]);
    const service = services.state === 'seen' ? services.value[0] : undefined;
    const { port, bind } = server;
    if (bind.kind === 'all') return { refusals: [] };
    if (service?.manager !== 'systemd' || (service.state !== 'running' && bind.kind !== 'none'))
      return { refusals: [{ recipe: id, ...bindByHand(service, port) }] };
    if (looked.state !== 'seen')
      return refusal(id, "this host's addresses could not be read", ['run it again with sudo']);
    const later = overridingDropIn(service);
    if (later)
      return refusal(id, `${later.file} is read after every drop-in of ours and sets OLLAMA_HOST itself`, [
        `change line ${later.line} of ${later.file} to OLLAMA_HOST=0.0.0.0:${port}, and close the port to others`,
      ]);
    const network = looked.value;
    const exceptions = await exceptionsFor(planning, network, server);
    const guard = await planGuard(planning, network, port, exceptions);
    if (guard.kind === 'impossible') return refusal(id, guard.reason, guard.instructions);
    const unit = await unitChanges(
      planning,
      service,
      port,
      guard.kind === 'table' ? guard.unitLine : undefined,
    );
    if ('reason' in unit) return refusal(id, unit.reason, unit.instructions);
    const changes: Change[] = [...(guard.kind === 'closed' ? [] : guard.changes), ...unit.changes];
    return {
      refusals: [],
      plan: {
        recipe: id,
        cures: causes.map((cause: Cause) => keyOf(cause)),
        changes,
        gainsAccess: await containersLetIn(planning, network, port),
        notes: notesOf(service, port, exceptions, guard.kind),
      },
    };
  },
};

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
  port: number,
  { sources, destinations }: Exceptions,
  guard: string,
): string[] {
  const shut = guard === 'closed' ? 'the rules in force keep' : 'the rules above keep';
  const open = ['this host', ...sources, ...destinations.map((address) => `whoever reaches ${address} now`)];
  return [
    `Ollama will listen on every address of this host; ${shut} port ${port} shut for everyone but ${open.join(', ')}`,
    `127.0.0.1:${port} still answers on this host`,
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
