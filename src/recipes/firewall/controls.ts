import type { HostNetwork, RulesetListing } from '../../facts/network.ts';
import { decide, type Packet, type Verdict } from '../../firewall/index.ts';
import { hostFacts } from '../../path/packet.ts';
import { settled } from '../../path/settled.ts';
import { isIn } from '../../path/subnet.ts';

/** An interface that is not there yet: a rule that names the present ones does not hold for it. */
const anyOther = 'doctor0';
const publicSources = { 4: '8.8.4.7', 6: '2a00::7' } as const;
const maxPackets = 600;

/**
 * Packets to the port from everywhere but this host itself and the given subnets: from each interface, from one that
 * may come later, from a neighbour and from a public address, to each address of this host (Linux answers on any
 * interface for all of them), over IPv4 and IPv6.
 * @param allowed subnets whose packets are not among them
 * @param open addresses of this host that are left out, as what reaches them is not to change
 */
export function controlPackets(
  network: HostNetwork,
  port: number,
  allowed: readonly string[],
  open: readonly string[] = [],
): Packet[] {
  const up = network.addresses.filter((own) => own.up && own.scope !== 'host' && own.interface !== 'lo');
  const interfaces = [...new Set(up.map((own) => own.interface)), anyOther];
  const packets: Packet[] = [];
  for (const family of [4, 6] as const) {
    const ofFamily = up.filter((own) => own.address.includes(':') === (family === 6));
    const addresses = [...new Set(ofFamily.map((own) => own.address))];
    // Closed as well where there is no address yet: one may come.
    if (addresses.length === 0) addresses.push(family === 4 ? '192.0.2.1' : 'fe80::1');
    for (const inInterface of interfaces) {
      const own = ofFamily.filter((one) => one.interface === inInterface);
      const neighbours = own.flatMap((one) => neighbourOf(one.address, one.prefixLength));
      for (const source of [...neighbours, publicSources[family]]) {
        if (allowed.some((subnet) => isIn(source, subnet))) continue;
        for (const destination of addresses) {
          if (destination === source || open.includes(destination)) continue;
          // A link-local address is answered on its own link alone.
          if (isLinkLocal(destination) && !own.some((one) => one.address === destination) && own.length > 0)
            continue;
          packets.push({ inInterface, source, destination, destinationPort: port });
        }
      }
    }
  }
  return packets.slice(0, maxPackets);
}

function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/iu.test(address);
}

/** Another address of the same link. */
function neighbourOf(address: string, prefixLength: number): string[] {
  if (address.includes(':')) {
    if (prefixLength > 126) return [];
    const groups = address.split(':');
    const last = Number.parseInt(groups.at(-1) || '0', 16);
    return Number.isNaN(last) ? [] : [[...groups.slice(0, -1), (last ^ 1).toString(16)].join(':')];
  }
  if (prefixLength > 30) return [];
  const parts = address.split('.').map(Number);
  const last = parts[3] ?? 0;
  return [[...parts.slice(0, 3), last % 4 === 2 ? last - 1 : (last & ~3) + 2].join('.')];
}

/** The verdict on each packet, in order. */
export function verdicts(
  listings: readonly RulesetListing[],
  packets: readonly Packet[],
  network: HostNetwork,
): Verdict[] {
  const host = hostFacts(network);
  return packets.map((packet) => settled(decide({ rulesets: listings, packet, host })).verdict);
}
