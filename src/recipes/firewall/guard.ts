import type { Change, FileChange } from '../../changes/change.ts';
import type { FirewallOwnership, HostNetwork } from '../../facts/network.ts';
import type { Packet } from '../../firewall/index.ts';
import { nftablesScripts } from '../../platforms/linux/nftables-script.ts';
import type { Planning } from '../recipe.ts';
import { controlPackets, verdicts } from './controls.ts';
import { guardCommands, iptablesGuard } from './iptables-guard.ts';
import { type Exceptions, guardChange, guardFile, guardText, withGuard } from './nft-guard.ts';
import { guardInFirewalld } from './firewalld/guard.ts';
import { defaultBackend } from './rule-change.ts';
import { guardInUfw } from './ufw/guard.ts';
import { savedFileFor } from './saved-file.ts';

/** What keeps the port shut once Ollama listens on all interfaces. */
export type Guard =
  /** The rules in force do already. */
  | { kind: 'closed' }
  /** Rules at the head of INPUT, live and saved. */
  | { kind: 'rules'; changes: Change[] }
  /** A table that is to be loaded before Ollama listens; `program` is nft's whole path. */
  | { kind: 'table'; changes: Change[]; program: string }
  | { kind: 'impossible'; reason: string; instructions: string[] };

/**
 * Plans what closes the port to everyone but this host and the exceptions, family by family and only where the rules
 * as they will be let some of the others in, and proves that nobody of them gets in then. Adds to the draft.
 *
 * Where the owner keeps plain rules files the rules go there; otherwise into a table of our own that the unit loads
 * itself, so that it is there exactly as long as the bind is, and Ollama does not start where it cannot be loaded.
 */
export async function planGuard(
  planning: Planning,
  network: HostNetwork,
  port: number,
  exceptions: Exceptions,
): Promise<Guard> {
  const { draft, facts } = planning;
  if (!draft.listings) {
    const rulesets = await facts.rulesets();
    const reason = rulesets.state === 'unavailable' ? rulesets.reason : 'the packet filter could not be read';
    return cannot(`whether the port would be open to others cannot be told: ${reason}`, [
      (rulesets.state === 'unavailable' && rulesets.help) || 'run it again with sudo',
    ]);
  }
  const controls = controlPackets(network, port, exceptions.sources, exceptions.destinations);
  // A rule that drops opens nothing: what was shut before needs no second look.
  const open = openAmong(draft.listings, controls, network);
  if (open.length === 0) return { kind: 'closed' };
  const looked = await facts.ownership();
  const ownership = looked.state === 'seen' ? looked.value : undefined;
  const guard = await guardFor(planning, network, ownership, port, exceptions, open);
  if (guard.kind === 'impossible') return guard;
  const left = familiesOf(openAmong(draft.listings, open, network));
  if (left.length === 0) return guard;
  return cannot(
    `it could not be shown that port ${port} is shut to others over IPv${left.join(' and IPv')} with a rule of ours`,
    ['look at the rules by hand: ollama-doctor firewall --help'],
  );
}

/** The owner's own way, never raw rules under a front end. */
async function guardFor(
  planning: Planning,
  network: HostNetwork,
  ownership: FirewallOwnership | undefined,
  port: number,
  exceptions: Exceptions,
  open: readonly Packet[],
): Promise<Guard> {
  if (ownership?.owner === 'ufw') {
    const backend = await defaultBackend(planning.machine, 4);
    return asGuard(await guardInUfw(planning, port, exceptions, backend));
  }
  if (ownership?.owner === 'firewalld')
    return asGuard(await guardInFirewalld(planning, network, port, exceptions, open, ownership.zones));
  if (ownership?.owner === 'nixos')
    return cannot('on NixOS the rules are generated from the configuration', [
      `in configuration.nix: networking.firewall.enable = true; services.ollama.openFirewall = false; and no ${port} in networking.firewall.allowedTCPPorts`,
      'sudo nixos-rebuild switch',
    ]);
  if (keepsFiles(ownership)) return inFiles(planning, ownership, port, exceptions, open);
  return inTable(planning, ownership, port, exceptions);
}

function asGuard(made: Change[] | { reason: string; instructions: string[] }): Guard {
  return Array.isArray(made)
    ? { kind: 'rules', changes: made }
    : cannot(made.reason, [...made.instructions, 'then run it again']);
}

function keepsFiles(ownership: FirewallOwnership | undefined): ownership is FirewallOwnership {
  return savedFileFor(ownership, 4) !== undefined && savedFileFor(ownership, 6) !== undefined;
}

