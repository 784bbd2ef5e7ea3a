import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import { apartFromDocker, diffEtc, type LabHost, prepareLab } from './host/index.ts';
import { answered, ask, codes, reportOf, shut, takenBack } from './scenarios/asking.ts';
import { incident, incidentHost, type IncidentPlan, settled } from './scenarios/incident.ts';

const tags = `${incident.url}/api/tags`;

describe('the neighbours of the incident', () => {
  let host: LabHost;
  beforeAll(() => prepareLab());
  afterEach(() => host?.stop());

  async function boot(plan: IncidentPlan): Promise<void> {
    host = await incidentHost(plan);
  }

  test('only the bind, no rules at all: opened to the container alone, IPv4 and IPv6, and so after a reboot', async () => {
    await boot({ name: 'bind-only', rules: 'none' });
    const etc = await host.snapshotEtc();
    const rules = await host.rules();
    expect(codes(await reportOf(host))).toEqual(['bind-loopback']);
    const fixed = await reportOf(host, '--fix', '--yes');
    expect(fixed).toMatchObject({ exitCode: 0, status: 'healthy' });
    expect(fixed.fixes.map((fix) => fix.status)).toEqual(['verified']);
    expect(await ask(host)).toMatchObject(answered);
    expect(await host.public.connectAll(incident.port)).toEqual(shut);
    await host.docker.runContainer({
      name: 'stranger',
      image: 'app:1',
      extraHosts: ['host.docker.internal:host-gateway'],
    });
    expect(await host.docker.get('stranger', tags)).toEqual({ outcome: 'timeout' });
    expect(await reportOf(host, '--fix', '--yes')).toMatchObject({ exitCode: 0, fixes: [] });

    await host.reboot();
    await settled(host);
    expect(await ask(host)).toMatchObject(answered);
    expect(await host.public.connectAll(incident.port)).toEqual(shut);

    await takenBack(host, etc);
    expect(apartFromDocker(await host.rules())).toEqual(apartFromDocker(rules));
    await settled(host);
    expect(await host.must(['ss', '-Hltn', 'sport = 11434'])).toContain('127.0.0.1:11434');
  });

  test('only the rule: the bind stays as it is', async () => {
    await boot({
      name: 'rule-only',
      bind: 'all',
      setup: (disk) =>
        disk.write(
          '/etc/iptables/rules.v6',
          '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT ! -i lo -p tcp -m tcp --dport 11434 -j DROP\nCOMMIT\n',
          0o640,
        ),
    });
    const etc = await host.snapshotEtc();
    const rules = await host.rules();
    expect(codes(await reportOf(host))).toEqual(['firewall-drop']);
    const fixed = await reportOf(host, '--fix', '--yes');
    expect(fixed).toMatchObject({ exitCode: 0, status: 'healthy' });
    expect(fixed.fixes.map((fix) => fix.recipe)).toEqual(['allow-container-subnet']);
    expect(await ask(host)).toMatchObject(answered);
    expect(await host.public.connectAll(incident.port)).toEqual(shut);
    await takenBack(host, etc);
    expect(await host.rules()).toEqual(rules);
  });

  test('Ollama stopped: --fix starts it, undo stops it', async () => {
    await boot({ name: 'stopped', bind: 'all', rules: 'allow', service: 'stopped' });
    const etc = await host.snapshotEtc();
    expect(codes(await reportOf(host))).toEqual(['not-running']);
    const fixed = await reportOf(host, '--fix', '--yes');
    expect(fixed.fixes.map((fix) => [fix.recipe, fix.status])).toEqual([['start-service', 'verified']]);
    expect(fixed.exitCode).toBe(0);
    expect(await ask(host)).toMatchObject(answered);
    expect((await host.doctor(['undo'])).exitCode).toBe(0);
    expect(await host.sh('systemctl is-active ollama')).toMatchObject({ stdout: 'inactive\n' });
    expect(diffEtc(etc, await host.snapshotEtc())).toEqual([]);
  });

  test('nothing wrong: healthy, exit 0, not a word of complaint, with and without root', async () => {
    await boot({
      name: 'healthy',
      bind: 'all',
      rules: 'allow',
      setup: (disk) =>
        disk.write(
          '/etc/iptables/rules.v6',
          '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT ! -i lo -p tcp -m tcp --dport 11434 -j DROP\nCOMMIT\n',
          0o640,
        ),
    });
    const found = await reportOf(host);
    expect(found).toMatchObject({ exitCode: 0, status: 'healthy', causes: [] });
    expect(found.counts).toMatchObject({ fail: 0, warn: 0, inconclusive: 0, blocked: 0 });
    const { stdout, stderr, exitCode } = await host.doctor([]);
    expect(exitCode).toBe(0);
    expect(stdout + stderr).not.toMatch(/warn|fail|inconclusive|could not|blocked/iu);
    const plain = await host.doctor([], { user: 'dora' });
    expect(plain).toMatchObject({ exitCode: 0, stderr: '' });
    const nobody = await host.doctor(['--json'], { user: 'nora' });
    expect(nobody.exitCode).toBe(3);
    expect((JSON.parse(nobody.stdout) as Report).checks).toContainEqual(
      expect.objectContaining({ id: 'container-runtime', status: 'inconclusive', code: 'runtime-denied' }),
    );
  });

  test('nothing installed, and a name that is not there', async () => {
    await boot({ name: 'bare', bind: 'all', rules: 'allow' });
    await host.docker.runContainer({
      name: 'nameless',
      image: 'app:1',
      network: incident.network,
      env: { OLLAMA_BASE_URL: incident.url },
    });
    const missing = await reportOf(host, '--container', 'nameless');
    expect(codes(missing)).toEqual(['dns-missing']);
    expect(missing.exitCode).toBe(1);
    await host.must([
      'sh',
      '-c',
      'systemctl disable --now ollama; rm /etc/systemd/system/ollama.service /usr/local/bin/ollama; systemctl daemon-reload',
    ]);
    expect(codes(await reportOf(host, '--container', 'archon-server'))).toEqual(['not-installed']);
  });
});
