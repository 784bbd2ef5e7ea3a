import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/engine/check.ts';
import type { FirewallOwnership } from '../../src/facts/network.ts';
import { container, failed, rowsOf, rules, seen, type HostOfValues } from './host-of-values.ts';

const allow = '-A INPUT -s 172.18.0.0/16 -p tcp -m tcp --dport 11434 -j ACCEPT';
const drop = '-A INPUT -p tcp -m tcp --dport 11434 -j DROP';

async function row(change: Partial<HostOfValues>): Promise<Row | undefined> {
  return (await rowsOf(change)).find(({ id }) => id === 'persistence');
}

function saved(...lines: string[]): FirewallOwnership {
  return {
    owner: 'netfilter-persistent',
    loadsAtBoot: true,
    source: 'netfilter-persistent.service enabled',
    savedFiles: [
      {
        family: 4,
        path: '/etc/iptables/rules.v4',
        exists: true,
        readable: true,
        text: ['*filter', ':INPUT ACCEPT [0:0]', ...lines, 'COMMIT', ''].join('\n'),
      },
      {
        family: 6,
        path: '/etc/iptables/rules.v6',
        exists: true,
        readable: true,
        text: '*filter\n:INPUT DROP [0:0]\nCOMMIT\n',
      },
    ],
  };
}

