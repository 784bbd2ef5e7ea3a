import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apartFromDocker, type EtcSnapshot, type LabHost, prepareLab } from './host/index.ts';
import { answered, ask, mended, reportOf, shut, takenBack } from './scenarios/asking.ts';
import { networkGoesAway } from './scenarios/gone-network.ts';
import { incident, incidentHost, settled } from './scenarios/incident.ts';

const ours = `-A INPUT -s ${incident.subnet} -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j ACCEPT`;

describe.each(['legacy', 'nft'] as const)('rules that netfilter-persistent keeps, iptables-%s', (backend) => {
  let host: LabHost;
  let etc: EtcSnapshot;
  let rules: [string, string[], string[]][];
  const live = (): Promise<string> => host.must([`iptables-${backend}-save`, '-t', 'filter']);

  beforeAll(async () => {
    await prepareLab();
    host = await incidentHost({
      name: `raw-${backend}`,
      bind: 'all',
      setup: async (disk) => {
        for (const tool of ['iptables', 'ip6tables'])
          await disk.chroot(['update-alternatives', '--set', tool, `/usr/sbin/${tool}-${backend}`]);
      },
    });
    etc = await host.snapshotEtc();
    rules = apartFromDocker(await host.rules());
  });
  afterAll(() => host?.stop());

  test('the rule that blocks is named, with its place', async () => {
    const found = await reportOf(host);
    expect(found.causes.map(({ code, recipe }) => [code, recipe])).toEqual([
      ['firewall-drop', 'allow-container-subnet'],
    ]);
    const row = found.checks.find(({ id }) => id === 'firewall');
    expect(row?.evidence[0]).toEqual({
      source: `iptables${backend === 'legacy' ? '-legacy' : ''} -t filter, chain INPUT, rule 5`,
      text: expect.stringContaining('-A INPUT -p tcp -m tcp --dport 11434 -j DROP') as unknown,
    });
  });

  test('one rule ahead of it, in force and saved; so after a reboot', async () => {
    expect((await mended(host)).fixes.map(({ recipe }) => recipe)).toEqual(['allow-container-subnet']);
    expect(await live()).toContain(`${ours}\n-A INPUT -p tcp -m tcp --dport 11434 -j DROP\n`);
    expect(await host.read(incident.rulesFile)).toContain(`${ours}\n-A INPUT -p tcp`);
    await host.reboot();
    await settled(host);
    expect(await ask(host)).toMatchObject(answered);
    expect((await host.public.connectAll(incident.port)).slice(0, 1)).toEqual(shut.slice(0, 1));
    expect((await reportOf(host)).checks.find(({ id }) => id === 'persistence')?.status).toBe('pass');
  });

  test('undo gives back every byte, and rules equal in effect', async () => {
    await takenBack(host, etc);
    expect(apartFromDocker(await host.rules())).toEqual(rules);
    expect(await ask(host)).toEqual({ outcome: 'timeout' });
  });

  test('a rule for a network that went away is warned of, and its removal offered', async () => {
    await reportOf(host, '--fix', '--yes');
    expect(await networkGoesAway(host)).not.toBe('');
  });
});
