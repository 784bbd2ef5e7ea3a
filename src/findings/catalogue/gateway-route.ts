import type { Group } from '../entry.ts';

/** Codes of the check `gateway-route`: the way from the container to the host. */
export const gatewayRoute = {
  'route-missing': {
    title: 'The container has no way to the host',
    meaning:
      'From the network the container is on, no route leads to the address of Ollama: the network is internal, the container has no network at all, or a rootless network keeps the host out of reach. Connections fail with "Network is unreachable" before a packet is sent.',
    look: [
      { command: 'docker exec NAME ip route', tells: 'no default route' },
      { command: 'docker network inspect NETWORK --format "{{.Internal}}"', tells: 'true' },
    ],
    mend: 'Put the container on a second network that is not internal (`docker network connect bridge NAME`, or in the compose file), or run Ollama in a container on the same network.',
    recipes: [],
  },
  'route-wrong': {
    title: 'Packets to Ollama leave by the wrong way',
    meaning:
      'A route exists, and it leads elsewhere: a VPN or another network uses the same address range as the container network, so requests or their answers go there; a macvlan network, from which the kernel lets nothing to its own host; or an address inside the network of a rootless engine or of a VM. It mostly looks like a firewall that drops everything.',
    look: [
      {
        on: 'linux',
        command: 'ip route get ADDRESS',
        tells: 'an interface that is not the bridge of the container',
      },
      { on: 'linux', command: 'ip route; docker network ls', tells: 'two networks with the same range' },
    ],
    mend: 'Give the container network another range (`ipam` in the compose file, or default-address-pools in /etc/docker/daemon.json), or take the range out of the VPN.',
    recipes: [],
  },
} as const satisfies Group;
