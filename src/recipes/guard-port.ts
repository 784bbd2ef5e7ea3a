import type { Change, FileChange } from '../changes/change.ts';
import type { HostNetwork } from '../facts/network.ts';
import { reloadNotes } from '../path/reload.ts';
import { planGuard } from './firewall/guard.ts';
import { keyOf, type Outcome, type Planning, type Recipe, refusal } from './recipe.ts';
import { keepGuard } from './settings/guard-keeping.ts';
import { type Keeper, keeperOf } from './settings/keeper.ts';

const id = 'guard-port';

/**
 * Closes a port that is open to others than this host and its containers. Only on demand: somebody may want it open,
 * and no container's trouble comes from it.
 */
export const guardPort: Recipe = {
  id,
  cures: ['exposed'],
  onDemand: true,
  async plan(planning, causes): Promise<Outcome> {
    const { facts, draft } = planning;
    const [services, server, looked, ownership] = await Promise.all([
      facts.services(),
      facts.server(),
      facts.network(),
      facts.ownership(),
    ]);
    if (looked.state !== 'seen')
      return refusal(id, "this host's addresses could not be read", ['run it again with sudo']);
    const { port } = server;
    const sources = await containerSubnets(planning, looked.value);
    const guard = await planGuard(planning, looked.value, port, { sources, destinations: [] });
    if (guard.kind === 'impossible') return refusal(id, guard.reason, guard.instructions);
    if (guard.kind === 'closed') return { refusals: [] };
    const service = services.state === 'seen' ? services.value[0] : undefined;
    const changes: Change[] = [...guard.changes];
    const keeper = service && keeperOf(service, planning.machine.identity);
    if (guard.kind === 'table' && keeper)
      changes.push(...(await keptByUnit(planning, keeper, guard.program)));
    const open = ['this host', ...sources];
    return {
      refusals: [],
      plan: {
        recipe: id,
        cures: causes.map(keyOf),
        changes,
        gainsAccess: [],
        notes: [
          `port ${port} is shut for everyone but ${open.join(', ')}: whoever used Ollama from elsewhere no longer can`,
          'connections that are open go on until they end',
          ...reloadNotes(draft.listings ?? [], ownership.state === 'seen' ? ownership.value : undefined),
        ],
        ...(guard.kind === 'table' && !keeper ? { notPersistent: lost(port) } : {}),
      },
    };
  },
};

/** Subnets of all running containers that reach this host by a bridge here. */
async function containerSubnets({ facts }: Planning, host: HostNetwork): Promise<string[]> {
  const containers = await facts.containers();
  if (containers.state !== 'seen') return [];
  const bridges = new Set(host.addresses.map((own) => own.interface));
  const subnets = containers.value
    .filter(({ state }) => state === 'running')
    .flatMap(({ networks }) => networks)
    .filter(({ bridge, internal }) => !internal && bridge !== undefined && bridges.has(bridge))
    .flatMap((network) => network.subnets.map(({ subnet }) => subnet));
  return [...new Set(subnets)].toSorted();
}

/** A drop-in that loads the guard whenever Ollama starts, where none of an earlier fix does. */
async function keptByUnit({ machine }: Planning, keeper: Keeper, program: string): Promise<Change[]> {
  const { dropIn, attributes, reload, elevated } = keeper;
  const { unitLine, changes } = await keepGuard(machine, keeper, program);
  const bind = await machine.read(dropIn);
  if (bind.outcome === 'read' && bind.text.includes(unitLine)) return changes;
  const path = dropIn.replace(/\.conf$/u, '-guard.conf');
  const known = await machine.read(path);
  const before = known.outcome === 'read' ? known.text : null;
  const after = [
    '# Written by ollama-doctor; "ollama-doctor undo" takes it back.',
    '# Closes the port to all but this host and its containers; Ollama does not start without.',
    '[Service]',
    unitLine,
    '',
  ].join('\n');
  if (before === after) return changes;
  const own: FileChange = {
    kind: 'file',
    summary: 'close the port whenever Ollama starts',
    path,
    before,
    after,
    attributes,
    thenRun: [reload],
    thenRunOnUndo: [reload],
    elevated,
  };
  return [...changes, own];
}

function lost(port: number): { summary: string; instructions: string[] } {
  return {
    summary: `what closes port ${port} is gone after a reboot: no service here starts Ollama and could load it`,
    instructions: ['load /etc/ollama-doctor/guard.nft ahead of Ollama: nft -f /etc/ollama-doctor/guard.nft'],
  };
}
