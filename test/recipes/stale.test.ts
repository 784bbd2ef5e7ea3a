import { describe, expect, it } from 'vitest';
import type { Rulesets } from '../../src/facts/network.ts';
import { ownRules, staleRules } from '../../src/path/own-rules.ts';
import { parseOwnTuples } from '../../src/platforms/linux/own-ufw-rules.ts';
import type { Cause } from '../../src/report/schema.ts';
import { rowsOf, seen, unavailable, wildcard, type HostOfValues } from '../checks/host-of-values.ts';
import { changes, commands, listings, network, plan, save, savedBy, written } from './planned.ts';

const staleCause: Cause = {
  code: 'stale-rule',
  subject: 'host',
  summary: '',
  affects: [],
  recipe: 'remove-stale-rule',
};
const allow = (subnet: string): string =>
  `-A INPUT -s ${subnet} -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j ACCEPT`;
const drop = '-A INPUT -p tcp -m tcp --dport 11434 -j DROP';
const saved = save('DROP', allow('172.30.0.0/16'), allow('172.18.0.0/16'), drop);

function host(v4 = saved, more: Partial<HostOfValues> = {}): Partial<HostOfValues> {
  return {
    listeners: seen({ listeners: [wildcard], ownersKnown: true }),
    network: seen(network),
    ownership: seen(savedBy('netfilter-persistent', v4, save('DROP'))),
    rulesets: seen<Rulesets>({ listings: listings(v4, save('DROP')), missing: [] }),
    subnets: seen(['172.17.0.0/16', '172.18.0.0/16', '10.88.0.0/16']),
    ...more,
  };
}

const row = async (of: Partial<HostOfValues>) => {
  const found = (await rowsOf(of)).filter(({ id }) => id === 'persistence');
  return found.find(({ code }) => code === 'stale-rule') ?? found[0];
};
const asked = { files: { '/etc/iptables/rules.v4': saved } };
const only = ['remove-stale-rule'];

describe('a rule of ours for a subnet that no network has any more', () => {
  it('is a warning with its places and its removal', async () => {
    expect(await row(host())).toMatchObject({
      status: 'warn',
      code: 'stale-rule',
      recipe: 'remove-stale-rule',
      summary: expect.stringMatching(/still lets 172\.30\.0\.0\/16 reach port 11434/u) as unknown,
      evidence: [
        { source: 'iptables -t filter, chain INPUT, rule 1', text: allow('172.30.0.0/16') },
        { source: '/etc/iptables/rules.v4', text: allow('172.30.0.0/16') },
      ],
    });
  });

  it.each([
    ['a network has it, used or not', { subnets: seen(['172.30.0.0/16', '172.18.0.0/16']) }],
    ['a network has a part of it', { subnets: seen(['172.30.4.0/24', '172.18.0.0/16']) }],
    ['an engine could not list its networks', { subnets: unavailable('no container engine answered') }],
    [
      'an interface of this host is in it',
      {
        network: seen({
          ...network,
          addresses: [
            ...network.addresses,
            {
              interface: 'br-dead',
              address: '172.30.0.1',
              prefixLength: 16,
              scope: 'global',
              up: false,
            } as const,
          ],
        }),
      },
    ],
  ])('is none where %s', async (_why, more) => {
    expect((await row(host(saved, more)))?.status).toBe('pass');
    expect((await plan([staleCause], host(saved, more), asked, only)).plans).toEqual([]);
  });

  it('is not removed unless that is asked for by name', async () => {
    expect((await plan([staleCause], host(), asked)).plans).toEqual([]);
  });

  it('is taken out of the chain and of the saved file; undo puts it back where it was', async () => {
    const { plans } = await plan([staleCause], host(), asked, only);
    const words = allow('172.30.0.0/16').replace('-A INPUT ', '');
    expect(commands(plans)).toEqual([`iptables -D INPUT ${words}`]);
    expect(written(plans)['/etc/iptables/rules.v4']).toBe(saved.replace(`${allow('172.30.0.0/16')}\n`, ''));
    expect(changes(plans).find(({ kind }) => kind === 'command')).toMatchObject({
      undo: [`iptables -I INPUT 1 ${words}`.split(' ')],
      inForce: { line: allow('172.30.0.0/16'), absent: true },
    });
  });

  it('that is the guard of the port gives way to one that shuts it to that subnet too', async () => {
    const guard = (except: string): string =>
      `-A INPUT ${except}! -i lo -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j DROP`;
    const text = save('ACCEPT', '-A INPUT -i lo -j ACCEPT', guard('! -s 172.30.0.0/16 '));
    expect((await row(host(text)))?.summary).toMatch(/still lets 172\.30\.0\.0\/16 reach port 11434/u);
    const { plans, refusals } = await plan(
      [staleCause],
      host(text),
      { files: { '/etc/iptables/rules.v4': text } },
      only,
    );
    expect(refusals).toEqual([]);
    const words = guard('').replace('-A INPUT ', '').replace('!', "'!'");
    expect(commands(plans)).toEqual([
      `iptables -I INPUT 2 ${words}`,
      `iptables -D INPUT '!' -s 172.30.0.0/16 ${words}`,
    ]);
    expect(
      changes(plans)
        .flatMap((one) => (one.kind === 'command' ? one.undo : []))[1]
        ?.slice(0, 4),
    ).toEqual(['iptables', '-I', 'INPUT', '3']);
    expect(written(plans)['/etc/iptables/rules.v4']).toBe(text.replace('! -s 172.30.0.0/16 ', ''));
    const used = save('ACCEPT', guard('! -s 172.18.0.0/16 '));
    expect((await row(host(used)))?.status).toBe('pass');
  });

  it('that is there twice is told, and left alone', async () => {
    const twice = save('DROP', allow('172.30.0.0/16'), allow('172.30.0.0/16'), drop);
    const { plans, refusals } = await plan([staleCause], host(twice), asked, only);
    expect(plans).toEqual([]);
    expect(refusals[0]?.reason).toMatch(/there twice/u);
  });

  it('goes by the words of ufw, and comes back under its number', async () => {
    const tuple = (subnet: string): string =>
      `### tuple ### allow tcp 11434 0.0.0.0/0 any ${subnet} in comment=6f6c6c616d612d646f63746f72\n-A ufw-user-input -p tcp --dport 11434 -s ${subnet} -j ACCEPT\n`;
    const file = `*filter\n### RULES ###\n\n${tuple('172.30.0.0/16')}\n${tuple('172.18.0.0/16')}\n### END RULES ###\nCOMMIT\n`;
    const own = parseOwnTuples(file);
    expect(own.map(({ subnet }) => subnet)).toEqual(['172.30.0.0/16', '172.18.0.0/16']);
    const under = host(save('DROP'), { ownership: seen({ ...savedBy('ufw'), ownRules: own }) });
    const { plans } = await plan(
      [staleCause],
      under,
      {
        run: { 'ufw show added': own.map(({ text }) => `ufw ${text} comment 'ollama-doctor'\n`).join('') },
        files: { '/etc/ufw/user.rules': file, '/etc/ufw/user6.rules': '' },
      },
      only,
    );
    const words = 'allow from 172.30.0.0/16 to any port 11434 proto tcp';
    expect(changes(plans)).toMatchObject([
      {
        apply: `ufw delete ${words}`.split(' '),
        undo: [`ufw insert 1 ${words} comment ollama-doctor`.split(' ')],
        rewrites: ['/etc/ufw/user.rules', '/etc/ufw/user6.rules'],
      },
    ]);
  });

  it('of firewalld is taken out of the zone, in force and kept', async () => {
    const text = 'rule family="ipv4" source address="172.30.0.0/16" port port="11434" protocol="tcp" accept';
    const own = [false, true].map((kept) => ({
      subnet: '172.30.0.0/16',
      port: 11_434,
      text,
      place: { kind: 'firewalld', at: 'zone', zone: 'public', kept } as const,
    }));
    const under = host(save('DROP'), { ownership: seen({ ...savedBy('firewalld'), ownRules: own }) });
    const { plans } = await plan([staleCause], under, {}, only);
    expect(commands(plans)).toEqual([
      `firewall-cmd --permanent --zone=public '--remove-rich-rule=${text}'`,
      `firewall-cmd --zone=public '--remove-rich-rule=${text}'`,
    ]);
  });
});

