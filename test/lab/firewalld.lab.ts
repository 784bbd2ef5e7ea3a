import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import { diffEtc, type EtcSnapshot, type LabHost, prepareLab } from './host/index.ts';
import { incident, settled } from './scenarios/incident.ts';
import { ownedHost } from './scenarios/owned.ts';

const tags = `${incident.url}/api/tags`;
const source = 'source address="172.18.0.0/16"';
const rich = (first = ''): string =>
  `rule ${first}family="ipv4" ${source} port port="11434" protocol="tcp" accept`;

// The first steps with nftables are in owners.lab.ts; what is the same to both back ends is tried with one.
describe.each(['nftables', 'iptables'] as const)(
  'firewalld with its %s back end',
  { timeout: 600_000 },
  (backend) => {
    let host: LabHost;
    let etc: EtcSnapshot;

    const sh = (...lines: string[]): Promise<string> =>
      host.must(['sh', '-c', ['set -e', ...lines].join('\n')], { timeoutMs: 230_000 });
    /** The same in force and kept. */
    const both = (words: string): Promise<string> =>
      sh(`firewall-cmd ${words}`, `firewall-cmd --permanent ${words}`);
    /**
     * Docker puts its networks into a zone that accepts all, a moment after it starts and after each reload; one that is
     * made or moved by hand is not there.
     */
    const leaveZone = (): Promise<string> =>
      sh(
        `bridge=br-$(docker network inspect --format '{{slice .Id 0 12}}' ${incident.network})`,
        'for i in $(seq 60); do firewall-cmd --zone=docker --query-interface=$bridge && break; sleep 0.5; done',
        'firewall-cmd --zone=docker --remove-interface=$bridge',
      );
    /** Each word with firewalld is a start of its program: on a loaded machine they add up. */
    const doctor = (args: string[]) => host.doctor(args, { timeoutMs: 230_000 });
    const report = async (...args: string[]): Promise<Report> =>
      JSON.parse((await doctor(['--json', '--timeout', '40000', ...args])).stdout) as Report;
    const ask = (): Promise<unknown> => host.docker.get(incident.container, tags, 2500);
    const shut = async (): Promise<boolean> =>
      (await host.public.connectAll(incident.port)).every((one) => one !== 'connected');
    const rules = (words: string): Promise<string> =>
      host.must(['sh', '-c', `firewall-cmd ${words}; firewall-cmd --permanent ${words}`]);

    async function mended(): Promise<void> {
      const fixed = await report('--fix', '--yes');
      expect(fixed.fixes).toMatchObject([{ recipe: 'allow-container-subnet', status: 'verified' }]);
      expect(fixed.status).toBe('healthy');
      expect(await ask()).toMatchObject({ outcome: 'answered', status: 200 });
      expect(await shut()).toBe(true);
    }

    async function takenBack(before: EtcSnapshot): Promise<void> {
      expect(await doctor(['undo'])).toMatchObject({ exitCode: 0 });
      expect(diffEtc(before, await host.snapshotEtc())).toEqual([]);
      expect(await ask()).not.toMatchObject({ outcome: 'answered' });
    }

    beforeAll(async () => {
      await prepareLab();
      host = await ownedHost({
        name: `fwd-${backend}`,
        owner: 'firewalld',
        setup: async (disk) => {
          const conf = await disk.read('/etc/firewalld/firewalld.conf');
          await disk.write(
            '/etc/firewalld/firewalld.conf',
            conf.replace('FirewallBackend=nftables', `FirewallBackend=${backend}`),
          );
        },
      });
      await leaveZone();
      etc = await host.snapshotEtc();
    });
    afterAll(() => host?.stop());

    test.runIf(backend === 'iptables')(
      'a rich rule in the zone that decides; so after a reboot; taken back to the byte',
      async () => {
        const found = await report();
        expect(found.causes.map(({ code }) => code)).toEqual(['firewall-reject']);
        await mended();
        expect((await rules('--zone=public --list-rich-rules')).trim().split('\n')).toEqual([rich(), rich()]);
        expect((await host.rules()).iptables).not.toContain('ollama-doctor');
        await host.reboot();
        await settled(host);
        await leaveZone();
        expect(await ask()).toMatchObject({ outcome: 'answered' });
        expect(await shut()).toBe(true);
        await takenBack(etc);
      },
    );

    test.runIf(backend === 'nftables')(
      'ahead of a rich rule with a priority; where none is ahead, what to type',
      async () => {
        const deny = (priority: number): string =>
          `rule priority="${priority}" family="ipv4" port port="11434" protocol="tcp" drop`;
        await both(`--zone=public --add-rich-rule='${deny(-200)}'`);
        const before = await host.snapshotEtc();
        await mended();
        expect(await rules('--zone=public --list-rich-rules')).toContain(rich('priority="-201" '));
        await takenBack(before);
        await both(`--zone=public --remove-rich-rule='${deny(-200)}'`);

        await both(`--zone=public --add-rich-rule='${deny(-32_768)}'`);
        const told = await report('--fix', '--yes');
        expect(told.fixes).toMatchObject([{ status: 'declined' }]);
        const typed = told.fixes[0]?.notes.filter((note) => note.startsWith('sudo ')) ?? [];
        expect(typed).toHaveLength(6);
        await sh(...typed.map((line) => line.replace('sudo ', '')));
        expect(await ask()).toMatchObject({ outcome: 'answered' });
        await both(`--zone=public --remove-rich-rule='${deny(-32_767)}'`);
        await both(`--zone=public --remove-rich-rule='${rich('priority="-32768" ')}'`);
      },
    );

    test.runIf(backend === 'nftables')('in the policy that rejects', async () => {
      await sh(
        'firewall-cmd --permanent --new-policy shutters',
        'firewall-cmd --permanent --policy shutters --add-ingress-zone ANY',
        'firewall-cmd --permanent --policy shutters --add-egress-zone HOST',
        'firewall-cmd --permanent --policy shutters --set-priority -10',
        `firewall-cmd --permanent --policy shutters --add-rich-rule='rule family="ipv4" port port="11434" protocol="tcp" reject'`,
        'firewall-cmd --reload',
      );
      await leaveZone();
      const before = await host.snapshotEtc();
      await mended();
      expect(await rules('--policy=shutters --list-rich-rules')).toContain(source);
      await takenBack(before);
      await sh('firewall-cmd --permanent --delete-policy shutters', 'firewall-cmd --reload');
      await leaveZone();
    });

    test.runIf(backend === 'iptables')('ahead of a direct rule, by a direct rule', async () => {
      await both('--direct --add-rule ipv4 filter INPUT 0 ! -i lo -p tcp --dport 11434 -j DROP');
      const before = await host.snapshotEtc();
      expect((await report()).causes.map(({ code }) => code)).toEqual(['firewall-drop']);
      await mended();
      expect(await rules('--direct --get-rules ipv4 filter INPUT')).toContain(
        '-1 -s 172.18.0.0/16 -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j ACCEPT',
      );
      await takenBack(before);
      await both('--direct --remove-rule ipv4 filter INPUT 0 ! -i lo -p tcp --dport 11434 -j DROP');
    });

    test('a rule that somebody put beside its own is left alone: what to type', async () => {
      await host.must(['sh', '-c', 'iptables -I INPUT 1 ! -i lo -p tcp --dport 11434 -j DROP']);
      const before = await host.rules();
      const told = await report('--fix', '--yes');
      expect(told.fixes).toMatchObject([{ status: 'declined' }]);
      expect(told.fixes[0]?.notes.join('\n')).toContain(
        'sudo iptables -D INPUT ! -i lo -p tcp -m tcp --dport 11434 -j DROP',
      );
      expect(await host.rules()).toEqual(before);
      await host.must(['sh', '-c', 'iptables -D INPUT ! -i lo -p tcp -m tcp --dport 11434 -j DROP']);
    });
  },
);
