import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  connectionTable,
  frameFilters,
  linksOf,
  policyRouting,
  trafficControl,
} from '../../../src/platforms/linux/bystanders.ts';

const texts = (found: readonly { text: string }[]) => found.map(({ text }) => text);

// The shapes of iproute2 6.1: `ip -j -4 rule show`, `ip -j -d link show`, `tc -j qdisc show`.
describe('what stands beside the rules', () => {
  it('leaves the three rules of routing alone that every host has, and names all others', () => {
    const usual = [
      { priority: 0, src: 'all', table: 'local' },
      { priority: 32766, src: 'all', table: 'main' },
      { priority: 32767, src: 'all', table: 'default' },
    ];
    expect(policyRouting(JSON.stringify(usual), 4)).toEqual([]);
    const tailscale = { priority: 5230, src: 'all', fwmark: '0x80000', fwmask: '0xff0000', table: '52' };
    const source = { priority: 100, src: '172.18.0.0', srclen: 16, iif: 'br0', table: '7' };
    expect(texts(policyRouting(JSON.stringify([...usual, tailscale, source]), 4))).toEqual([
      'policy routing: 5230: from all fwmark 0x80000/0xff0000 lookup 52',
      'policy routing: 100: from 172.18.0.0/16 iif br0 lookup 7',
    ]);
  });

  it('knows VPNs and CNIs by their interfaces, and programs at the entrance of one', () => {
    const links = [
      { ifname: 'eth0', xdp: { mode: 1, prog: { id: 12 } } },
      { ifname: 'cilium_host' },
      { ifname: 'cali12ab' },
      { ifname: 'tailscale0', linkinfo: { info_kind: 'tun' } },
      { ifname: 'office', linkinfo: { info_kind: 'wireguard' } },
      { ifname: 'br-1a2b3c4d5e6f' },
    ];
    expect(texts(linksOf(JSON.stringify(links)))).toEqual([
      'an XDP program on eth0',
      'interface cilium_host: Cilium, whose eBPF programs are in no listing of rules',
      'interface cali12ab: Calico',
      'interface tailscale0: Tailscale',
      'interface office: WireGuard',
    ]);
  });

  it('names interfaces where tc lets programs look at packets first', () => {
    const queues = [
      { kind: 'noqueue', dev: 'lo' },
      { kind: 'clsact', dev: 'eth0' },
    ];
    expect(texts(trafficControl(JSON.stringify(queues)))).toEqual([
      'eth0 has clsact: a program there sees packets ahead of every rule',
    ]);
  });

  it('knows a table of connections that is full', () => {
    expect(connectionTable('65536\n', '65536\n')[0]?.text).toMatch(
      /is full \(65536 of 65536\).*nf_conntrack_max=131072/u,
    );
    for (const [count, most] of [
      ['812\n', '65536\n'],
      ['', ''],
      ['0\n', '0\n'],
      ['x', 'y'],
    ] as const)
      expect(connectionTable(count, most)).toEqual([]);
  });

  it('names legacy filters of frames and of ARP, which no listing shows', () => {
    const modules = 'ebtable_filter 16384 1 - Live 0x0\nebtables 45056 1 ebtable_filter, Live 0x0\n';
    expect(texts(frameFilters(modules))).toEqual([
      'ebtables may filter frames on bridges: sudo ebtables-legacy -L',
    ]);
    expect(texts(frameFilters('arptable_filter 16384 0 - Live 0x0\n'))[0]).toMatch(/arptables-legacy -L/u);
    expect(frameFilters('ebtables 45056 0 - Live 0x0\nnf_tables 1 1 - Live 0x0\n')).toEqual([]);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect([...policyRouting(text, 6), ...linksOf(text), ...trafficControl(text)]).toBeInstanceOf(Array);
      }),
      { numRuns: 200 },
    );
  });
});
