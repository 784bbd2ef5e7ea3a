import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import { apartFromDocker, diffEtc, type EtcSnapshot, type LabHost, prepareLab } from './host/index.ts';
import { networkGoesAway } from './scenarios/gone-network.ts';
import { incident, incidentHost } from './scenarios/incident.ts';
import { settled } from './scenarios/owned.ts';

const shut = ['timeout', 'timeout', 'timeout'];
const tags = `${incident.url}/api/tags`;
const ours = `-A INPUT -s ${incident.subnet} -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j ACCEPT`;

describe.each(['legacy', 'nft'] as const)('rules that netfilter-persistent keeps, iptables-%s', (backend) => {
  let host: LabHost;
  let etc: EtcSnapshot;
  let rules: [string, string[], string[]][];
  const report = async (...args: string[]): Promise<Report> =>
    JSON.parse((await host.doctor(['--json', '--timeout', '40000', ...args])).stdout) as Report;
  const ask = (): Promise<unknown> => host.docker.get(incident.container, tags, 2500);
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
    const found = await report();
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
    const fixed = await report('--fix', '--yes');
    expect(fixed.fixes).toMatchObject([{ recipe: 'allow-container-subnet', status: 'verified' }]);
    expect(fixed.status).toBe('healthy');
    expect(await live()).toContain(`${ours}\n-A INPUT -p tcp -m tcp --dport 11434 -j DROP\n`);
    expect(await host.read(incident.rulesFile)).toContain(`${ours}\n-A INPUT -p tcp`);
    await host.reboot();
    await settled(host);
    expect(await ask()).toMatchObject({ outcome: 'answered', status: 200 });
    expect((await host.public.connectAll(incident.port)).slice(0, 1)).toEqual(shut.slice(0, 1));
    expect((await report()).checks.find(({ id }) => id === 'persistence')?.status).toBe('pass');
  });

  test('undo gives back every byte, and rules equal in effect', async () => {
    expect(await host.doctor(['undo'])).toMatchObject({ exitCode: 0 });
    expect(diffEtc(etc, await host.snapshotEtc())).toEqual([]);
    expect(apartFromDocker(await host.rules())).toEqual(rules);
    expect(await ask()).toEqual({ outcome: 'timeout' });
  });

  test('a rule for a network that went away is warned of, and its removal offered', async () => {
    await report('--fix', '--yes');
    expect(await networkGoesAway(host)).not.toBe('');
  });
});
