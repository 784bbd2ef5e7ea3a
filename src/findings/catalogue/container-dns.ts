import type { Group } from '../entry.ts';

/** Codes of the check `container-dns`: the name in the URL, as the container sees it. */
export const containerDns = {
  'dns-missing': {
    title: 'The container does not know the name in its URL',
    meaning:
      'The name cannot be turned into an address inside the container ("getaddrinfo ENOTFOUND", "Name or service not known"). Docker on Linux gives containers no host.docker.internal unless asked to, unlike Docker Desktop; and a service name is known only on a network that both containers share.',
    look: [
      { command: 'docker exec NAME getent hosts host.docker.internal', tells: 'nothing' },
      { command: 'docker exec NAME cat /etc/hosts', tells: 'no line with the name' },
    ],
    mend: 'Give the service `extra_hosts: ["host.docker.internal:host-gateway"]` in its compose file (or `--add-host=host.docker.internal:host-gateway` to docker run) and make the container again with `docker compose up -d`.',
    recipes: ['add-host-gateway'],
  },
  'dns-wrong-address': {
    title: 'The name in the URL leads to a wrong address',
    meaning:
      'The container knows the name, and the address behind it is not one where this host can be met: a leftover line in /etc/hosts, a wrong answer of a DNS server, an address of a network that is gone, or an address inside the network of a rootless engine or of a VM (Rancher Desktop and Lima: a host-gateway line does that).',
    look: [
      { command: 'docker exec NAME getent ahosts host.docker.internal', tells: 'the address it gets' },
      { on: 'linux', command: 'ip -br address', tells: 'the addresses this host has' },
    ],
    mend: 'Remove the line or record that is wrong, and let Docker fill it in: `extra_hosts: ["host.docker.internal:host-gateway"]`, then `docker compose up -d`. On Rancher Desktop and Lima take the host-gateway line away; with a rootless engine see what the report says for it.',
    recipes: [],
  },
} as const satisfies Group;
