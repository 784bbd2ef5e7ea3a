import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/engine/check.ts';
import type { Container } from '../../src/facts/containers.ts';
import type { ResolveResult } from '../../src/machine/machine.ts';
import {
  client,
  container,
  failed,
  type HostOfValues,
  loopback,
  ollama,
  rowsOf,
  rules,
  seen,
  service,
} from './host-of-values.ts';

const only = (rows: Row[], id: string): Row | undefined => rows.find((row) => row.id === id);
const codes = (rows: Row[]): string[] =>
  rows.flatMap((row) =>
    row.status === 'fail' && row.code !== undefined && row.explainedBy === undefined ? [row.code] : [],
  );

const onLoopback: Partial<HostOfValues> = {
  services: seen([service({ processHost: { source: '/proc/812/environ' } })]),
  listeners: seen({ listeners: [loopback], ownersKnown: true }),
};

/** A host with one container of the given kind, whose URL's name is `address` there, and what it gets. */
const hostWith = (
  of: Partial<Container>,
  address: string,
  change: Partial<HostOfValues> = {},
  url?: string,
): Promise<Row[]> => {
  const one = container({ extraHosts: [], ...of });
  return rowsOf({
    rulesets: rules(),
    containers: seen([one]),
    clients: [client(url, one)],
    resolved: { outcome: 'resolved', addresses: [address] },
    answer: failed('refused'),
    ...change,
  });
};

const rootlessPodman: Partial<Container> = {
  runtime: 'podman',
  product: 'podman',
  rootless: true,
  engineVersion: '5.4.2',
};
const pasta: Partial<Container> = { ...rootlessPodman, networkMode: 'pasta', networks: [] };
const ownNetwork: Partial<Container> = {
  ...rootlessPodman,
  networkMode: 'bridge',
  networks: [
    {
      name: 'rnet',
      id: '45',
      driver: 'bridge',
      internal: false,
      address: '10.89.1.2',
      subnets: [{ subnet: '10.89.1.0/24', gateway: '10.89.1.1' }],
      aliases: [],
    },
  ],
};
const slirp: Partial<Container> = { ...rootlessPodman, networkMode: 'slirp4netns', networks: [] };
const rootlessDocker: Partial<Container> = {
  rootless: true,
  networkMode: 'bridge',
  networks: [],
  extraHosts: ['host.docker.internal:host-gateway'],
};

describe('rootless Podman with pasta', () => {
  it('calls 169.254.1.2 this host, by its main address, and names the loopback bind with both cures', async () => {
    const rows = await hostWith(pasta, '169.254.1.2', onLoopback, 'http://host.containers.internal:11434');
    expect(codes(rows)).toEqual(['bind-loopback']);
    expect(only(rows, 'bind-address')).toMatchObject({
      recipe: 'bind-all-interfaces',
      instructions: [expect.stringContaining('pasta:--map-host-loopback,169.254.1.2') as unknown],
    });
    expect(only(rows, 'bind-address')?.summary).not.toContain('bridge');
    expect(only(rows, 'gateway-route')?.summary).toBe("169.254.1.2 is this host's 192.168.1.10 there");
    expect(only(rows, 'firewall')?.status).toBe('pass');
  });

  it('has no complaint where the option was given and the probe got through', async () => {
    const rows = await hostWith(pasta, '169.254.1.2', { ...onLoopback, answer: ollama });
    expect(codes(rows)).toEqual([]);
  });

  it('knows that the host’s main address is the container’s own copy', async () => {
    const old = { ...pasta, engineVersion: '5.2.0' };
    const rows = await hostWith(old, '192.168.1.10', {}, 'http://host.containers.internal:11434');
    expect(codes(rows)).toEqual(['dns-wrong-address']);
    expect(only(rows, 'container-dns')?.summary).toContain("the container's own");
    const literal = await hostWith(pasta, '192.168.1.10', {}, 'http://192.168.1.10:11434');
    expect(codes(literal)).toEqual(['url-localhost']);
  });

  it('looks for the rule that drops it at lo, and offers no rule for a subnet', async () => {
    const rows = await hostWith(
      pasta,
      '169.254.1.2',
      { answer: failed('timeout'), rulesets: rules('[3:180] -A INPUT -p tcp -m tcp --dport 11434 -j DROP') },
      'http://host.containers.internal:11434',
    );
    expect(codes(rows)).toEqual(['firewall-drop']);
    const row = only(rows, 'firewall');
    expect(row?.summary).toContain('192.168.1.10 on lo to 192.168.1.10:11434');
    expect(row?.recipe).toBeUndefined();
    expect(row?.instructions?.[0]).toContain('-i lo');
  });

  it('tells a network of its own apart: its gateway is not this host', async () => {
    const named = await hostWith(
      ownNetwork,
      '169.254.1.2',
      onLoopback,
      'http://host.containers.internal:11434',
    );
    expect(codes(named)).toEqual(['bind-loopback']);
    expect(only(named, 'bind-address')?.instructions?.[0]).toContain('containers.conf');
    const gateway = await hostWith(ownNetwork, '10.89.1.1', {}, 'http://10.89.1.1:11434');
    expect(codes(gateway)).toEqual(['route-wrong']);
  });
});

