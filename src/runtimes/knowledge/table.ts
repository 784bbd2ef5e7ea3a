import type { AccessId, HostAccess } from './host-access.ts';

const dockerName = 'host.docker.internal';
const podmanName = 'host.containers.internal';
const byDefault = true;

/** Common to products that run the engine in a VM and bring its packets to this host by a process of their own. */
const throughProxy = { loopback: 'reached', source: 'loopback', hook: 'lo' } as const;

/** What each Podman writes into a container's /etc/hosts. */
const podmanNames = [
  { name: podmanName, byDefault, since: '3.2' },
  { name: dockerName, byDefault, since: '5.3' },
];

/** Common to Podman without root, whatever carries its packets: they come from this host's own processes. */
const rootlessPodman = {
  names: podmanNames,
  hostGateway: 'harmless',
  loopback: 'when-allowed',
  source: 'host',
  hook: 'lo',
} as const;

/** The address that Podman has pasta map to this host's main address (`--map-guest-addr`, Podman 5.3, passt 2024_08_14). */
export const pastaHost = '169.254.1.2';
/** The address of this host in slirp4netns's network (slirp4netns(1)). */
const slirpHost = '10.0.2.2';

/** What is known of each kind of engine. */
export const hostAccessTable: Readonly<Record<AccessId, HostAccess>> = {
  'docker-engine': {
    id: 'docker-engine',
    title: 'Docker Engine',
    names: [{ name: dockerName, byDefault: false, since: '20.10' }],
    addresses: [],
    hostGateway: 'needed',
    loopback: 'not-reached',
    source: 'container',
    hook: 'bridge',
    sources: ['moby daemon/daemon_unix.go setHostGatewayIP', 'moby/moby pull request 40007'],
  },
  'docker-rootless': {
    id: 'docker-rootless',
    title: 'rootless Docker',
    names: [{ name: dockerName, byDefault: false, since: '20.10' }],
    addresses: [slirpHost, '10.0.2.1', '192.168.65.2'],
    hostGateway: 'useless',
    loopback: 'when-allowed',
    source: 'host',
    hook: 'lo',
    allowLoopback:
      'let rootless Docker reach this host’s loopback: in ~/.config/systemd/user/docker.service.d/override.conf ' +
      'put [Service] and Environment="DOCKERD_ROOTLESS_ROOTLESSKIT_DISABLE_HOST_LOOPBACK=false", in ' +
      '~/.config/docker/daemon.json {"host-gateway-ip": "10.0.2.2"}, then: systemctl --user daemon-reload && ' +
      'systemctl --user restart docker (this stops its containers)',
    sources: ['moby/moby issues 47684 and 41904', 'docker/docs issue 21986', 'slirp4netns(1)'],
  },
  'docker-desktop': {
    id: 'docker-desktop',
    title: 'Docker Desktop',
    names: [
      { name: dockerName, byDefault, since: '18.03' },
      { name: 'gateway.docker.internal', byDefault },
    ],
    addresses: ['192.168.65.254', '192.168.65.2', '192.168.65.1', 'fdc4:f303:9324::254'],
    hostGateway: 'harmless',
    ...throughProxy,
    sources: ['docs.docker.com/desktop/features/networking', 'docker/for-linux issue 264'],
  },
  orbstack: {
    id: 'orbstack',
    title: 'OrbStack',
    names: [
      { name: dockerName, byDefault },
      { name: 'host.orb.internal', byDefault },
    ],
    addresses: ['0.250.250.254', '198.19.248.254'],
    hostGateway: 'harmless',
    ...throughProxy,
    sources: ['docs.orbstack.dev/docker/network'],
  },
  colima: {
    id: 'colima',
    title: 'Colima',
    names: [
      { name: dockerName, byDefault },
      { name: 'host.lima.internal', byDefault },
    ],
    addresses: ['192.168.5.2'],
    hostGateway: 'harmless',
    ...throughProxy,
    sources: ['colima environment/vm/lima/network', 'abiosoft/colima issues 902 and 949'],
  },
  lima: {
    id: 'lima',
    title: 'Lima',
    names: [
      { name: dockerName, byDefault, since: '0.8.3' },
      { name: 'host.lima.internal', byDefault },
    ],
    addresses: ['192.168.5.2'],
    hostGateway: 'breaks',
    ...throughProxy,
    sources: ['lima templates/docker.yaml (rootless: host-gateway is 172.17.0.1)', 'lima docs, network/user'],
  },
  'rancher-desktop': {
    id: 'rancher-desktop',
    title: 'Rancher Desktop',
    names: [
      { name: dockerName, byDefault },
      { name: 'host.rancher-desktop.internal', byDefault },
    ],
    addresses: ['192.168.5.2', '192.168.127.254'],
    hostGateway: 'breaks',
    ...throughProxy,
    sources: ['docs.rancherdesktop.io/faq', 'rancher-sandbox/rancher-desktop issues 5095, 6987 and 7611'],
  },
  'podman-bridge': {
    id: 'podman-bridge',
    title: 'Podman',
    names: podmanNames,
    addresses: [],
    hostGateway: 'harmless',
    loopback: 'not-reached',
    source: 'container',
    hook: 'bridge',
    sources: ['container-libs etchosts/ip.go', 'podman release notes 3.2, 4.7 and 5.3'],
  },
  'podman-pasta': {
    id: 'podman-pasta',
    title: 'rootless Podman (pasta)',
    ...rootlessPodman,
    addresses: [pastaHost],
    allowLoopback: `start it with --network pasta:--map-host-loopback,${pastaHost}, and Ollama may stay on loopback`,
    sources: ['pasta(1)', 'podman release notes 5.0 and 5.3', 'containers/podman issues 28718 and 28435'],
  },
  'podman-slirp4netns': {
    id: 'podman-slirp4netns',
    title: 'rootless Podman (slirp4netns)',
    ...rootlessPodman,
    addresses: [slirpHost],
    allowLoopback:
      'start it with --network slirp4netns:allow_host_loopback=true and the URL http://10.0.2.2:11434, and Ollama ' +
      'may stay on loopback',
    sources: ['slirp4netns(1)', 'podman-run(1), --network'],
  },
  'podman-rootless-bridge': {
    id: 'podman-rootless-bridge',
    title: 'rootless Podman (a network of its own)',
    ...rootlessPodman,
    addresses: [pastaHost],
    allowLoopback:
      `give pasta the option in containers.conf ([network] pasta_options = ["--map-host-loopback", "${pastaHost}"]) ` +
      'and start all of this user’s containers again, and Ollama may stay on loopback',
    sources: ['pasta(1)', 'containers.conf(5)', 'container-libs libnetwork/internal/rootlessnetns'],
  },
  'podman-machine': {
    id: 'podman-machine',
    title: 'Podman machine',
    names: [
      { name: podmanName, byDefault },
      { name: dockerName, byDefault },
    ],
    addresses: ['192.168.127.254'],
    hostGateway: 'harmless',
    ...throughProxy,
    sources: ['containers/gvisor-tap-vsock', 'containers/podman issues 25152 and 28351 (WSL provider)'],
  },
};
