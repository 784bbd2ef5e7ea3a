import type { Container } from '../facts/containers.ts';
import type { HostNetwork } from '../facts/network.ts';
import { isInRange } from './address-range.ts';

/**
 * Whether an address is most likely what a container engine's network once had for this host: the first address of a
 * subnet from the pools that Docker and Podman take theirs from by themselves (moby `ipamutils`, container-libs
 * `subnet_pools`), which no network and no interface here has now.
 *
 * @returns the networks there are now, as evidence; undefined when it is none
 */
export function pastGateway(
  address: string,
  network: HostNetwork | undefined,
  containers: readonly Container[],
): { current: string[] } | undefined {
  if (!network || !fromAPool(address)) return undefined;
  const subnets = containers.flatMap((one) =>
    one.networks.flatMap((own) => own.subnets.map((subnet) => ({ name: own.name, ...subnet }))),
  );
  const held = [
    ...subnets.map(({ subnet }) => subnet),
    ...network.addresses.map((own) => `${own.address}/${own.prefixLength}`),
    ...network.routes.map((route) => route.destination),
  ];
  if (held.some((range) => isInRange(range, address))) return undefined;
  const current = subnets
    .filter(({ subnet }) => subnet.includes('.'))
    .map(
      ({ name, subnet, gateway }) =>
        `${name}: ${subnet}${gateway === undefined ? '' : `, gateway ${gateway}`}`,
    );
  return { current: [...new Set(current)] };
}

/** 172.17 to 172.31 as /16, 192.168 as /20, Podman's 10.88 to 10.255 as /16 and /24. */
function fromAPool(address: string): boolean {
  const [, a, b, c, d] = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/u.exec(address) ?? [];
  if (a === undefined || d !== '1') return false;
  const second = Number(b);
  const third = Number(c);
  if (a === '172') return second >= 17 && second <= 31 && third === 0;
  if (a === '192') return second === 168 && third % 16 === 0 && third > 0;
  return a === '10' && ((second === 88 && third === 0) || second === 89);
}
