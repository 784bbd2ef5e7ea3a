import { describe, expect, test } from 'vitest';
import type { FirewallOwnership } from '../../../src/facts/network.ts';
import { simulate } from '../../../src/machine/simulated.ts';
import type { SimulationScript } from '../../../src/machine/simulated.ts';
import { lookAtOwnership } from '../../../src/platforms/linux/ownership.ts';
import { captured } from './captured.ts';

/** What systemctl prints for units in these states; the others do not exist. */
function units(states: Record<string, [active: string, file: string]>): string {
  return ['ufw', 'firewalld', 'nftables', 'netfilter-persistent', 'iptables', 'ip6tables']
    .map((name) => {
      const [active, file] = states[name] ?? ['inactive', ''];
      const load = Object.hasOwn(states, name) ? 'loaded' : 'not-found';
      return `Id=${name}.service\nNames=${name}.service\nLoadState=${load}\nActiveState=${active}\nUnitFileState=${file}\n`;
    })
    .join('\n');
}

const ufwChain = 'nft list chain ip filter ufw-user-input';

async function ownership(
  show: string,
  script: Omit<SimulationScript, 'run'> & { run?: Record<string, string> } = {},
): Promise<FirewallOwnership> {
  const looked = await lookAtOwnership(
    simulate({
      ...script,
      run: ({ argv }) =>
        argv[0] === 'systemctl'
          ? argv.includes('ferm.service')
            ? (script.run?.['generators'] ?? '')
            : show
          : (script.run?.[argv.join(' ')] ?? { exitCode: 1, stderr: 'Error: No such file or directory' }),
    }),
  );
  if (looked.state !== 'seen') throw new Error(JSON.stringify(looked));
  return looked.value;
}

