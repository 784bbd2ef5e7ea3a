import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  apartFromDocker,
  diffEtc,
  type EtcSnapshot,
  type LabHost,
  prepareLab,
  type Rules,
} from '../host/index.ts';
import { answered, ask, codes, mended, reportOf, shut, takenBack } from '../scenarios/asking.ts';
import { networkGoesAway } from '../scenarios/gone-network.ts';
import { incident, settled } from '../scenarios/incident.ts';
import { ownedHost } from '../scenarios/owned.ts';

const words = 'from 172.18.0.0/16 to any port 11434 proto tcp';

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
    const found = await reportOf(host);
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
    expect(await reportOf(host, '--fix', '--yes')).toMatchObject({ status: 'healthy', fixes: [] });
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
    const told = await reportOf(host, '--fix', '--yes');
    expect(told.fixes).toMatchObject([{ recipe: 'allow-container-subnet', status: 'declined' }]);
    expect(told.fixes[0]?.notes).toContain(`sudo ufw delete deny ${words}`);
    expect(diffEtc(before, await host.snapshotEtc())).toEqual([]);
    await host.must(['ufw', 'delete', 'deny', ...words.split(' ')]);
  });

  test('a rule for a network that went away is warned of, and its removal offered', async () => {
    await mended(host);
    expect(await networkGoesAway(host)).not.toBe('');
  });
});

describe('an Ollama on loopback, where ufw lets in what it does not name', () => {
  let host: LabHost;
  let etc: EtcSnapshot;
  beforeAll(async () => {
    await prepareLab();
    host = await ownedHost({ name: 'ufw-open', owner: 'ufw', bind: 'loopback' });
    await host.must(['ufw', 'default', 'allow', 'incoming']);
    await host.must(['ufw', 'allow', '11434']);
    etc = await host.snapshotEtc();
  });
  afterAll(() => host?.stop());

  test('the port is closed by rules of ufw in the same step, also after a reboot', async () => {
    await mended(host);
    expect(await host.public.connectAll(incident.port)).toEqual(shut);
    expect((await host.must(['ufw', 'show', 'added'])).split('\n').slice(1, 4)).toEqual([
      `ufw allow ${words} comment 'ollama-doctor'`,
      "ufw deny 11434/tcp comment 'ollama-doctor'",
      'ufw allow 11434',
    ]);
    expect((await host.rules()).nft).not.toContain('ollama_doctor');
    await host.reboot();
    await settled(host);
    expect(await ask(host)).toMatchObject(answered);
    expect(await host.public.connectAll(incident.port)).toEqual(shut);
  });

  test('undo opens nothing: Ollama is on loopback again', async () => {
    await takenBack(host, etc);
    await settled(host);
    expect(await host.must(['ss', '-Hltn', 'sport = 11434'])).toContain('127.0.0.1:11434');
  });
});
