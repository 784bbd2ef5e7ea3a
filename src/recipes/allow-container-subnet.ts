import type { Change, Plan, Refusal } from '../changes/change.ts';
import { portOf } from '../checks/bind-address.ts';
import { wantsThisHost, waysOf } from '../checks/clients.ts';
import type { FirewallOwnership, HostNetwork, Rulesets } from '../facts/network.ts';
import { decide, type Decision, type RuleReference } from '../firewall/index.ts';
import { guardTable, rulesetsAfterBoot } from '../path/boot.ts';
import { whatItMakes } from '../platforms/linux/nftables-script.ts';
import { hostFacts } from '../path/packet.ts';
import { reloadNotes } from '../path/reload.ts';
import { settled } from '../path/settled.ts';
import { gatewayAddress } from '../path/target.ts';
import type { Cause } from '../report/schema.ts';
import { type Approach, approaches, subjectsIn } from './access.ts';
import { controlPackets, verdicts } from './firewall/controls.ts';
import { allowInIptables } from './firewall/iptables-allow.ts';
import { allowInFirewalld } from './firewall/firewalld/allow.ts';
import { allowInDirect } from './firewall/firewalld/direct.ts';
import { allowInNftables } from './firewall/nftables/allow.ts';
import { allowInUfw } from './firewall/ufw/allow.ts';
import { allowInGuard } from './firewall/guard-allow.ts';
import { openByHand } from './firewall/owner-advice.ts';
import { ownerOf } from './firewall/owner.ts';
import { type Draft, keyOf, type Outcome, type Planning, type Recipe, refusal } from './recipe.ts';

const id = 'allow-container-subnet';
/** One packet may be blocked in several tables and by both back ends of iptables. */
const maxBlockers = 6;

/** Lets the containers' own subnets through to the port, and nobody else, where the deciding rule is kept. */
export const allowContainerSubnet: Recipe = {
  id,
  cures: ['firewall-drop', 'firewall-reject'],
  async plan(planning, causes): Promise<Outcome> {
    const { facts, draft } = planning;
    const [network, looked] = await Promise.all([facts.network(), facts.ownership()]);
    if (network.state !== 'seen' || !draft.listings)
      return refusal(id, 'the packet filter or the addresses of this host could not be read', [
        'run it again with sudo',
      ]);
    const ownership = looked.state === 'seen' ? looked.value : undefined;
    const context: Context = { planning, network: network.value, ownership };
    const changes: Change[] = [];
    const cures: string[] = [];
    const refusals: Refusal[] = [];
    const opened: Approach[] = [];
    for (const cause of causes) {
      const before: Draft = { listings: draft.listings, files: new Map(draft.files) };
      const made = await openFor(context, cause);
      if ('reason' in made) {
        draft.listings = before.listings;
        draft.files = before.files;
        refusals.push({ recipe: id, ...made });
        continue;
      }
      changes.push(...made.changes);
      opened.push(...made.opened);
      cures.push(keyOf(cause));
    }
    if (changes.length === 0) return { refusals };
    const plan = await planOf(context, changes, cures, opened);
    return { plan, refusals };
  },
};

interface Context {
  planning: Planning;
  network: HostNetwork;
  ownership: FirewallOwnership | undefined;
}

async function openFor(
  context: Context,
  cause: Cause,
): Promise<{ changes: Change[]; opened: Approach[] } | { reason: string; instructions: string[] }> {
  const { facts } = context.planning;
  const server = await facts.server();
  const changes: Change[] = [];
  const opened: Approach[] = [];
  for (const way of await waysOf(facts, cause.subject)) {
    if (way.works || !wantsThisHost(way)) continue;
    const { container, url } = { container: way.client.container, url: way.client.url };
    const address =
      way.target.kind === 'host' ? way.target.address : gatewayAddress(container, context.network);
    if (address === undefined) continue;
    const port = url && way.target.kind !== 'self' ? portOf(url) : server.port;
    for (const approach of approaches(container, address, port, context.network)) {
      const made = await openApproach(context, approach);
      if (!Array.isArray(made)) return made;
      changes.push(...made);
      if (made.length > 0) opened.push(approach);
    }
  }
  return { changes, opened };
}

/** Opens what blocks one packet, rule by rule, until it is let in; nothing else may change with it. */
async function openApproach(
  { planning, network, ownership }: Context,
  approach: Approach,
): Promise<Change[] | { reason: string; instructions: string[] }> {
  const { packet, subnet } = approach;
  const port = packet.destinationPort;
  const host = hostFacts(network);
  const { draft } = planning;
  const controls = controlPackets(network, port, [subnet]);
  const before = verdicts(draft.listings ?? [], controls, network);
  const changes: Change[] = [];
  for (let blockers = 0; blockers <= maxBlockers; blockers += 1) {
    const decision = settled(decide({ rulesets: draft.listings ?? [], packet, host }));
    if (decision.verdict === 'accept') {
      const after = verdicts(draft.listings ?? [], controls, network);
      const flipped = controls.find((_, index) => before[index] !== after[index]);
      if (!flipped) return changes;
      return {
        reason: `a rule for ${subnet} would also change what becomes of ${flipped.source} on ${flipped.inInterface}`,
        instructions: [`let ${subnet} reach port ${port} by hand`],
      };
    }
    const by = decision.decidedBy;
    if (decision.verdict === 'unknown' || by === null || !('chain' in by))
      return {
        reason: `what would let ${subnet} in cannot be told: ${decision.unknown[0] ?? 'no rule decides it'}`,
        instructions: [`let ${subnet} reach port ${port} by hand`],
      };
    const made = await openRule({ planning, network, ownership }, by, approach, decision);
    if (!Array.isArray(made)) return made;
    changes.push(...made);
  }
  return {
    reason: `rules for ${subnet} do not help: something else still blocks it`,
    instructions: [`see which rule decides: ollama-doctor firewall --container ${approach.container.name}`],
  };
}

