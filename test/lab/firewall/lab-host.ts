import type { HostFacts } from '../../../src/firewall/index.ts';

export const BRIDGE = 'br-1a2b3c4d5e6f';
export const PORT = 'veth0a1b2c3';
export const FAR_MAC = '02:00:00:00:00:99';

/** The host that worker.py builds. */
export const HOST: HostFacts = {
  addresses: [
    { interface: 'lo', address: '127.0.0.1', prefixLength: 8 },
    { interface: 'lo', address: '::1', prefixLength: 128 },
    { interface: 'eth0', address: '192.0.2.10', prefixLength: 24 },
    { interface: 'eth0', address: '2001:db8:1::10', prefixLength: 64 },
    { interface: 'docker0', address: '172.17.0.1', prefixLength: 16 },
    { interface: 'docker0', address: 'fd00:17::1', prefixLength: 64 },
    { interface: BRIDGE, address: '172.18.0.1', prefixLength: 16 },
    { interface: BRIDGE, address: 'fd00:18::1', prefixLength: 64 },
  ],
  routes: [
    { destination: 'default', interface: 'eth0', gateway: '192.0.2.1' },
    { destination: 'default', interface: 'eth0', gateway: '2001:db8:1::1' },
  ],
  bridgePorts: { [BRIDGE]: [PORT] },
};

export const IFACES = ['eth0', 'docker0', BRIDGE] as const;
export const PORTS = [22, 53, 80, 443, 8080, 11434, 11435] as const;

/** Addresses that lie behind each interface. */
export const NEAR: Readonly<Record<4 | 6, Readonly<Record<string, readonly string[]>>>> = {
  4: {
    eth0: ['192.0.2.50', '192.0.2.1', '198.51.100.7', '203.0.113.99', '10.1.2.3'],
    docker0: ['172.17.0.5', '172.17.0.9'],
    [BRIDGE]: ['172.18.0.2', '172.18.0.77'],
  },
  6: {
    eth0: ['2001:db8:1::50', '2001:db8:1::1', '2001:db8:9::7', '2a00:1::99'],
    docker0: ['fd00:17::5', 'fd00:17::9'],
    [BRIDGE]: ['fd00:18::2', 'fd00:18::77'],
  },
};
export const LOCAL: Readonly<Record<4 | 6, readonly string[]>> = {
  4: ['172.17.0.1', '172.18.0.1', '192.0.2.10'],
  6: ['fd00:17::1', 'fd00:18::1', '2001:db8:1::10'],
};
