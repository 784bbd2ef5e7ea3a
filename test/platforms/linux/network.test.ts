import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simulate } from '../../../src/machine/simulated.ts';
import type { SimulationScript } from '../../../src/machine/simulated.ts';
import { parseIpAddr, parseIpRoute } from '../../../src/platforms/linux/ip-json.ts';
import { lookAtNetwork } from '../../../src/platforms/linux/network.ts';
import { captured } from './captured.ts';

const commands = {
  'ip -j -d addr show': captured('trixie', 'ip-addr.json'),
  'ip -j -4 route show': captured('trixie', 'ip-route4.json'),
  'ip -j -6 route show': captured('trixie', 'ip-route6.json'),
};

async function network(script: SimulationScript = {}) {
  const looked = await lookAtNetwork(simulate({ run: commands, ...script }));
  if (looked.state !== 'seen') throw new Error(JSON.stringify(looked));
  return looked.value;
}

describe('the network of a Docker host', () => {
  test('addresses, with their interfaces', async () => {
    const { addresses } = await network();
    expect(addresses).toContainEqual({
      interface: 'br-03892f7a7697',
      address: '172.18.0.1',
      prefixLength: 16,
      scope: 'global',
      up: true,
    });
    expect(addresses).toContainEqual({
      interface: 'lo',
      address: '::1',
      prefixLength: 128,
      scope: 'host',
      up: true,
    });
  });

  test('routes of both families', async () => {
    const { routes } = await network();
    expect(routes).toContainEqual({
      destination: 'default',
      interface: 'eth0',
      gateway: '192.0.2.1',
      family: 4,
    });
    expect(routes).toContainEqual({ destination: '172.18.0.0/16', interface: 'br-03892f7a7697', family: 4 });
    expect(routes).toContainEqual({ destination: 'fd42:db8:0:2::/64', interface: 'eth0', family: 6 });
  });

  test('ports of bridges, also of a bridge that has none', async () => {
    const { bridgePorts } = await network();
    expect(bridgePorts).toEqual({ docker0: [], 'br-03892f7a7697': ['vethde9d564'] });
  });

  test("the sysctls that decide about packets, not those of a bridge's ports", async () => {
    const { sysctls } = await network({
      files: {
        '/proc/sys/net/ipv4/conf/all/rp_filter': '2\n',
        '/proc/sys/net/ipv4/conf/docker0/route_localnet': '1\n',
        '/proc/sys/net/ipv4/conf/vethde9d564/rp_filter': '1\n',
        '/proc/sys/net/bridge/bridge-nf-call-iptables': '1\n',
      },
    });
    expect(sysctls).toEqual({
      'net.ipv4.conf.all.rp_filter': '2',
      'net.ipv4.conf.docker0.route_localnet': '1',
      'net.bridge.bridge-nf-call-iptables': '1',
      // Not there: br_netfilter is not loaded, or has none for IPv6.
      'net.bridge.bridge-nf-call-ip6tables': '0',
    });
  });

  test('is unknown without ip, and not empty', async () => {
    const looked = await lookAtNetwork(simulate());
    expect(looked).toMatchObject({
      state: 'unavailable',
      help: expect.stringContaining('iproute2') as string,
    });
  });

  test('is unknown with an iproute2 that has no JSON', async () => {
    const run = {
      ...commands,
      'ip -j -d addr show': { exitCode: 255, stderr: 'Option "-j" is unknown, try "ip -help".\n' },
    };
    expect(await lookAtNetwork(simulate({ run }))).toMatchObject({ state: 'unavailable' });
  });
});

test('bookworm prints the same', () => {
  const found = parseIpAddr(captured('bookworm', 'ip-addr.json'));
  expect(found?.bridgePorts).toEqual({ 'br-x': ['v0'] });
  expect(found?.addresses.map(({ address }) => address)).toContain('172.18.0.1');
});

test('a route by several next hops is a route by each', () => {
  const text = JSON.stringify([
    {
      dst: 'default',
      flags: [],
      nexthops: [
        { gateway: '10.0.0.1', dev: 'a' },
        { via: { family: 'inet6', host: 'fe80::1' }, dev: 'b' },
      ],
    },
    { type: 'unreachable', dst: '10.9.0.0/16' },
    { type: 'blackhole', dst: '10.8.0.0/16', dev: 'lo' },
  ]);
  expect(parseIpRoute(text, 4)).toEqual([
    { destination: 'default', interface: 'a', gateway: '10.0.0.1', family: 4 },
    { destination: 'default', interface: 'b', gateway: 'fe80::1', family: 4 },
  ]);
});

test('no output makes these parsers throw', () => {
  const json = fc.jsonValue().map((value) => JSON.stringify(value));
  const links = fc
    .array(
      fc.dictionary(
        fc.constantFrom(
          'ifname',
          'addr_info',
          'linkinfo',
          'master',
          'flags',
          'dst',
          'dev',
          'nexthops',
          'via',
        ),
        fc.jsonValue(),
      ),
    )
    .map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), json, links), (text) => {
      const interfaces = parseIpAddr(text)?.names ?? [];
      expect(interfaces.every((name) => typeof name === 'string')).toBe(true);
      expect((parseIpRoute(text, 6) ?? []).every(({ family }) => family === 6)).toBe(true);
    }),
  );
});
