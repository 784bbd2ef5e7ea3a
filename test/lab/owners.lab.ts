import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import {
  apartFromDocker,
  diffEtc,
  type EtcSnapshot,
  type LabHost,
  prepareLab,
  type Rules,
} from './host/index.ts';
import { incident } from './scenarios/incident.ts';
import { ownedHost, settled } from './scenarios/owned.ts';

const shut = ['timeout', 'timeout', 'timeout'];
const tags = `${incident.url}/api/tags`;
const words = 'from 172.18.0.0/16 to any port 11434 proto tcp';

async function report(host: LabHost, ...args: string[]): Promise<Report & { exitCode: number }> {
  const { stdout, exitCode } = await host.doctor(['--json', ...args]);
  return { ...(JSON.parse(stdout) as Report), exitCode };
}

const codes = (of: Report): string[] => of.causes.map((cause) => cause.code).sort();
const ask = (host: LabHost): Promise<unknown> => host.docker.get(incident.container, tags, 2500);
const answered = { outcome: 'answered', status: 200 };

async function mended(host: LabHost): Promise<Report> {
  const fixed = await report(host, '--fix', '--yes');
  expect(fixed.fixes.map(({ recipe, status, notes }) => ({ recipe, status, notes }))).toEqual(
    fixed.fixes.map(({ recipe }) => ({ recipe, status: 'verified', notes: expect.any(Array) as unknown })),
  );
  expect(fixed).toMatchObject({ exitCode: 0, status: 'healthy' });
  expect(await ask(host)).toMatchObject(answered);
  return fixed;
}

async function takenBack(host: LabHost, etc: EtcSnapshot): Promise<void> {
  expect(await host.doctor(['undo'])).toMatchObject({ exitCode: 0 });
  expect(diffEtc(etc, await host.snapshotEtc())).toEqual([]);
}

describe('ufw that denies what comes in', () => {
  let host: LabHost;
  let etc: EtcSnapshot;
  let rules: Rules;
  beforeAll(async () => {
    await prepareLab();
    host = await ownedHost({ name: 'ufw', owner: 'ufw' });
    // What ufw leaves out when it writes its file anew.
    await host.must(['sh', '-c', "printf '\n# by hand\n' >>/etc/ufw/user.rules"]);
    await host.reboot();
    await settled(host);
    etc = await host.snapshotEtc();
    rules = await host.rules();
  });
  afterAll(() => host?.stop());

  test('the container waits in vain, and ufw is named', async () => {
    const found = await report(host);
    expect(codes(found)).toEqual(['firewall-drop']);
    expect(found.causes[0]?.recipe).toBe('allow-container-subnet');
    const dry = await host.doctor(['--dry-run']);
    expect(dry.stdout).toContain(`ufw allow ${words}`);
    expect(diffEtc(etc, await host.snapshotEtc())).toEqual([]);
  });

  test('one rule of ufw lets the subnet in, and nobody else', async () => {
    await mended(host);
    expect(await host.must(['ufw', 'show', 'added'])).toContain(`ufw allow ${words} comment 'ollama-doctor'`);
    expect((await host.rules()).iptables.match(/--dport 11434/gu)).toHaveLength(1);
    expect(await host.public.connectAll(incident.port)).toEqual(shut);
    expect(await report(host, '--fix', '--yes')).toMatchObject({ status: 'healthy', fixes: [] });
  });

  test('a reboot changes nothing, and undo gives back the bytes that ufw had rewritten', async () => {
    await host.reboot();
    await settled(host);
    expect(await ask(host)).toMatchObject(answered);
    expect(await host.public.connectAll(incident.port)).toEqual(shut);
    await takenBack(host, etc);
    expect(apartFromDocker(await host.rules())).toEqual(apartFromDocker(rules));
    expect(await ask(host)).toEqual({ outcome: 'timeout' });
  });

  test.each([
    ['off', ['ufw', 'disable'], ['ufw', '--force', 'enable']],
    ['stopped', ['systemctl', 'stop', 'ufw'], ['systemctl', 'start', 'ufw']],
  ])('undo while ufw is %s', async (_how, stop, start) => {
    await host.must(start);
    const before = await host.snapshotEtc();
    await mended(host);
    const conf = await host.read('/etc/ufw/ufw.conf');
    await host.must(stop);
    expect(await host.doctor(['undo'])).toMatchObject({ exitCode: 0 });
    await host.must(start);
    expect(await host.read('/etc/ufw/ufw.conf')).toBe(conf);
    expect(diffEtc(before, await host.snapshotEtc())).toEqual([]);
    expect(await ask(host)).toEqual({ outcome: 'timeout' });
  });

  test('a rule that a person adds to ufw after the fix outlives its undo', async () => {
    await mended(host);
    await host.must(['ufw', 'allow', '8080/tcp']);
    expect(await host.doctor(['undo'])).toMatchObject({ exitCode: 0 });
    const added = await host.must(['ufw', 'show', 'added']);
    expect(added).toContain('ufw allow 8080/tcp');
    expect(added).not.toContain('11434');
    await host.must(['ufw', 'delete', 'allow', '8080/tcp']);
  });

  test('a rule of ufw that denies the port: ours goes ahead of it, and behind the ones before it', async () => {
    await host.must(['ufw', 'allow', '22/tcp']);
    await host.must(['ufw', 'deny', '11434']);
    const before = await host.snapshotEtc();
    await mended(host);
    const added = (await host.must(['ufw', 'show', 'added'])).split('\n').slice(1, 4);
    expect(added).toEqual([
      'ufw allow 22/tcp',
      `ufw allow ${words} comment 'ollama-doctor'`,
      'ufw deny 11434',
    ]);
    expect(await host.public.connectAll(incident.port)).toEqual(shut);
    await takenBack(host, before);
    expect(await ask(host)).toEqual({ outcome: 'timeout' });
  });

  test('a rule of ufw for just these packets is not turned round: what to type is said', async () => {
    await host.must(['ufw', 'prepend', 'deny', ...words.split(' ')]);
    const before = await host.snapshotEtc();
    const told = await report(host, '--fix', '--yes');
    expect(told.fixes).toMatchObject([{ recipe: 'allow-container-subnet', status: 'declined' }]);
    expect(told.fixes[0]?.notes).toContain(`sudo ufw delete deny ${words}`);
    expect(diffEtc(before, await host.snapshotEtc())).toEqual([]);
  });
});
