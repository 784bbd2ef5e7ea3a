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

  test.runIf(backend === 'nft')(
    'a rule of the other back end as well: both are opened, both come back',
    async () => {
      const rule = 'INPUT -p tcp --dport 11434 -j REJECT'.split(' ');
      await host.must(['iptables-legacy', '-A', ...rule]);
      const before = apartFromDocker(await host.rules());
      const found = await reportOf(host);
      expect(found.causes.map(({ code }) => code)).toEqual([
        expect.stringMatching(/^firewall-(?:drop|reject)$/u),
      ]);
      await mended(host);
      expect(await host.must(['iptables-legacy-save', '-t', 'filter'])).toContain(ours);
      expect(await live()).toContain(ours);
      await takenBack(host, etc);
      expect(apartFromDocker(await host.rules())).toEqual(before);
      await host.must(['iptables-legacy', '-D', ...rule]);
    },
  );

  test.runIf(backend === 'nft')(
    'loopback, another port and a DROP are mended in one run, and undone',
    async () => {
      const unit = '/etc/systemd/system/ollama.service';
      const text = await host.read(unit);
      const restart = ['sh', '-c', 'systemctl daemon-reload && systemctl restart ollama'];
      await host.write(unit, text.replace('OLLAMA_HOST=0.0.0.0:11434', 'OLLAMA_HOST=http://127.0.0.1'));
      await host.must(restart);
      const [other, before] = [await host.snapshotEtc(), apartFromDocker(await host.rules())];
      const { fixes } = await mended(host);
      expect(fixes.map(({ recipe }) => recipe)).toEqual(['bind-all-interfaces', 'allow-container-subnet']);
      expect(await host.public.connectAll(incident.port)).toEqual(shut);
      await takenBack(host, other);
      expect(apartFromDocker(await host.rules())).toEqual(before);
      await host.write(unit, text);
      await host.must(restart);
    },
  );

  test('a rule for a network that went away is warned of, and its removal offered', async () => {
    await reportOf(host, '--fix', '--yes');
    expect(await networkGoesAway(host)).not.toBe('');
  });
});
