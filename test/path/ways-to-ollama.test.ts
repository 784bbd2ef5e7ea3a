import { describe, expect, it } from 'vitest';
import type { Container, ContainerNetwork } from '../../src/facts/containers.ts';
import type { HostNetwork, Listener } from '../../src/facts/network.ts';
import { type Surroundings, waysFromContainer, waysFromHost } from '../../src/path/ways-to-ollama.ts';

const net = (change: Partial<ContainerNetwork> = {}): ContainerNetwork => ({
  name: 'app_default',
  id: '1a2b3c4d5e6f',
  driver: 'bridge',
  internal: false,
  address: '172.18.0.2',
  subnets: [{ subnet: '172.18.0.0/16', gateway: '172.18.0.1' }],
  aliases: ['web'],
  ...change,
});

const container = (change: Partial<Container> = {}): Container => ({
  runtime: 'docker',
  endpoint: 'unix:///d.sock',
  product: 'docker-engine',
  id: 'f00dfeedf00d',
  name: 'web',
  image: 'app:1',
  state: 'running',
  networkMode: 'app_default',
  networks: [net()],
  extraHosts: [],
  env: {},
  argumentsWithUrl: [],
  servesOllama: false,
  ports: [],
  ...change,
});

/** A server in a container, as compose starts it. */
const ollama = (change: Partial<Container> = {}): Container =>
  container({
    id: 'abcdef012345',
    name: 'ai-ollama-1',
    image: 'ollama/ollama',
    servesOllama: true,
    compose: { project: 'ai', service: 'ollama', configFiles: [] },
    networks: [net({ address: '172.18.0.9', aliases: ['ai-ollama-1', 'ollama', 'abcdef012345'] })],
    ...change,
  });

const network: HostNetwork = {
  addresses: [
    { interface: 'lo', address: '127.0.0.1', prefixLength: 8, scope: 'host', up: true },
    { interface: 'eth0', address: 'fd00::10', prefixLength: 64, scope: 'global', up: true },
    { interface: 'eth0', address: '192.0.2.10', prefixLength: 24, scope: 'global', up: true },
    { interface: 'docker0', address: '172.17.0.1', prefixLength: 16, scope: 'global', up: true },
  ],
  routes: [{ destination: 'default', interface: 'eth0', gateway: '192.0.2.1', family: 4 }],
  bridgePorts: {},
  sysctls: {},
};

const listener = (address: string, change: Partial<Listener> = {}): Listener => ({
  address,
  port: 11_434,
  family: address.includes(':') ? 6 : 4,
  wildcard: false,
  v6only: false,
  ...change,
});

const around = (change: Partial<Surroundings> = {}): Surroundings => ({
  server: { port: 11_434, url: new URL('http://127.0.0.1:11434/') },
  network,
  containers: [],
  configured: [],
  ...change,
});