describe('rules of ours in nft', () => {
  const json = JSON.stringify({
    nftables: [
      { table: { family: 'inet', name: 'filter' } },
      { chain: { family: 'inet', table: 'filter', name: 'input' } },
      { rule: { family: 'inet', table: 'filter', chain: 'input', handle: 8, expr: [{ counter: null }] } },
      {
        rule: {
          family: 'inet',
          table: 'filter',
          chain: 'input',
          handle: 9,
          comment: 'ollama-doctor',
          expr: [
            {
              match: {
                op: '==',
                left: { payload: { protocol: 'ip', field: 'saddr' } },
                right: { prefix: { addr: '172.30.0.0', len: 16 } },
              },
            },
            { match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right: 11_434 } },
            { accept: null },
          ],
        },
      },
    ],
  });
  const line = 'ip saddr 172.30.0.0/16 tcp dport 11434 accept comment "ollama-doctor"';
  const conf = `table inet filter {\n\tchain input {\n\t\tcounter\n\t\t${line}\n\t}\n}\n`;
  const ownership = {
    ...savedBy('nftables-service'),
    script: { path: '/etc/nftables.conf', files: [{ path: '/etc/nftables.conf', text: conf }] },
  };

  it('are found in the kernel and in the script', () => {
    const own = ownRules(listings('', '', json), ownership);
    expect(own.map(({ place, text }) => [place.kind, text])).toEqual([
      ['nft', line],
      ['file', line],
    ]);
    expect(staleRules(own, ['172.18.0.0/16'], network)).toHaveLength(2);
  });

  it('are deleted by handle, and put back at the end where they were last', async () => {
    const under = host('', {
      ownership: seen(ownership),
      rulesets: seen<Rulesets>({ listings: listings('', '', json), missing: [] }),
    });
    const { plans } = await plan([staleCause], under, { files: { '/etc/nftables.conf': conf } }, only);
    expect(commands(plans)).toEqual(['nft delete rule inet filter input handle 9']);
    expect(changes(plans).find(({ kind }) => kind === 'command')).toMatchObject({
      undo: [['nft', 'add', 'rule', 'inet', 'filter', 'input', ...line.split(' ')]],
    });
    expect(written(plans)['/etc/nftables.conf']).toBe(conf.replace(`\t\t${line}\n`, ''));
  });
});