describe('what a reboot changes', () => {
  it('is told where what works is in force and not saved, with what decides now and then', async () => {
    const found = await row({ rulesets: rules(allow, drop), ownership: seen(saved(drop)) });
    expect(found).toMatchObject({ status: 'warn', code: 'not-persistent' });
    expect(found?.summary).toMatch(/^web gets through now, and will not after a reboot/u);
    expect(found?.evidence).toEqual(
      expect.arrayContaining([
        { source: 'in force, filter INPUT', text: allow },
        { source: 'after a boot, filter INPUT', text: drop },
      ]),
    );
  });

  it('is told of a rule that is saved and not in force', async () => {
    const found = await row({
      rulesets: rules(drop),
      ownership: seen(saved(allow, drop)),
      answer: failed('timeout'),
    });
    expect(found?.summary).toMatch(/^web is kept out now, and will not be after a reboot/u);
    expect(found?.instructions?.join(' ')).toMatch(/in \/etc\/iptables\/rules\.v4 and not in force/u);
  });

  it('is told of a rule that keeps out and is saved nowhere, not of one that is saved', async () => {
    const [v4, v6] = saved().savedFiles;
    const gone = { ...saved(), savedFiles: [{ ...v4, exists: false, text: undefined }, v6] };
    const found = await row({
      rulesets: rules(drop),
      ownership: seen(gone as FirewallOwnership),
      answer: failed('timeout'),
    });
    expect(found?.instructions).toEqual([
      'the rule that keeps it out is in force and not in /etc/iptables/rules.v4, which does not exist yet: put it there if it is to last',
    ]);
  });

  it("sends nobody to iptables' files with a rule of nft's own table", async () => {
    const at = { family: 'inet', table: 'mine' };
    const listing = JSON.stringify({
      nftables: [
        { table: { family: 'inet', name: 'mine', handle: 1 } },
        {
          chain: { ...at, name: 'in', handle: 1, type: 'filter', hook: 'input', prio: 10, policy: 'accept' },
        },
        { rule: { ...at, chain: 'in', handle: 2, expr: [{ drop: null }] } },
      ],
    });
    const found = await row({
      rulesets: seen({
        listings: [{ format: 'nft-json', backend: 'nft', text: listing, source: 'nft' }],
        missing: [],
      }),
      ownership: seen(saved()),
      answer: failed('timeout'),
    });
    expect(found?.code).toBe('not-persistent');
    expect(found?.instructions?.join(' ')).toMatch(/table of nft's own, which \S+ cannot hold/u);
  });

  it.each([
    [true, false],
    [false, true],
  ])(
    'where nobody loads rules: iptables-persistent is not advised beside an installed ufw (%s)',
    async (ufwInstalled, isAdvised) => {
      const nobody: FirewallOwnership = {
        owner: 'nobody',
        loadsAtBoot: false,
        savedFiles: [],
        source: 'no unit that loads rules at boot is enabled',
        ufwInstalled,
      };
      const found = await row({ rulesets: rules(allow, drop), ownership: seen(nobody) });
      expect(found?.code).toBe('not-persistent');
      expect(found?.instructions?.join(' ').includes('iptables-persistent')).toBe(isAdvised);
    },
  );

  it('is nothing where a container publishes the port: its engine leads packets to it again', async () => {
    const published = container({
      name: 'ollama',
      servesOllama: true,
      ports: [{ hostAddress: '0.0.0.0', hostPort: 11_434, containerPort: 11_434 }],
    });
    const shut = {
      ...saved(),
      savedFiles: [{ ...saved().savedFiles[0], text: '*filter\n:INPUT DROP [0:0]\nCOMMIT\n' }],
    };
    const ownership = seen(shut as FirewallOwnership);
    const open = await row({ rulesets: rules(), ownership });
    expect(open).toMatchObject({ status: 'warn', code: 'not-persistent' });
    const found = await row({ rulesets: rules(), ownership, containers: seen([container(), published]) });
    expect(found).toMatchObject({ status: 'pass' });
  });

  it('is nothing where both let in and keep out the same', async () => {
    expect(await row({ rulesets: rules(allow, drop), ownership: seen(saved(allow, drop)) })).toMatchObject({
      status: 'pass',
    });
  });

  it('is told of the subnet that compose does not pin, where a rule lets it in', async () => {
    const network = { name: 'app_default', subnets: ['172.18.0.0/16'] };
    const found = await row({
      rulesets: rules(allow, drop),
      ownership: seen(saved(allow, drop)),
      unpinned: [network],
    });
    expect(found?.status).toBe('pass');
    expect(found?.evidence?.find(({ source }) => source === 'network app_default')?.text).toMatch(
      /does not pin its subnet \(172\.18\.0\.0\/16\)/u,
    );
    const open = await row({ rulesets: rules(), ownership: seen(saved()), unpinned: [network] });
    expect(open?.evidence?.some(({ source }) => source === 'network app_default')).toBe(false);
  });
});

describe('what nftables.service will load', () => {
  const script = (...exprs: object[][]): FirewallOwnership => ({
    owner: 'nftables-service',
    loadsAtBoot: true,
    source: 'nftables.service enabled (/etc/nftables.conf)',
    savedFiles: [],
    script: {
      path: '/etc/nftables.conf',
      listing: JSON.stringify({
        nftables: [
          { table: { family: 'inet', name: 'filter', handle: 1 } },
          {
            chain: {
              family: 'inet',
              table: 'filter',
              name: 'input',
              handle: 1,
              type: 'filter',
              hook: 'input',
              prio: 0,
              policy: 'accept',
            },
          },
          ...exprs.map((expr, index) => ({
            rule: { family: 'inet', table: 'filter', chain: 'input', handle: index + 2, expr },
          })),
        ],
      }),
    },
  });
  const match = (protocol: string, field: string, right: unknown): object => ({
    match: { op: '==', left: { payload: { protocol, field } }, right },
  });
  const toPort = match('tcp', 'dport', 11_434);
  const fromWeb = match('ip', 'saddr', { prefix: { addr: '172.18.0.0', len: 16 } });

  it('is compared with what is in force', async () => {
    const rulesets = rules(allow, drop);
    const same = script([fromWeb, toPort, { accept: null }], [toPort, { drop: null }]);
    expect(await row({ rulesets, ownership: seen(same) })).toMatchObject({ status: 'pass' });
    const shut = await row({ rulesets, ownership: seen(script([toPort, { drop: null }])) });
    expect(shut).toMatchObject({ status: 'warn', code: 'not-persistent' });
    expect(shut?.instructions?.join(' ')).toContain('/etc/nftables.conf');
  });

  it('is not known where nft would not say', async () => {
    const problem = 'what /etc/nftables.conf will load at boot could not be tried: nft ended with 1: Error';
    const ownership = seen<FirewallOwnership>({
      ...script(),
      script: { path: '/etc/nftables.conf', problem },
    });
    expect(await row({ rulesets: rules(allow, drop), ownership })).toMatchObject({
      status: 'inconclusive',
      matters: false,
      summary: problem,
    });
  });
});
