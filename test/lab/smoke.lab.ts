import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diffEtc, type LabHost, prepareLab } from './host/index.ts';
import { incident, incidentHost } from './scenarios/incident.ts';

const tags = `${incident.url}/api/tags`;
const shut = ['timeout', 'timeout', 'timeout'];

describe('the host of the incident, mended by hand', () => {
  let host: LabHost;
  beforeAll(async () => {
    await prepareLab();
    host = await incidentHost({ name: 'smoke' });
  });
  afterAll(() => host?.stop());

  const ask = () => host.docker.get(incident.container, tags);

  test('boots with nothing failed', async () => {
    expect(await host.sh('systemctl is-system-running')).toMatchObject({ stdout: 'running\n' });
  });

  test('answers itself on loopback, as a unit with the incident’s line should', async () => {
    const tagsHere = await host.must(['curl', '-s', 'http://127.0.0.1:11434/api/tags']);
    expect(tagsHere).toContain('"name":"llama3.2:latest"');
    expect(await host.must(['systemctl', 'show', 'ollama', '-p', 'Environment'])).toContain(
      'OLLAMA_HOST=127.0.0.1:11434',
    );
  });

  test('is silent to the container while the rules drop, and to the public side over IPv4', async () => {
    const { addresses, connect } = host.public;
    const seen = await Promise.all([ask(), connect(addresses.ipv4, incident.port)]);
    expect(seen).toEqual([{ outcome: 'timeout' }, 'timeout']);
  });

  test('asks through docker0, whatever network the container is on', async () => {
    const hosts = await host.docker.exec(incident.container, ['cat', '/etc/hosts']);
    expect(hosts.stdout).toMatch(/^172\.17\.0\.1\s+host\.docker\.internal$/m);
  });

  test('refuses the container once no rule drops its packets, as Ollama listens on loopback alone', async () => {
    await host.must(['iptables', '-D', 'INPUT', '-p', 'tcp', '--dport', '11434', '-j', 'DROP']);
    await host.must(['iptables', '-P', 'INPUT', 'ACCEPT']);
    expect(await ask()).toEqual({ outcome: 'refused' });
  });

  test('comes back from a reboot as it was: same files, same rules, same container, same silence', async () => {
    const etc = await host.snapshotEtc();
    await host.reboot();
    expect(diffEtc(etc, await host.snapshotEtc())).toEqual([]);
    const { iptables, nft } = await host.rules();
    expect(iptables).toContain(':INPUT DROP');
    expect(iptables).toContain('-A INPUT -i eth0 -p tcp -m tcp --dport 11434 -j DROP\n-A INPUT -p tcp');
    expect(nft).not.toMatch(/packets \d/);
    expect(await ask()).toEqual({ outcome: 'timeout' });
  });

  test('serves the container and nobody outside once both causes are mended, also after a reboot', async () => {
    await host.write(
      '/etc/systemd/system/ollama.service.d/by-hand.conf',
      '[Service]\nEnvironment="OLLAMA_HOST=0.0.0.0:11434"\n',
    );
    const accept = `-A INPUT -s ${incident.subnet} -p tcp -m tcp --dport 11434 -j ACCEPT`;
    const saved = await host.read(incident.rulesFile);
    await host.write(
      incident.rulesFile,
      saved.replace('-A INPUT -i eth0', `${accept}\n-A INPUT -i eth0`),
      0o640,
    );
    await host.must(['iptables', '-I', 'INPUT', '4', ...accept.split(' ').slice(2)]);
    await host.must(['ip6tables', ...'-A INPUT -p tcp --dport 11434 -j DROP'.split(' ')]);
    await host.must(['systemctl', 'daemon-reload']);
    await host.must(['systemctl', 'restart', 'ollama']);
    await host.must(['sh', '-c', 'until ss -ltn | grep -q :11434; do sleep 0.1; done']);

    expect(await ask()).toMatchObject({ outcome: 'answered', status: 200 });
    expect(await host.public.connectAll(incident.port)).toEqual(shut);

    await host.reboot();
    expect(await ask()).toMatchObject({ outcome: 'answered', status: 200 });
    // Nobody saved the rule for IPv6: the public side gets in there, and the harness sees it.
    expect(await host.public.connectAll(incident.port)).toEqual(['timeout', 'connected', 'connected']);
  });
});

describe('a host without rules and with Ollama on all interfaces', () => {
  let host: LabHost;
  beforeAll(async () => {
    await prepareLab();
    host = await incidentHost({ name: 'open', bind: 'all', rules: 'none' });
  });
  afterAll(() => host?.stop());

  test('is a wildcard listener that shows in the IPv6 table alone, and is open to everyone', async () => {
    expect(await host.must(['sh', '-c', 'ss -Hltn sport = 11434'])).toMatch(
      /^LISTEN\s+\S+\s+\S+\s+\*:11434\s/,
    );
    expect((await host.rules()).iptables).not.toContain('11434');
    expect(await host.public.connectAll(incident.port)).toEqual(['connected', 'connected', 'connected']);
    expect(await host.docker.get(incident.container, tags)).toMatchObject({ outcome: 'answered' });
  });

  test('runs commands as people with and without the right to ask Docker', async () => {
    expect((await host.exec(['docker', 'ps'], { user: 'dora' })).exitCode).toBe(0);
    const denied = await host.exec(['docker', 'ps'], { user: 'nora' });
    expect(denied.exitCode).not.toBe(0);
    expect(denied.stderr).toContain('permission denied');
  });

  test('runs the machine’s own Node', async () => {
    expect((await host.must(['node', '--version'])).trim()).toBe(process.version);
  });
});
