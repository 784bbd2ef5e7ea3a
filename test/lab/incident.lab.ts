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
import { answered, ask, codes, reportOf, shut, takenBack } from './scenarios/asking.ts';
import { incident, incidentHost, settled } from './scenarios/incident.ts';

describe('the incident: loopback bind and DROP rules at once', () => {
  let host: LabHost;
  let etc: EtcSnapshot;
  let rules: Rules;
  beforeAll(async () => {
    await prepareLab();
    host = await incidentHost({ name: 'incident' });
    etc = await host.snapshotEtc();
    rules = await host.rules();
  });
  afterAll(() => host?.stop());

  test('both causes are named, with the unit line, the rule, its counter, and what the container saw', async () => {
    const found = await reportOf(host);
    expect(found.exitCode).toBe(1);
    expect(codes(found)).toEqual(['bind-loopback', 'firewall-drop']);
    const bind = found.checks.find((row) => row.code === 'bind-loopback');
    expect(bind?.evidence).toContainEqual({
      source: expect.stringMatching(/^\/etc\/systemd\/system\/ollama\.service:\d+$/u),
      text: 'Environment="OLLAMA_HOST=127.0.0.1:11434"',
    });
    const drop = found.checks.find((row) => row.code === 'firewall-drop');
    expect(drop?.summary).toMatch(/rule 5 of filter INPUT/u);
    expect(drop?.evidence.map((one) => one.text).join('\n')).toContain('--dport 11434 -j DROP');
    expect(drop?.evidence.map((one) => one.text).join('\n')).toMatch(/[1-9]\d* of them during this probe/u);
    const reach = found.checks.find((row) => row.code === 'reach-timeout');
    expect(reach?.summary).toBe('timed out at 172.17.0.1:11434');
    expect(reach?.explainedBy).toBe('firewall-drop');
    expect(found.paths[0]?.hops.find((hop) => hop.status === 'fail')?.hop).toBe('firewall');
  });

  test('the report for people says the same', async () => {
    const { stdout, exitCode } = await host.doctor([]);
    expect(exitCode).toBe(1);
    for (const words of [
      'bind-loopback',
      'firewall-drop',
      'Environment="OLLAMA_HOST=127.0.0.1:11434"',
      '--dport 11434 -j DROP',
      'timed out at 172.17.0.1:11434',
      'ollama-doctor fix',
    ])
      expect(stdout).toContain(words);
  });

  test('at a terminal without a size it comes to its end as well, and a "no" changes nothing', async () => {
    const asked = await host.doctorAtTerminal(['fix'], { input: 'n\n' });
    expect(asked.exitCode).toBe(1);
    expect(asked.stdout).toContain('Change this?');
  });

  test('looking changes nothing', async () => {
    expect(diffEtc(etc, await host.snapshotEtc())).toEqual([]);
    expect(await host.rules()).toEqual(rules);
  });

  test('without root the probe still tells silence from refusal, and the rest says what would help', async () => {
    const { stdout, exitCode } = await host.doctor(['--json'], { user: 'dora' });
    const found = JSON.parse(stdout) as Report;
    expect(exitCode).toBe(1);
    expect(codes(found)).toEqual(['bind-loopback', 'reach-timeout']);
    const firewall = found.checks.find((row) => row.id === 'firewall');
    expect(firewall?.status).toBe('inconclusive');
    expect(`${firewall?.summary} ${firewall?.instructions.join(' ')}`).toMatch(/sudo/u);
  });

  test('a dry run shows every change and makes none', async () => {
    const { stdout, exitCode } = await host.doctor(['--dry-run']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('zz-ollama-doctor.conf');
    expect(stdout).toContain('+Environment="OLLAMA_HOST=0.0.0.0:11434"');
    expect(stdout).toContain('-s 172.18.0.0/16');
    expect(diffEtc(etc, await host.snapshotEtc())).toEqual([]);
    expect(await host.rules()).toEqual(rules);
  });

  test('--fix --yes mends both, proves it from inside the container, and leaves the public side shut', async () => {
    const fixed = await reportOf(host, '--fix', '--yes');
    expect(fixed.fixes.map((fix) => fix.status)).toEqual(fixed.fixes.map(() => 'verified'));
    expect(fixed.exitCode).toBe(0);
    expect(fixed.status).toBe('healthy');
    const reach = fixed.checks.find((row) => row.id === 'container-reach');
    expect(reach).toMatchObject({ subject: 'container:archon-server', status: 'pass' });
    expect(reach?.summary).toContain('2 models');
    expect(await ask(host)).toMatchObject(answered);
    expect(await host.must(['curl', '-s', 'http://127.0.0.1:11434/api/version'])).toContain('version');
    expect(await host.public.connectAll(incident.port)).toEqual(shut);
  });

  test('the drop-in, the narrow rule, its place ahead of the DROP, and the saved rules with that rule alone', async () => {
    const changed = diffEtc(etc, await host.snapshotEtc()).map((line) =>
      line.split(' ').slice(0, 2).join(' '),
    );
    expect(changed).toContain('+ /etc/systemd/system/ollama.service.d/zz-ollama-doctor.conf');
    expect(changed).toContain('~ /etc/iptables/rules.v4');
    expect(changed).not.toContain('~ /etc/systemd/system/ollama.service');
    const saved = (await host.read(incident.rulesFile)).split('\n');
    expect(saved.filter((line) => line.includes('ollama-doctor'))).toHaveLength(1);
    expect(saved.join('\n')).not.toContain('DOCKER');
    const live = (await host.rules()).iptables.split('\n').filter((line) => line.startsWith('-A INPUT'));
    const accept = live.findIndex((line) => line.includes('-s 172.18.0.0/16') && line.endsWith('-j ACCEPT'));
    const drop = live.findIndex((line) => line === '-A INPUT -p tcp -m tcp --dport 11434 -j DROP');
    expect(accept).toBeGreaterThanOrEqual(0);
    expect(accept).toBe(drop - 1);
  });

  test('a second --fix plans nothing', async () => {
    const again = await reportOf(host, '--fix', '--yes');
    expect(again).toMatchObject({ exitCode: 0, status: 'healthy', fixes: [] });
    const calm = await host.doctor([]);
    expect(calm.stdout).not.toMatch(/warn|fail|inconclusive/iu);
  });

  test('it survives a reboot: works, and still shut outside', async () => {
    await host.reboot();
    await settled(host);
    expect(await ask(host)).toMatchObject(answered);
    expect(await host.public.connectAll(incident.port)).toEqual(shut);
  });

  test('undo takes back every byte and every rule, and Ollama is on loopback again', async () => {
    await takenBack(host, etc);
    // A reboot lets Docker lay its own rules in another order: those are compared as a set, all others as they stand.
    expect(apartFromDocker(await host.rules())).toEqual(apartFromDocker(rules));
    await settled(host);
    expect(await host.must(['ss', '-Hltn', 'sport = 11434'])).toContain('127.0.0.1:11434');
    expect((await host.doctor(['undo'])).exitCode).toBe(0);
  });
});
