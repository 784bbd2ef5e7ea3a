import { must, run } from './process.ts';
import type { RunFolder } from './run-folder.ts';

/** The addresses on the wire between a host and the public side (RFC 5737, RFC 4193). */
export const wire = {
  host: { interface: 'eth0', mac: '02:00:5e:00:53:10', ipv4: '192.0.2.10', ula: 'fd42:db8:0:2::10' },
  public: { interface: 'pub0', mac: '02:00:5e:00:53:01', ipv4: '192.0.2.1', ula: 'fd42:db8:0:2::1' },
  /** What the MAC address makes of itself in fe80::/64 (RFC 4291, appendix A). */
  hostLinkLocal: 'fe80::5eff:fe00:5310',
};

/**
 * Makes the network of a host: its namespace, the public side's, and a veth pair between them. On a reboot it
 * is made anew, so that nothing the kernel kept (rules, bridges, connections, sysctls) outlives the host.
 */
export async function layWire(folder: RunFolder): Promise<void> {
  const { host, public: far } = wire;
  await cutWire(folder);
  await must(['ip', 'netns', 'add', folder.id]);
  await must(['ip', 'netns', 'add', folder.publicId]);
  await must(
    `ip link add ${host.interface} netns ${folder.id} address ${host.mac} type veth peer name ${far.interface} netns ${folder.publicId} address ${far.mac}`.split(
      ' ',
    ),
  );
  await furnish(folder.id, host, [`route add default via ${far.ipv4}`]);
  await furnish(folder.publicId, far, []);
}

/** Removes both namespaces with all that is in them. */
async function cutWire(folder: RunFolder): Promise<void> {
  await run(['ip', 'netns', 'del', folder.id]);
  await run(['ip', 'netns', 'del', folder.publicId]);
}

async function furnish(
  namespace: string,
  end: { interface: string; ipv4: string; ula: string },
  more: readonly string[],
): Promise<void> {
  const name = end.interface;
  // Without duplicate address detection: an address must answer at once, not a second later.
  const settings = `/proc/sys/net/ipv6/conf/${name}`;
  const quiet = `echo 0 >${settings}/accept_dad; echo 0 >${settings}/accept_ra`;
  await must([...inNetwork(namespace), 'sh', '-c', quiet]);
  const batch = [
    'link set lo up',
    `link set ${name} up`,
    `address add ${end.ipv4}/24 dev ${name}`,
    `address add ${end.ula}/64 dev ${name} nodad`,
    ...more,
  ];
  await must([...inNetwork(namespace), 'ip', '-batch', '-'], { input: `${batch.join('\n')}\n` });
}

/** What to put before a command so that it runs in a network namespace (ip netns exec would hide the cgroups). */
export function inNetwork(namespace: string): string[] {
  return ['nsenter', `--net=/run/netns/${namespace}`, '--'];
}