async function openRule(
  { planning, network, ownership }: Context,
  by: RuleReference,
  { packet, subnet }: Approach,
  decision: Decision,
): Promise<Change[] | { reason: string; instructions: string[] }> {
  const owner = ownerOf(by, ownership, planning.draft.listings ?? []);
  const port = packet.destinationPort;
  switch (owner.kind) {
    case 'iptables':
      return allowInIptables(planning, ownership, owner, by, subnet, {
        packet,
        host: hostFacts(network),
      });
    case 'own-guard':
      return allowInGuard(planning, subnet);
    case 'ufw':
      return allowInUfw(planning, network, by, packet, subnet);
    case 'firewalld': {
      const made = await allowInFirewalld(planning, network, by, decision, packet, subnet, ownership?.zones);
      return made ?? openByHand(owner, by, subnet, port, packet.source);
    }
    case 'firewalld-direct':
      return allowInDirect(planning, by, subnet, port);
    case 'nftables':
      return allowInNftables(planning, ownership, by, subnet, port);
    case 'beside-firewalld':
    case 'nixos':
    case 'program':
      return openByHand(owner, by, subnet, port, packet.source);
  }
}

async function planOf(
  context: Context,
  changes: Change[],
  cures: string[],
  opened: readonly Approach[],
): Promise<Plan> {
  const containers = await context.planning.facts.containers();
  const subnets = [...new Set(opened.map((one) => one.subnet))];
  const ports = [...new Set(opened.map((one) => one.packet.destinationPort))];
  const running =
    containers.state === 'seen' ? containers.value.filter(({ state }) => state === 'running') : [];
  const unpinned = (await context.planning.facts.unpinned())
    .filter((network) => opened.some((one) => network.subnets.includes(one.subnet)))
    .map(({ name }) => name);
  const lost = await lostAtBoot(context, opened);
  return {
    recipe: id,
    cures,
    changes,
    gainsAccess: subjectsIn(running, subnets),
    notes: [
      `every container in ${subnets.join(', ')} can reach port ${ports.join(', ')} of this host, also one that is added later`,
      ...[...new Set(unpinned)].map(
        (name) =>
          `compose does not pin the subnet of network ${name}: when the network is made again it may be another one, and this rule is then no longer for it`,
      ),
      ...unkeptNotes(changes, context.ownership),
      ...reloadNotes(context.planning.draft.listings ?? [], context.ownership),
    ],
    ...(lost ? { notPersistent: lost } : {}),
  };
}

/** A person's own table of nft, where somebody else's rules are loaded at boot: what loads the table is not known. */
function unkeptNotes(changes: readonly Change[], ownership: FirewallOwnership | undefined): string[] {
  if (!ownership?.loadsAtBoot || ownership.owner === 'nftables-service') return [];
  const tables = changes.flatMap((change) => {
    const [tool, , kind, family, table] = change.kind === 'command' ? change.apply : [];
    return tool === 'nft' && kind === 'rule' && table !== guardTable ? [`${family} ${table}`] : [];
  });
  return [...new Set(tables)].map(
    (table) =>
      `${ownership.owner} does not keep nft table ${table}, nor this rule in it: whatever makes that table again at boot must have the rule as well, ahead of the one that blocks`,
  );
}

/** Whether the packets get through after a boot as well, by the files as they will be. */
async function lostAtBoot(
  { planning, network, ownership }: Context,
  opened: readonly Approach[],
): Promise<Plan['notPersistent']> {
  const { draft, machine } = planning;
  if (!ownership) return undefined;
  const live: Rulesets = { listings: draft.listings ?? [], missing: [] };
  const savedFiles = ownership.savedFiles.map((file) => {
    const text = draft.files.get(file.path);
    return typeof text === 'string' ? { ...file, exists: true, text } : file;
  });
  const subnets = [...new Set(opened.map((one) => one.subnet))].join(', ');
  if (!ownership.loadsAtBoot)
    return {
      summary: `the rule that lets ${subnets} in is gone after a reboot, as is the one that blocks it: nothing here loads rules at boot`,
      instructions:
        ownership.owner === 'ufw' || ownership.owner === 'firewalld'
          ? [
              `${ownership.owner} keeps both, and does not start at boot: sudo systemctl enable ${ownership.owner}`,
            ]
          : ['if a script of yours loads the blocking rule, put this one ahead of it there'],
    };
  const script = await scriptThen(machine, draft, ownership.script);
  const then = rulesetsAfterBoot(live, { ...ownership, savedFiles, ...(script ? { script } : {}) });
  if (then.state !== 'listed') return undefined;
  const host = hostFacts(network);
  const blocked = opened.find(
    ({ packet }) => decide({ rulesets: then.listings, packet, host }).verdict !== 'accept',
  );
  if (!blocked) return undefined;
  return {
    summary: `${blocked.subnet} gets through now, and will not after a reboot`,
    instructions: [
      `put the rule for ${blocked.subnet} into ${script?.path ?? savedFiles[0]?.path ?? 'the file that is loaded at boot'} as well`,
    ],
  };
}

/** What the script of nftables.service will make once it is changed as planned; not known of a file that it includes. */
async function scriptThen(
  machine: Planning['machine'],
  { files }: Draft,
  script: FirewallOwnership['script'],
): Promise<FirewallOwnership['script']> {
  if (!script) return undefined;
  const { path } = script;
  const text = files.get(path);
  if (typeof text === 'string') return { path, ...(await whatItMakes(machine, path, text)) };
  return script.files?.some((file) => files.has(file.path)) ? { path } : script;
}