describe('who keeps the rules', () => {
  test('netfilter-persistent, with what it loads at boot', async () => {
    const found = await ownership(captured('trixie', 'systemctl-show-firewalls-persistent.txt'), {
      files: { '/etc/iptables/rules.v4': '*filter\nCOMMIT\n' },
    });
    expect(found).toEqual({
      owner: 'netfilter-persistent',
      loadsAtBoot: true,
      source: 'netfilter-persistent.service enabled',
      savedFiles: [
        {
          family: 4,
          path: '/etc/iptables/rules.v4',
          exists: true,
          readable: true,
          text: '*filter\nCOMMIT\n',
        },
        { family: 6, path: '/etc/iptables/rules.v6', exists: false, readable: false },
      ],
    });
  });

  test('a saved file that only root may read is there, and not readable', async () => {
    const found = await ownership(units({ 'netfilter-persistent': ['active', 'enabled'] }), {
      files: { '/etc/iptables/rules.v4': 'denied' },
    });
    expect(found.savedFiles[0]).toEqual({
      family: 4,
      path: '/etc/iptables/rules.v4',
      exists: true,
      readable: false,
    });
  });

  test.each([
    [
      'firewalld when it runs',
      units({ firewalld: ['active', 'enabled'], nftables: ['active', 'enabled'] }),
      'firewalld',
      true,
    ],
    ['not firewalld when it does not', units({ firewalld: ['inactive', 'disabled'] }), 'nobody', false],
    ['nftables.service when enabled', units({ nftables: ['active', 'enabled'] }), 'nftables-service', true],
    ['not nftables.service when it is not', units({ nftables: ['inactive', 'disabled'] }), 'nobody', false],
    ['nobody', units({}), 'nobody', false],
    [
      'netfilter-persistent, not enabled',
      units({ 'netfilter-persistent': ['inactive', 'disabled'] }),
      'netfilter-persistent',
      false,
    ],
  ])('%s', async (_, show, owner, loadsAtBoot) => {
    expect(await ownership(show)).toMatchObject({ owner, loadsAtBoot });
  });

  test.each(['ufw', 'firewalld'] as const)('%s as Debian 13 shows it', async (name) => {
    const found = await ownership(captured('trixie', `systemctl-show-firewalls-${name}.txt`), {
      files: name === 'ufw' ? { '/etc/ufw/ufw.conf': 'ENABLED=yes\n' } : {},
      run: { [ufwChain]: 'table ip filter {}' },
    });
    expect(found).toMatchObject({ owner: name, loadsAtBoot: true });
  });

  const ufw = { '/etc/ufw/ufw.conf': '# comment\nENABLED=yes\nLOGLEVEL=low\n' };

  test('ufw when it is on and its chains are there', async () => {
    const show = units({ ufw: ['active', 'enabled'] });
    const found = await ownership(show, { files: ufw, run: { [ufwChain]: 'table ip filter {}' } });
    expect(found).toMatchObject({ owner: 'ufw', loadsAtBoot: true });
  });

  test('ufw on legacy iptables', async () => {
    const files = { ...ufw, '/proc/net/ip_tables_names': 'nat\nfilter\n' };
    expect(await ownership(units({ ufw: ['active', 'enabled'] }), { files })).toMatchObject({ owner: 'ufw' });
  });

  test('not ufw when it is on and failed to load', async () => {
    expect(await ownership(units({ ufw: ['failed', 'enabled'] }), { files: ufw })).toMatchObject({
      owner: 'nobody',
    });
  });

  test('not ufw when it is off', async () => {
    const files = { '/etc/ufw/ufw.conf': 'ENABLED=no\n' };
    const found = await ownership(units({ ufw: ['active', 'enabled'] }), { files, run: { [ufwChain]: '' } });
    expect(found).toMatchObject({ owner: 'nobody' });
  });

  test('ufw by its word alone, without root', async () => {
    const found = await ownership(units({ ufw: ['active', 'enabled'] }), {
      files: ufw,
      identity: { elevated: false },
    });
    expect(found).toMatchObject({ owner: 'ufw' });
  });

  test('NixOS, whose rules come from its configuration', async () => {
    expect(await ownership(units({}), { files: { '/etc/NIXOS': '' } })).toMatchObject({ owner: 'nixos' });
  });

  test.each([
    ['ferm', 'enabled', 'ferm', true],
    ['firehol', 'disabled', 'firehol', false],
    ['shorewall6-lite', 'enabled', 'shorewall-lite', true],
    ['csf', 'generated', 'csf', true],
  ])('%s, where it has run', async (unit, file, generator, loadsAtBoot) => {
    const unitText = (state: string) =>
      `Id=${unit}.service\nLoadState=loaded\nActiveState=${state}\nUnitFileState=${file}\n`;
    const show = units({ 'netfilter-persistent': ['active', 'enabled'] });
    expect(await ownership(show, { run: { generators: unitText('active') } })).toEqual({
      owner: 'generated',
      generator,
      loadsAtBoot,
      savedFiles: [],
      source: `${unit}.service active`,
    });
    expect(await ownership(show, { run: { generators: unitText('inactive') } })).toMatchObject({
      owner: 'netfilter-persistent',
    });
  });

  test('awall, which has a policy enabled, where there is no systemd', async () => {
    const files = { '/etc/awall/base.json': '{}' };
    expect(await ownership('', { files })).toMatchObject({ owner: 'generated', generator: 'awall' });
    expect(await ownership('', { files: { '/etc/awall/optional/base.json': '{}' } })).toMatchObject({
      owner: 'nobody',
    });
  });

  test.each([
    ['/etc/sysconfig/iptables', '/etc/sysconfig/iptables'],
    ['/etc/iptables/iptables.rules', '/etc/iptables/iptables.rules'],
  ])('iptables.service with %s', async (path, first) => {
    const both = units({ iptables: ['active', 'enabled'], ip6tables: ['active', 'enabled'] });
    const found = await ownership(both, { files: { [path]: '*filter\nCOMMIT\n' } });
    expect(found).toMatchObject({
      owner: 'iptables-services',
      loadsAtBoot: true,
      savedFiles: [{ path: first, exists: true }, { family: 6 }],
    });
    // The file of the other family is there, and nobody loads it.
    const one = await ownership(units({ iptables: ['active', 'enabled'] }), {
      files: { [path]: '*filter\nCOMMIT\n' },
    });
    expect(one.savedFiles.map(({ family }) => family)).toEqual([4]);
    expect(one.source).toBe('iptables.service enabled');
  });
});

test('a recording without it is not "nobody"', async () => {
  const looked = await lookAtOwnership(simulate({ run: () => ({ outcome: 'not-recorded' }) }));
  expect(looked.state).toBe('unavailable');
});
