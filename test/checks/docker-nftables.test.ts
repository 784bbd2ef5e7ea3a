import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/engine/check.ts';
import type { FirewallOwnership, RulesetListing } from '../../src/facts/network.ts';
import { decide } from '../../src/firewall/index.ts';
import { reloadWords } from '../../src/path/reload.ts';
import { keptOfAnswer } from '../../src/runtimes/docker/kept.ts';
import { readInfo } from '../../src/runtimes/endpoints/classify.ts';
import { type HostOfValues, rowsOf, seen } from './host-of-values.ts';

/**
 * What Docker 29 lays with `firewall-backend: nftables` for a published port (moby, integration/network/bridge/
 * nftablesdoc), as nft 1.0.6 lists it once it is loaded.
 */
const tables = readFileSync(new URL('../../fixtures/rulesets/docker-nftables.json', import.meta.url), 'utf8');
const listing: RulesetListing = {
  format: 'nft-json',
  backend: 'nft',
  source: 'nft -j list ruleset',
  text: tables,
};

function script(text: string, more: Partial<FirewallOwnership> = {}): FirewallOwnership {
  return {
    owner: 'nftables-service',
    loadsAtBoot: true,
    savedFiles: [],
    source: 'nftables.service enabled (/etc/nftables.conf)',
    script: {
      path: '/etc/nftables.conf',
      files: [{ path: '/etc/nftables.conf', text }],
      listing: '{"nftables":[]}',
    },
    ...more,
  };
}

async function row(id: string, change: Partial<HostOfValues>): Promise<Row | undefined> {
  const rulesets = seen({ listings: [listing], missing: [] });
  return (await rowsOf({ rulesets, ...change })).find((one) => one.id === id);
}

const host = {
  addresses: [
    { interface: 'eth0', address: '192.168.1.10', prefixLength: 24 },
    { interface: 'docker0', address: '172.17.0.1', prefixLength: 16 },
    { interface: 'br-1a2b3c4d5e6f', address: '172.18.0.1', prefixLength: 16 },
  ],
  routes: [{ destination: 'default', interface: 'eth0', gateway: '192.168.1.1' }],
  sysctls: { 'net.ipv4.ip_forward': '1' },
};
const verdict = (destination: string, destinationPort: number) =>
  decide({
    rulesets: [listing],
    packet: { inInterface: 'eth0', source: '192.168.1.20', destination, destinationPort },
    host,
  });

describe("Docker's own tables of nft", () => {
  it('let in what is published, and nobody past it', () => {
    expect(verdict('192.168.1.10', 7777).verdict).toBe('accept');
    expect(verdict('172.18.0.3', 11_434)).toMatchObject({
      verdict: 'drop',
      decidedBy: { table: 'docker-bridges', chain: 'raw-PREROUTING' },
    });
  });

  it('are told by the engine itself, also in a recording', async () => {
    const info = { Name: 'server', FirewallBackend: { Driver: 'nftables', Info: [['ReloadedAt', 'x']] } };
    const kept = JSON.parse(keptOfAnswer('/v1.52/info', JSON.stringify(info)) ?? '') as unknown;
    expect(kept).toMatchObject({ FirewallBackend: { Driver: 'nftables' } });
    for (const answer of [info, kept])
      expect(readInfo('docker', answer, { local: true }).firewallBackend).toBe('nftables');
    expect(readInfo('docker', { Name: 'server' }, { local: true })).not.toHaveProperty('firewallBackend');
    const state = {
      state: 'answers',
      version: '29.0.0',
      apiVersion: '1.52',
      product: 'docker-engine',
      rootless: false,
    } as const;
    const of = async (firewallBackend: string) =>
      row('container-runtime', {
        runtimes: [
          {
            runtime: 'docker',
            endpoint: 'unix:///var/run/docker.sock',
            foundBy: 'default socket',
            state: { ...state, firewallBackend },
          },
        ],
      });
    expect((await of('nftables+firewalld'))?.evidence?.[0]?.text).toMatch(/tables of nft's own/u);
    expect((await of('iptables'))?.evidence?.[0]?.text).toBe('docker-engine 29.0.0');
  });
});

describe('a reload of nftables.service', () => {
  const flush = '#!/usr/sbin/nft -f\n\nflush ruleset\n\ntable inet filter {\n}\n';

  it("takes an engine's rules along, which is said where it is so, and no warning", async () => {
    const found = await row('persistence', { ownership: seen(script(flush)) });
    expect(found?.status).toBe('pass');
    expect(found?.evidence?.at(-1)).toEqual({
      source: 'flush ruleset in /etc/nftables.conf',
      text: expect.stringMatching(
        /takes the rules of Docker with it \(ip docker-bridges\).*until sudo systemctl restart docker/u,
      ) as unknown,
    });
  });

  it.each([
    ['does not flush', script('#flush ruleset\ntable inet filter {\n}\n')],
    ['flushes another family', script('flush ruleset inet\n')],
    ['is nobody’s', { ...script(flush), owner: 'nobody' } as const],
  ])('that %s takes nothing', (_, ownership) => {
    expect(reloadWords([listing], ownership)).toEqual([]);
  });

  it('takes what iptables-nft keeps too, and nothing of legacy iptables', () => {
    const json = JSON.stringify({
      nftables: [
        { chain: { family: 'ip', table: 'nat', name: 'DOCKER', handle: 1 } },
        { chain: { family: 'ip', table: 'filter', name: 'NETAVARK_INPUT', handle: 2 } },
      ],
    });
    expect(reloadWords([{ ...listing, text: json }], script(flush)).map(({ text }) => text)).toEqual([
      expect.stringContaining('Docker with it (ip nat)'),
      expect.stringMatching(/Podman with it \(ip filter\).*podman network reload --all/u),
    ]);
    const legacy = {
      format: 'iptables-save',
      backend: 'legacy',
      source: '',
      text: '*nat\n:DOCKER - [0:0]\n',
    } as const;
    expect(reloadWords([legacy, { ...listing, text: '{' }], script(flush))).toEqual([]);
  });
});
