import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decide, type HostFacts, type RulesetInput } from '../../src/firewall/index.ts';

const FOLDER = new URL('../../fixtures/rulesets/recorded/', import.meta.url);
const BRIDGE = 'br-1a2b3c4d5e6f';

/** The host on which the kernel was asked (test/lab/firewall/worker.py builds it). */
const HOST: HostFacts = {
  addresses: [
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
  bridgePorts: { [BRIDGE]: ['veth0a1b2c3'] },
};

interface Recorded {
  name: string;
  sysctls: Record<string, string>;
  listings: { format: RulesetInput['format']; backend?: 'nft' | 'legacy'; text: string[] }[];
  packets: {
    family: 4 | 6;
    iface: string;
    src: string;
    dst: string;
    sport: number;
    dport: number;
    ttl?: number;
    pad?: number;
    kernel: string;
  }[];
}

// Recorded from a kernel 6.18 with iptables 1.8.9 and nft 1.0.6 (trixie: 1.8.11 and 1.1.3); the differential test asks a kernel afresh.
describe('decide() says what the kernel did', () => {
  it.each(readdirSync(FOLDER).toSorted())('with %s', (file) => {
    const { listings, packets, sysctls } = JSON.parse(
      readFileSync(new URL(file, FOLDER), 'utf8'),
    ) as Recorded;
    const rulesets = listings.map((l) => ({ ...l, text: l.text.join('\n') }));
    const said = packets.map((p) => {
      const packet = {
        inInterface: p.iface,
        source: p.src,
        destination: p.dst,
        destinationPort: p.dport,
        sourcePort: p.sport,
        sourceMac: '02:00:00:00:00:99',
        ttl: p.ttl ?? 64,
        length: (p.family === 4 ? 60 : 80) + (p.pad ?? 0),
      };
      return decide({ rulesets, packet, host: { ...HOST, sysctls } }).seen;
    });
    expect(said).toEqual(packets.map((p) => p.kernel));
  });
});