/** Without `http://` and without the port where it is Ollama's own, for tables. */
const short = (urls: string[]): string[] =>
  urls.map((url) => url.replace(/^http:\/\//u, '').replace(/:11434$/u, ''));
const from = (asking: Container, change: Partial<Surroundings> = {}): string[] =>
  short(waysFromContainer(asking, around(change)));

const inVm = (product: Container['product']): Container => container({ product });
const podman = (change: Partial<Container> = {}): Container =>
  container({
    runtime: 'podman',
    product: 'podman',
    networkMode: 'bridge',
    networks: [net({ name: 'podman', subnets: [{ subnet: '10.88.0.0/16', gateway: '10.88.0.1' }] })],
    ...change,
  });
const bridge = net({
  name: 'bridge',
  subnets: [{ subnet: '172.17.0.0/16', gateway: '172.17.0.1' }],
  aliases: [],
});

describe('the ways from a container to this host, by runtime and network', () => {
  it.each<[string, Container, Partial<Surroundings>, string[]]>([
    [
      'Docker, own network: the name, docker0, the network’s gateway, this host',
      container(),
      {},
      ['host.docker.internal', '172.17.0.1', '172.18.0.1', '192.0.2.10'],
    ],
    [
      'Docker, default network: docker0 is its gateway, once',
      container({ networkMode: 'bridge', networks: [bridge] }),
      {},
      ['host.docker.internal', '172.17.0.1', '192.0.2.10'],
    ],
    [
      'Docker, a name of the user’s own for host-gateway before the usual one',
      container({ extraHosts: ['gpu:host-gateway', 'db:10.0.0.9'] }),
      {},
      ['gpu', 'host.docker.internal', '172.17.0.1', '172.18.0.1', '192.0.2.10'],
    ],
    [
      'Docker, both names: the usual one first',
      container({ extraHosts: ['gpu:host-gateway', 'host.docker.internal:host-gateway'] }),
      {},
      ['host.docker.internal', 'gpu', '172.17.0.1', '172.18.0.1', '192.0.2.10'],
    ],
    [
      'Docker, no network: nothing but the name and docker0',
      container({ networkMode: 'none', networks: [] }),
      {},
      ['host.docker.internal', '172.17.0.1', '192.0.2.10'],
    ],
    [
      'Docker without root: the addresses its network drivers give the host, and no gateway, which is its own',
      container({ rootless: true }),
      {},
      ['host.docker.internal', '10.0.2.2', '10.0.2.1', '192.168.65.2', '192.0.2.10'],
    ],
    [
      'Podman without root: pasta’s address for the host, then bridges, which pasta does not copy',
      podman({ rootless: true, networkMode: 'pasta', networks: [] }),
      {},
      ['host.containers.internal', 'host.docker.internal', '169.254.1.2', '172.17.0.1', '192.0.2.10'],
    ],
    [
      'a network with IPv6: its IPv6 gateway and this host’s IPv6 address too',
      container({
        networks: [
          net({
            addressV6: 'fd01::2',
            subnets: [
              { subnet: 'fd01::/64', gateway: 'fd01::1' },
              { subnet: '172.18.0.0/16', gateway: '172.18.0.1' },
            ],
          }),
        ],
      }),
      {},
      ['host.docker.internal', '172.17.0.1', '172.18.0.1', '[fd01::1]', '192.0.2.10', '[fd00::10]'],
    ],
    [
      'Docker sharing the host’s network: loopback first',
      container({ networkMode: 'host', networks: [] }),
      {},
      ['127.0.0.1', 'host.docker.internal'],
    ],
    [
      'Podman: its own name, then Docker’s, then its network’s gateway',
      podman(),
      {},
      ['host.containers.internal', 'host.docker.internal', '10.88.0.1', '192.0.2.10'],
    ],
    [
      'Docker Desktop: its name alone, as gateways are its VM’s',
      inVm('docker-desktop'),
      {},
      ['host.docker.internal'],
    ],
    ['OrbStack: its own name too', inVm('orbstack'), {}, ['host.docker.internal', 'host.orb.internal']],
    [
      'Rancher Desktop: its own name too',
      inVm('rancher-desktop'),
      {},
      ['host.docker.internal', 'host.rancher-desktop.internal'],
    ],
    ['Colima: its own name too', inVm('colima'), {}, ['host.docker.internal', 'host.lima.internal']],
  ])('%s', (_, asking, change, expected) => {
    expect(from(asking, change)).toEqual(expected);
  });

  it('takes the port that Ollama really listens on', () => {
    const server = { port: 8080, url: new URL('http://127.0.0.1:8080/') };
    expect(from(inVm('docker-desktop'), { server })).toEqual(['host.docker.internal:8080']);
  });

  it('prefers what the container is set up with, and never an address to listen on', () => {
    const configured = ['http://0.0.0.0:11434', 'http://172.18.0.1:11434', 'https://ai.example/ollama'];
    expect(from(container(), { configured })).toEqual([
      '172.18.0.1',
      'https://ai.example/ollama',
      'host.docker.internal',
      '172.17.0.1',
      '192.0.2.10',
    ]);
  });

  it('keeps loopback first in the host’s network, by the name it is set up with', () => {
    const asking = container({ networkMode: 'host', networks: [] });
    const configured = ['http://192.0.2.10:11434', 'http://localhost:11434'];
    expect(from(asking, { configured })).toEqual([
      'localhost',
      '127.0.0.1',
      '192.0.2.10',
      'host.docker.internal',
    ]);
  });

  it('asks the one address that the server was told to listen on before this host’s others', () => {
    const server = {
      ...around().server,
      listeners: [listener('198.51.100.7'), listener('127.0.0.1')],
    };
    expect(from(container(), { server }).slice(-2)).toEqual(['198.51.100.7', '192.0.2.10']);
    const shared = container({ networkMode: 'host', networks: [] });
    expect(from(shared, { server }).at(-1)).toBe('198.51.100.7');
  });
});

describe('the ways from a container to another one that serves Ollama', () => {
  it('goes by the compose service on a shared network, then the container’s name, and by address late', () => {
    const ways = from(container(), { containers: [ollama()] });
    expect(ways.slice(0, 3)).toEqual(['ollama', 'ai-ollama-1', 'host.docker.internal']);
    expect(ways.slice(-2)).toEqual(['172.18.0.9', '192.0.2.10']);
  });

  it('takes the port it listens on inside, not the published one', () => {
    const other = ollama({
      env: { OLLAMA_HOST: '0.0.0.0:8000' },
      ports: [{ hostAddress: '0.0.0.0', hostPort: 9000, containerPort: 8000 }],
    });
    expect(from(container(), { containers: [other] })[0]).toBe('ollama:8000');
  });

  it('goes by its address on the default network, which knows no names', () => {
    const on = (address: string) => [{ ...bridge, address }];
    const other = ollama({ networks: on('172.17.0.9') });
    const ways = from(container({ networkMode: 'bridge', networks: on('172.17.0.2') }), {
      containers: [other],
    });
    expect(ways).toEqual(['host.docker.internal', '172.17.0.1', '172.17.0.9', '192.0.2.10']);
  });

  it('goes through its published port where no network is shared, unless that is on loopback', () => {
    const ports = [
      { hostAddress: '0.0.0.0', hostPort: 9000, containerPort: 11_434 },
      { hostAddress: '127.0.0.1', hostPort: 9001, containerPort: 11_434 },
      { hostAddress: '0.0.0.0', hostPort: 9002, containerPort: 80 },
    ];
    const apart = ollama({ ports, networks: [net({ id: '999999999999', name: 'other' })] });
    expect(from(inVm('docker-desktop'), { containers: [apart] })).toEqual([
      'host.docker.internal',
      'host.docker.internal:9000',
    ]);
  });

  it.each([
    ['stopped', { state: 'exited' as const }],
    ['another engine’s', { endpoint: 'unix:///other.sock' }],
  ])('knows no name of one that is %s', (_, change) => {
    expect(from(container(), { containers: [ollama(change)] })[0]).toBe('host.docker.internal');
  });

  it('asks loopback first in a network shared with the server, either way round, and in the server itself', () => {
    const server = ollama();
    const sidecar = container({ networkMode: `container:${server.id}` });
    expect(from(sidecar, { containers: [server] })[0]).toBe('127.0.0.1');
    const guest = ollama({ networkMode: 'container:web' });
    expect(from(container(), { containers: [guest] })[0]).toBe('127.0.0.1');
    expect(from(server, { containers: [server] })[0]).toBe('127.0.0.1');
    expect(from(container(), { containers: [server] })).not.toContain('127.0.0.1');
  });
});

describe('the ways from this host', () => {
  const ways = (change: Partial<Surroundings> = {}): string[] => short(waysFromHost(around(change)));

  it('is loopback by its address, as the name is ::1 first for many programs', () => {
    expect(ways()).toEqual(['127.0.0.1']);
  });

  it('is what the shell is set up with, then where the server is', () => {
    const server = { port: 8080, url: new URL('http://192.0.2.10:8080/') };
    expect(ways({ server, configured: ['http://gpu:11434'] })).toEqual([
      'gpu',
      '192.0.2.10:8080',
      '127.0.0.1:8080',
    ]);
  });

  it('is ::1 too where a server listens on IPv6 alone', () => {
    const at = (one: Listener): string[] => ways({ server: { ...around().server, listeners: [one] } });
    expect(at(listener('::1'))).toContain('[::1]');
    expect(at(listener('::', { wildcard: true, v6only: true }))).toContain('[::1]');
    expect(at(listener('::', { wildcard: true }))).toEqual(['127.0.0.1']);
  });

  it('is the published port of a container, on loopback too, and its address last', () => {
    const ports = [{ hostAddress: '127.0.0.1', hostPort: 9001, containerPort: 11_434 }];
    expect(ways({ containers: [ollama({ ports })] })).toEqual(['127.0.0.1', '127.0.0.1:9001', '172.18.0.9']);
    expect(ways({ containers: [ollama({ ports, product: 'docker-desktop' })] })).toEqual([
      '127.0.0.1',
      '127.0.0.1:9001',
    ]);
  });
});
