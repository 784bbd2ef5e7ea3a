import type { Container } from '../../facts/containers.ts';
import type { HostNetwork } from '../../facts/network.ts';
import type { DecideInput, HostAddress, HostFacts, Packet, RulesetInput } from '../../firewall/index.ts';
import type { Machine } from '../../machine/machine.ts';
import { suggestion } from '../closest.ts';
import { Failure, usage } from '../failure.ts';
import { guessFormat, savedListings } from './format.ts';
import type { RulesetFile } from './values.ts';

/** What was typed about a packet. */
export interface TypedPacket {
  container?: string;
  in?: string;
  src?: string;
  dst?: string;
  dport: number;
  sport?: number;
  ruleset?: RulesetFile[];
  localAddress?: HostAddress[];
}

/** What is asked of the firewall engine; `unread` names what could not be looked at, so that no verdict can be given. */
export interface Question extends DecideInput {
  unread: string[];
}

/** Throws a usage failure for a packet that is not described in one of the two ways, or is of two families. */
export function assertDescribed(typed: TypedPacket): void {
  const missing = (['in', 'src', 'dst'] as const)
    .filter((name) => typed[name] === undefined)
    .map((name) => `--${name}`);
  if (typed.container === undefined) {
    if (missing.length > 0)
      throw usage(`${missing.join(', ')} missing`, 'give --in, --src and --dst, or --container');
    if (typed.src?.includes(':') !== typed.dst?.includes(':')) {
      throw usage(
        `--src ${typed.src} and --dst ${typed.dst} are of different families`,
        'both are IPv4, or both IPv6',
      );
    }
    return;
  }
  const both = (['in', 'src'] as const).find((name) => typed[name] !== undefined);
  if (both !== undefined)
    throw usage(`--${both} and --container contradict each other`, 'a container has its own');
}

/**
 * Gathers packet, rules and host: from files and options where they are given, else from this machine. Throws a usage
 * failure for a file that cannot be read and a container that does not exist.
 */
export async function gather(typed: TypedPacket, machine: Machine): Promise<Question> {
  const live =
    typed.ruleset === undefined || typed.container !== undefined ? await liveFacts(machine) : undefined;
  const network = live ? await live.network() : undefined;
  const unread: string[] = [];
  if (network?.state === 'unavailable') unread.push(`this host's network: ${reason(network)}`);
  const seen = network?.state === 'seen' ? network.value : undefined;

  const packet =
    typed.container === undefined
      ? describedPacket(typed)
      : await packetOf(typed.container, typed, machine, seen);
  const rulesets = typed.ruleset
    ? (await Promise.all(typed.ruleset.map((file) => readListings(file, machine)))).flat()
    : await liveRulesets(live, packet, unread);
  return { packet, rulesets, host: await hostOf(typed, seen), unread };
}

async function hostOf(typed: TypedPacket, network: HostNetwork | undefined): Promise<HostFacts> {
  if (typed.localAddress) return { addresses: typed.localAddress };
  if (!network) return { addresses: [] };
  const { hostFacts } = await import('../../path/packet.ts');
  return hostFacts(network);
}

function describedPacket(typed: TypedPacket): Packet {
  return {
    inInterface: typed.in ?? '',
    source: typed.src ?? '',
    destination: typed.dst ?? '',
    destinationPort: typed.dport,
    ...(typed.sport === undefined ? {} : { sourcePort: typed.sport }),
  };
}

async function liveFacts(machine: Machine) {
  const { platformFor } = await import('../../platforms/index.ts');
  const platform = platformFor(machine.identity);
  return { network: () => platform.network(machine), rulesets: () => platform.rulesets(machine) };
}

type Live = Awaited<ReturnType<typeof liveFacts>>;

async function liveRulesets(
  live: Live | undefined,
  packet: Packet,
  unread: string[],
): Promise<RulesetInput[]> {
  const looked = live ? await live.rulesets() : undefined;
  if (looked?.state === 'unavailable') unread.push(`the rules: ${reason(looked)}`);
  if (looked?.state !== 'seen') return [];
  const v6 = packet.source.includes(':');
  const concerns = (source: string): boolean => v6 || !source.includes('ip6tables');
  unread.push(
    ...looked.value.missing
      .filter(({ source }) => concerns(source))
      .map(({ source, reason: why }) => `${source}: ${why}`),
  );
  return looked.value.listings;
}

function reason(unavailable: { reason: string; help?: string }): string {
  return unavailable.help === undefined ? unavailable.reason : `${unavailable.reason} (${unavailable.help})`;
}

async function packetOf(
  name: string,
  typed: TypedPacket,
  machine: Machine,
  network: HostNetwork | undefined,
): Promise<Packet> {
  const { findRuntimes, listContainers } = await import('../../runtimes/index.ts');
  const { packetToHost } = await import('../../path/packet.ts');
  const { gatewayAddress } = await import('../../path/target.ts');
  const looked = await listContainers(machine, await findRuntimes(machine));
  if (looked.state !== 'seen') {
    const why = looked.state === 'unavailable' ? `: ${reason(looked)}` : '';
    throw new Failure(
      'usage',
      `no container engine could be asked about ${name}${why}`,
      'give --in, --src and --dst',
    );
  }
  const container = findContainer(looked.value, name);
  const destination = typed.dst ?? gatewayAddress(container, network);
  const packet = destination === undefined ? undefined : packetToHost(container, destination, typed.dport);
  if (!packet) throw usage(`${name} has no bridge on this host whose packets could be filtered`);
  return { ...packet, ...(typed.sport === undefined ? {} : { sourcePort: typed.sport }) };
}

function findContainer(containers: readonly Container[], name: string): Container {
  const found = containers.find((one) => one.name === name || (name.length >= 4 && one.id.startsWith(name)));
  if (found) return found;
  const known = containers.map((one) => one.name);
  throw usage(
    `no container is called ${name}`,
    known.length === 0 ? 'there are none' : suggestion(name, known),
  );
}

const mostBytes = 64 * 1024 * 1024;

async function readListings(file: RulesetFile, machine: Machine): Promise<RulesetInput[]> {
  const result = await machine.read(file.path, { maxBytes: mostBytes });
  if (result.outcome !== 'read') {
    const why = {
      absent: 'there is no such file',
      denied: 'permission denied',
      'not-recorded': 'not recorded',
    };
    const text = result.outcome === 'failed' ? result.message : why[result.outcome];
    throw usage(`--ruleset ${file.path} cannot be read: ${text}`);
  }
  if (result.truncated) throw usage(`--ruleset ${file.path} is larger than ${mostBytes} bytes`);
  const format = file.format ?? guessFormat(result.text);
  if (format === undefined) {
    throw usage(
      `--ruleset ${file.path} is no listing of rules that is known here`,
      'it takes what iptables-save, ip6tables-save or nft -j list ruleset prints',
    );
  }
  return format === 'nft-json' ? [{ format, text: result.text }] : savedListings(result.text, format);
}