async function inFiles(
  { draft, machine }: Planning,
  ownership: FirewallOwnership,
  port: number,
  exceptions: Exceptions,
  open: readonly Packet[],
): Promise<Guard> {
  const changes: Change[] = [];
  for (const family of familiesOf(open)) {
    const made = await iptablesGuard(machine, draft, ownership, family, port, exceptions);
    if (!Array.isArray(made)) return cannot(made.reason, ['run it again with sudo']);
    changes.push(...made);
  }
  return { kind: 'rules', changes };
}

async function inTable(
  { draft, machine }: Planning,
  ownership: FirewallOwnership | undefined,
  port: number,
  exceptions: Exceptions,
): Promise<Guard> {
  const program = await nftProgram(machine);
  if (program === undefined)
    return cannot(
      'nothing here loads rules at boot, and nft, by which Ollama itself could load one, is not installed',
      [
        'install nftables (its service need not be enabled), then run it again',
        ...(ownership?.owner === 'netfilter-persistent'
          ? [
              'or have the saved rules loaded at boot, then run it again: sudo systemctl enable netfilter-persistent',
            ]
          : []),
        'or close it by hand, now and at every boot ahead of Ollama:',
        ...guardCommands(port, exceptions),
      ],
    );
  const known = await machine.read(guardFile);
  const before = known.outcome === 'read' ? known.text : null;
  const after = guardText(port, exceptions);
  const summary = `close port ${port} to everyone but this host and its containers (IPv4 and IPv6)`;
  const kept = ownership?.owner === 'nftables-service' ? await keptThroughReloads({ draft, machine }) : [];
  if ('reason' in kept) return kept;
  draft.listings = withGuard(draft.listings ?? [], after);
  draft.files.set(guardFile, after);
  return {
    kind: 'table',
    changes: [...(before === after ? [] : [guardChange(before, after, summary)]), ...kept],
    program,
  };
}

/**
 * Where nftables.service keeps the rules, a reload of it flushes every table, ours too, while Ollama listens: its file
 * gets one line that loads the guard again.
 */
async function keptThroughReloads({
  draft,
  machine,
}: Pick<Planning, 'draft' | 'machine'>): Promise<FileChange[] | Extract<Guard, { kind: 'impossible' }>> {
  const line = `include "${guardFile}"`;
  for (const path of nftablesScripts) {
    const read = await machine.read(path);
    if (read.outcome === 'absent' || read.outcome === 'not-recorded') continue;
    if (read.outcome !== 'read') return cannot(`${path} cannot be read`, ['run it again with sudo']);
    const before = read.text;
    if (before.split('\n').includes(line)) return [];
    const gap = before === '' || before.endsWith('\n') ? '' : '\n';
    const after = `${before}${gap}${line}\n`;
    draft.files.set(path, after);
    return [
      {
        kind: 'file',
        summary: 'keep the port closed when nftables.service loads its rules again',
        path,
        before,
        after,
        attributes: { mode: 0o644 },
        thenRun: [],
        thenRunOnUndo: [],
        elevated: true,
      },
    ];
  }
  return [];
}

/** systemd wants the program's whole path; a recording may not hold where it is. */
async function nftProgram(machine: Planning['machine']): Promise<string | undefined> {
  let isKnown = false;
  for (const folder of ['/usr/sbin', '/sbin', '/usr/bin', '/usr/local/sbin']) {
    const listed = await machine.list(folder);
    if (listed.outcome === 'listed' && listed.names.includes('nft')) return `${folder}/nft`;
    if (listed.outcome === 'listed') isKnown = true;
  }
  return isKnown ? undefined : '/usr/sbin/nft';
}

/** Packets that would get in, or of which it cannot be told. */
function openAmong(
  listings: Parameters<typeof verdicts>[0],
  packets: readonly Packet[],
  network: HostNetwork,
): Packet[] {
  const found = verdicts(listings, packets, network);
  return packets.filter((_, index) => found[index] === 'accept' || found[index] === 'unknown');
}

function familiesOf(packets: readonly Packet[]): (4 | 6)[] {
  return ([4, 6] as const).filter((family) =>
    packets.some((packet) => packet.destination.includes(':') === (family === 6)),
  );
}

function cannot(reason: string, instructions: string[]): Extract<Guard, { kind: 'impossible' }> {
  return { kind: 'impossible', reason, instructions };
}