describe('slirp4netns', () => {
  it('is refused at this host’s address while Ollama is on loopback', async () => {
    const rows = await hostWith(slirp, '192.168.1.10', onLoopback, 'http://host.containers.internal:11434');
    expect(codes(rows)).toEqual(['bind-loopback']);
    expect(only(rows, 'bind-address')?.instructions?.[0]).toContain('allow_host_loopback=true');
  });

  it('says what lets it to 10.0.2.2', async () => {
    const answer = { ...failed('network-unreachable'), address: '10.0.2.2' };
    const rows = await hostWith(slirp, '10.0.2.2', { ...onLoopback, answer }, 'http://10.0.2.2:11434');
    expect(codes(rows)).toEqual(['route-missing']);
    expect(only(rows, 'gateway-route')).toMatchObject({
      summary: expect.stringContaining("this host's loopback") as unknown,
      instructions: [expect.stringContaining('allow_host_loopback=true') as unknown],
    });
  });
});

describe('rootless Docker', () => {
  it('knows that host-gateway is an address of its own network, and asks for no open bind', async () => {
    const rows = await hostWith(rootlessDocker, '172.17.0.1', onLoopback);
    expect(codes(rows)).toEqual(['dns-wrong-address']);
    expect(only(rows, 'container-dns')).toMatchObject({
      summary: expect.stringContaining('rootless Docker’s own network') as unknown,
      instructions: [
        expect.stringContaining('DISABLE_HOST_LOOPBACK=false') as unknown,
        expect.stringContaining('ollama-doctor url --from web') as unknown,
      ],
    });
  });

  it('gives --network host no loopback of this host', async () => {
    const rows = await hostWith(
      { ...rootlessDocker, networkMode: 'host' },
      '127.0.0.1',
      {},
      'http://127.0.0.1:11434',
    );
    expect(codes(rows)).toEqual(['url-localhost']);
  });
});

describe('products with a VM: a loopback bind is right', () => {
  const products = [
    ['docker-desktop', '192.168.65.254', 'host.docker.internal'],
    ['orbstack', '0.250.250.254', 'host.docker.internal'],
    ['colima', '192.168.5.2', 'host.docker.internal'],
    ['lima', '192.168.5.2', 'host.lima.internal'],
    ['rancher-desktop', '192.168.5.2', 'host.rancher-desktop.internal'],
    ['podman-machine', '192.168.127.254', 'host.containers.internal'],
  ] as const;

  it.each(products)(
    '%s: no complaint of it, whatever became of the request',
    async (product, address, name) => {
      const runtime = product === 'podman-machine' ? 'podman' : 'docker';
      const url = `http://${name}:11434`;
      for (const answer of [ollama, failed('refused'), failed('timeout')]) {
        const rows = await hostWith(
          { product, runtime, networks: [] },
          address,
          { ...onLoopback, answer },
          url,
        );
        expect(only(rows, 'bind-address')?.status).toBe('pass');
        expect(only(rows, 'firewall')?.status).not.toBe('fail');
        expect(only(rows, 'gateway-route')?.status).toBe('pass');
      }
    },
  );

  it.each(['rancher-desktop', 'lima'] as const)(
    '%s: a host-gateway line is what breaks it',
    async (product) => {
      const compose = { project: 'ai', service: 'web', configFiles: ['/srv/ai/compose.yml'] };
      const line = 'host.docker.internal:host-gateway';
      const rows = await hostWith(
        { product, networks: [], extraHosts: [line], compose },
        '172.17.0.1',
        onLoopback,
      );
      expect(codes(rows)).toEqual(['dns-wrong-address']);
      const row = only(rows, 'container-dns');
      expect(row?.summary).toContain(`The line ${line} hides the name`);
      expect(row?.instructions).toEqual([
        'take the line for host.docker.internal out of extra_hosts of service web in /srv/ai/compose.yml',
        'then: docker compose up -d web',
      ]);
    },
  );

  it('a line with host-gateway is harmless on Docker Desktop', async () => {
    const rows = await hostWith(
      { product: 'docker-desktop', networks: [], extraHosts: ['host.docker.internal:host-gateway'] },
      '192.168.65.254',
      { ...onLoopback, answer: ollama },
    );
    expect(codes(rows)).toEqual([]);
  });

  it('--network host there is the VM’s, unless the probe says otherwise', async () => {
    const of: Partial<Container> = { product: 'docker-desktop', networkMode: 'host', networks: [] };
    const url = 'http://localhost:11434';
    expect(codes(await hostWith(of, '127.0.0.1', onLoopback, url))).toEqual(['url-localhost']);
    expect(codes(await hostWith(of, '127.0.0.1', { ...onLoopback, answer: ollama }, url))).toEqual([]);
  });
});

