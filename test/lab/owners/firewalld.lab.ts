import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diffEtc, type EtcSnapshot, type LabHost, prepareLab } from '../host/index.ts';
import { answered, ask, codes, mended, reportOf, takenBack } from '../scenarios/asking.ts';
import { incident, settled } from '../scenarios/incident.ts';
import { ownedHost } from '../scenarios/owned.ts';

describe('an Ollama on loopback, where firewalld lets in every network of Docker', () => {
  let host: LabHost;
  let etc: EtcSnapshot;
  beforeAll(async () => {
    await prepareLab();
    host = await ownedHost({ name: 'zones', owner: 'firewalld', bind: 'loopback' });
    await host.docker.runContainer({ name: 'other', image: 'app:1' });
    etc = await host.snapshotEtc();
  });
  afterAll(() => host?.stop());

  test('only the network of the container that wants it gets in', async () => {
    await mended(host);
    expect((await host.rules()).nft).not.toContain('ollama_doctor');
    expect(await host.docker.get('other', 'http://172.17.0.1:11434/', 2500)).toEqual({ outcome: 'timeout' });
    expect((await host.public.connectAll(incident.port)).every((one) => one !== 'connected')).toBe(true);
    await host.reboot();
    await settled(host);
    await host.must(['docker', 'start', 'other']);
    expect(await ask(host)).toMatchObject(answered);
    expect(await host.docker.get('other', 'http://172.17.0.1:11434/', 2500)).toEqual({ outcome: 'timeout' });
  });

  test('undo takes back the rules of the zone', async () => {
    await takenBack(host, etc);
    const zone = ['firewall-cmd', '--zone=docker', '--list-rich-rules'];
    expect((await host.must(zone)).trim()).toBe('');
  });
});

describe('firewalld, with the network of the container in no zone of its own', () => {
  let host: LabHost;
  let etc: EtcSnapshot;
  /** Docker puts its networks into a zone that accepts all, once it starts: one that is made or moved by hand is not there. */
  async function leaveZone(): Promise<void> {
    const script = `
      bridge=br-$(docker network inspect --format '{{slice .Id 0 12}}' ${incident.network})
      firewall-cmd --zone=docker --query-interface=$bridge && firewall-cmd --zone=docker --remove-interface=$bridge
      true`;
    await host.must(['sh', '-c', script]);
  }
  const rich = 'rule family="ipv4" source address="172.18.0.0/16" port port="11434" protocol="tcp" accept';
  const listed = async (...options: string[]): Promise<string> =>
    (await host.exec(['firewall-cmd', ...options, '--zone=public', '--list-rich-rules'])).stdout.trim();

  beforeAll(async () => {
    await prepareLab();
    host = await ownedHost({ name: 'firewalld', owner: 'firewalld' });
    await leaveZone();
    etc = await host.snapshotEtc();
  });
  afterAll(() => host?.stop());

  test('the container is told that it may not, and the zone is named', async () => {
    const found = await reportOf(host);
    expect(codes(found)).toEqual(['firewall-reject']);
    expect(await ask(host)).toEqual({ outcome: 'unreachable' });
    const dry = await host.doctor(['--dry-run']);
    expect(dry.stdout).toContain('firewall-cmd --zone=public');
    expect(diffEtc(etc, await host.snapshotEtc())).toEqual([]);
  });

  test('one rich rule, in force and kept, lets the subnet in and nobody else', async () => {
    await mended(host);
    expect([await listed(), await listed('--permanent')]).toEqual([rich, rich]);
    expect((await host.public.connectAll(incident.port)).every((one) => one !== 'connected')).toBe(true);
    expect(await reportOf(host, '--fix', '--yes')).toMatchObject({ status: 'healthy', fixes: [] });
    // Docker hears of the reload, and puts its networks back a moment later.
    await host.must(['sh', '-c', 'firewall-cmd --reload && sleep 2']);
    await leaveZone();
    expect(await ask(host)).toMatchObject(answered);
  });

  test('undo takes back both, and the file that firewalld had made for the zone', async () => {
    await takenBack(host, etc);
    await leaveZone();
    expect([await listed(), await listed('--permanent')]).toEqual(['', '']);
    expect(await ask(host)).toEqual({ outcome: 'unreachable' });
  });

  test('undo while firewalld is stopped, after a reboot', async () => {
    await mended(host);
    await host.reboot();
    await settled(host);
    expect(await listed()).toBe(rich);
    await host.must(['systemctl', 'stop', 'firewalld']);
    await takenBack(host, etc);
    await host.must(['systemctl', 'start', 'firewalld']);
    expect([await listed(), await listed('--permanent')]).toEqual(['', '']);
  });

  test('a rule that somebody put in force and did not keep is warned of', async () => {
    await leaveZone();
    await host.must(['firewall-cmd', '--zone=public', `--add-rich-rule=${rich}`]);
    const found = await reportOf(host);
    expect(found.status).toBe('healthy');
    const row = found.checks.find(({ id }) => id === 'persistence');
    expect(row).toMatchObject({ status: 'warn', code: 'not-persistent' });
    expect(row?.evidence[0]?.text).toBe(`zone public: ${rich}`);
    await host.must(['firewall-cmd', '--zone=public', `--remove-rich-rule=${rich}`]);
  });

  test('ahead of a rich rule of the zone that denies', async () => {
    const deny = 'rule family="ipv4" port port="11434" protocol="tcp" reject';
    for (const kept of [[], ['--permanent']])
      await host.must(['firewall-cmd', ...kept, '--zone=public', `--add-rich-rule=${deny}`]);
    await leaveZone();
    const before = await host.snapshotEtc();
    await mended(host);
    expect(await listed()).toContain('priority="-100"');
    await takenBack(host, before);
    expect(await listed()).toBe(deny);
  });
});
