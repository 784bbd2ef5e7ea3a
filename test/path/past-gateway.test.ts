import { describe, expect, test } from 'vitest';
import type { HostNetwork } from '../../src/facts/network.ts';
import { pastGateway } from '../../src/path/past-gateway.ts';
import { container } from '../checks/host-of-values.ts';

const network: HostNetwork = {
  addresses: [
    { interface: 'docker0', address: '172.17.0.1', prefixLength: 16, scope: 'global', up: true },
    { interface: 'eth0', address: '192.168.48.7', prefixLength: 20, scope: 'global', up: true },
  ],
  routes: [
    { destination: 'default', interface: 'eth0', gateway: '192.168.48.1', family: 4 },
    { destination: '172.30.0.0/16', interface: 'wg0', family: 4 },
  ],
  bridgePorts: {},
  sysctls: {},
};

describe('an address that a network’s gateway had once', () => {
  test.each(['172.20.0.1', '172.31.0.1', '192.168.16.1', '10.88.0.1', '10.89.7.1'])('%s', (address) => {
    expect(pastGateway(address, network, [container()])).toEqual({
      current: ['app_default: 172.18.0.0/16, gateway 172.18.0.1'],
    });
  });

  test.each([
    ['172.17.0.1', 'is docker0’s'],
    ['172.18.0.1', 'is a network’s of now'],
    ['192.168.48.1', 'is the router’s'],
    ['172.30.0.1', 'has a route'],
    ['172.20.0.9', 'is no gateway’s'],
    ['192.168.1.1', 'is a router’s more likely'],
    ['10.0.0.1', 'is in no pool'],
    ['8.8.8.8', 'is public'],
    ['fd00::1', 'is IPv6'],
  ])('not %s, which %s', (address) => {
    expect(pastGateway(address, network, [container()])).toBeUndefined();
  });

  test('nothing is said where this host’s addresses are not known', () => {
    expect(pastGateway('172.20.0.1', undefined, [])).toBeUndefined();
  });
});
