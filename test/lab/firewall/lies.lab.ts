import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideSyn } from './compare.ts';
import { type Kernel, startKernels, type Syn } from './kernel.ts';
import { BRIDGE, HOST } from './lab-host.ts';

// Where a listing says something else than the kernel does. The random rulesets leave these out by name; each case
// shows that the tool on this machine still lies, so that an exclusion that is no longer needed is noticed.
describe('listings that do not say what the kernel does', () => {
  let kernel: Kernel;
  beforeAll(async () => {
    [kernel] = await startKernels(1);
  });
  afterAll(() => kernel.end());

  const syn = (family: 4 | 6): Syn => ({
    family,
    iface: BRIDGE,
    src: family === 4 ? '172.18.0.2' : 'fd00:18::2',
    dst: family === 4 ? '172.18.0.1' : 'fd00:18::1',
    sport: 40000,
    dport: 11434,
  });

  it('nft before 1.0.7 leaves the nfproto out of "meta nfproto ipv6 … reject with tcp reset"', async () => {
    const nft =
      'table inet t {\n chain c {\n  type filter hook input priority 0;\n  meta nfproto ipv6 meta l4proto tcp reject with tcp reset\n }\n}\n';
    const reply = await kernel.ask({ nft, packets: [syn(4), syn(6)] });
    expect(reply.outcomes).toEqual(['connected', 'refused']);
    const listing = reply.listings?.[0]?.text ?? '';
    const told = listing.includes('"nfproto"');
    expect(decideSyn(reply.listings ?? [], syn(4), HOST).seen).toBe(told ? 'connected' : 'refused');
  });

  it('nft leaves out an interface type ahead of a header field', async () => {
    const nft =
      'table bridge t {\n chain c {\n  type filter hook input priority 0;\n  meta iiftype loopback ip saddr 172.18.0.2 drop\n }\n}\n';
    const reply = await kernel.ask({ nft, packets: [syn(4)] });
    expect(reply.outcomes).toEqual(['connected']);
    const told = (reply.listings?.[0]?.text ?? '').includes('iiftype');
    expect(decideSyn(reply.listings ?? [], syn(4), HOST).seen).toBe(told ? 'connected' : 'timeout');
  });

  it('nft before 1.0.7 leaves out a protocol ahead of a map of verdicts by a header field', async () => {
    const nft =
      'table ip t {\n chain c {\n  type filter hook input priority 0;\n  meta protocol ip6 ip saddr vmap { 172.18.0.0/16 : drop }\n }\n}\n';
    const reply = await kernel.ask({ nft, packets: [syn(4)] });
    expect(reply.outcomes).toEqual(['connected']);
    const told = (reply.listings?.[0]?.text ?? '').includes('protocol"}');
    expect(decideSyn(reply.listings ?? [], syn(4), HOST).seen).toBe(told ? 'connected' : 'timeout');
  });

  it('nft lists "< 70" and "> 60" of one rule as an upside-down range, and the verdict says so', async () => {
    const nft =
      'table inet t {\n chain c {\n  type filter hook input priority 0;\n  meta length < 61 meta length > 59 drop\n }\n}\n';
    const reply = await kernel.ask({ nft, packets: [syn(4), syn(6)] });
    expect(reply.outcomes).toEqual(['timeout', 'connected']);
    const listings = reply.listings ?? [];
    const told = listings[0]?.text.includes('"range": [61, 59]') === false;
    expect(decideSyn(listings, syn(4), HOST).verdict).toBe(told ? 'drop' : 'unknown');
  });

  it('iptables-nft-save alone shows a set lookup of a native table as a rule without it; with the JSON it is right', async () => {
    const nft =
      'table ip filter {\n set bl { type ipv4_addr; elements = { 10.9.9.9 }; }\n chain INPUT {\n  type filter hook input priority 0;\n  ip saddr @bl drop\n }\n}\n';
    const reply = await kernel.ask({
      nft,
      v4nft: '*mangle\n:INPUT ACCEPT [0:0]\nCOMMIT\n',
      packets: [syn(4)],
    });
    expect(reply.outcomes).toEqual(['connected']);
    const listings = reply.listings ?? [];
    expect(decideSyn(listings, syn(4), HOST).seen).toBe('connected');
    const saved = listings.filter((l) => l.format === 'iptables-save');
    if (!/-A INPUT -j DROP/.test(saved[0]?.text ?? '')) return;
    expect(decideSyn(saved, syn(4), HOST).seen).toBe('timeout');
  });

  it('iptables-legacy-save leaves out a negated range that never matches', async () => {
    const v4legacy = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT ! -i + -j DROP\nCOMMIT\n';
    const reply = await kernel.ask({ v4legacy, packets: [syn(4)] });
    expect(reply.outcomes).toEqual(['connected']);
    const told = (reply.listings?.[0]?.text ?? '').includes('! -i +');
    expect(decideSyn(reply.listings ?? [], syn(4), HOST).seen).toBe(told ? 'connected' : 'timeout');
  });
});