describe('Docker Desktop with Ollama in a WSL distribution', () => {
  const identity = (environment: 'wsl2' | 'native'): HostOfValues['identity'] => ({
    platform: 'linux',
    environment,
    arch: 'x64',
    release: '6.6.87.2-microsoft-standard-WSL2',
    hostname: 'laptop',
    elevated: false,
    user: 'dora',
    uid: 1000,
    home: '/home/dora',
    env: {},
  });
  const desktop: Partial<Container> = { product: 'docker-desktop', networks: [] };

  it.each(['refused', 'timeout'] as const)(
    'names the open bind that broke what worked (%s)',
    async (failure) => {
      const rows = await hostWith(desktop, '192.168.65.254', {
        identity: identity('wsl2'),
        answer: failed(failure),
      });
      expect(codes(rows)).toEqual(['bind-dual-stack']);
      const row = only(rows, 'bind-address');
      expect(row?.recipe).toBeUndefined();
      expect(row?.instructions?.[0]).toContain('unset OLLAMA_HOST');
    },
  );

  it('has nothing to say where it works, or on a host that is no WSL', async () => {
    const works = await hostWith(desktop, '192.168.65.254', { identity: identity('wsl2'), answer: ollama });
    expect(codes(works)).toEqual([]);
    const native = await hostWith(desktop, '192.168.65.254', { identity: identity('native') });
    expect(only(native, 'bind-address')?.status).toBe('pass');
  });

  it('is content with loopback there', async () => {
    const rows = await hostWith(desktop, '192.168.65.254', {
      ...onLoopback,
      identity: identity('wsl2'),
      answer: ollama,
    });
    expect(codes(rows)).toEqual([]);
  });

  it('but Docker Engine in the same distribution needs the open bind', async () => {
    const rows = await hostWith({}, '172.17.0.1', { ...onLoopback, identity: identity('wsl2') });
    expect(codes(rows)).toContain('bind-loopback');
  });
});

describe('networks that do not lead here', () => {
  const macvlan = {
    name: 'lan',
    id: 'aa',
    driver: 'macvlan',
    internal: false,
    address: '192.168.1.130',
    subnets: [{ subnet: '192.168.1.0/24', gateway: '192.168.1.1' }],
    aliases: [],
  };

  it('none: no network at all, whatever the name is there', async () => {
    const names: ResolveResult[] = [
      { outcome: 'resolved', addresses: ['172.17.0.1'] },
      { outcome: 'name-not-found', detail: 'ENOTFOUND' },
    ];
    for (const resolved of names) {
      const rows = await hostWith({ networkMode: 'none', networks: [] }, '', {
        resolved,
        answer: failed(resolved.outcome === 'resolved' ? 'network-unreachable' : 'name-not-found'),
      });
      expect(codes(rows)).toEqual(['route-missing']);
      expect(only(rows, 'gateway-route')?.summary).toContain('no network at all');
    }
  });

  it('internal: names the one address that works from there', async () => {
    const [own] = container().networks;
    const networks = [{ ...own!, internal: true }];
    const rows = await hostWith({ networks }, '172.17.0.1', { answer: failed('network-unreachable') });
    expect(codes(rows)).toEqual(['route-missing']);
    const row = only(rows, 'gateway-route');
    expect(row?.summary).toContain('app_default is internal');
    expect(row?.instructions?.[0]).toContain('ask for 172.18.0.1');
  });

  it('macvlan: the kernel lets nothing to the host itself', async () => {
    const of = { networkMode: 'lan', networks: [macvlan] };
    const rows = await hostWith(of, '192.168.1.10', { answer: failed('host-unreachable') });
    expect(codes(rows)).toEqual(['route-wrong']);
    expect(only(rows, 'gateway-route')?.summary).toContain('macvlan network lan');
  });
});
