import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import {
  apartFromDocker,
  diffEtc,
  type EtcSnapshot,
  type LabHost,
  prepareLab,
  type Rules,
} from './host/index.ts';
import { networkGoesAway } from './scenarios/gone-network.ts';
import { incident } from './scenarios/incident.ts';
import { incidentContainer, ownedHost, settled } from './scenarios/owned.ts';

const shut = ['timeout', 'timeout', 'timeout'];
const tags = `${incident.url}/api/tags`;
const words = 'from 172.18.0.0/16 to any port 11434 proto tcp';

async function report(host: LabHost, ...args: string[]): Promise<Report & { exitCode: number }> {
  // More time than the default, which a machine that boots other hosts beside this one may need.
  const { stdout, exitCode } = await host.doctor(['--json', '--timeout', '40000', ...args], {
    timeoutMs: 200_000,
  });
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

describe('a port that is open to others', () => {
  let host: LabHost | undefined;
  afterEach(async () => {
    await host?.stop();
    host = undefined;
  });

  test.each([
    ['ufw', 'ufw', ['ufw default allow incoming']],
    [
      'firewalld',
      'firewalld',
      ['firewall-cmd --add-port=11434/tcp', 'firewall-cmd --permanent --add-port=11434/tcp'],
    ],
    [
      'nobody',
      'nftables',
      ['nft flush ruleset; systemctl disable nftables; systemctl restart docker; docker start archon-server'],
    ],
  ] as const)('is closed on demand where %s keeps the rules', async (_who, owner, open) => {
    await prepareLab();
    const booted = await ownedHost({ name: `open-${owner}`, owner });
    host = booted;
    await booted.must(['sh', '-c', open.join(' && ')]);
    const etc = await booted.snapshotEtc();
    const isOpen = ['connected', 'connected', 'connected'];
    expect(await booted.public.connectAll(incident.port)).toEqual(isOpen);
    const found = await report(booted, '--fix', '--yes');
    expect(found).toMatchObject({ fixes: [] });
    expect(found.checks.find((row) => row.id === 'exposure')?.code).toBe('exposed');

    const fixed = await report(booted, '--fix', '--yes', '--fix-only', 'guard-port');
    expect(fixed.fixes).toMatchObject([{ recipe: 'guard-port', status: 'verified' }]);
    expect(fixed).toMatchObject({ exitCode: 0, status: 'healthy' });
    expect(fixed.checks.find((row) => row.id === 'exposure')?.status).toBe('pass');
    expect(await ask(booted)).toMatchObject(answered);
    expect(await booted.must(['curl', '-s', 'http://127.0.0.1:11434/api/version'])).toContain('version');
    expect(await booted.public.connectAll(incident.port)).toEqual(shut);
    await booted.reboot();
    await settled(booted);
    expect(await ask(booted)).toMatchObject(answered);
    expect(await booted.public.connectAll(incident.port)).toEqual(shut);
    await takenBack(booted, etc);
    expect(await booted.public.connectAll(incident.port)).toEqual(isOpen);
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
    const found = await report(host);
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
    expect(await report(host, '--fix', '--yes')).toMatchObject({ status: 'healthy', fixes: [] });
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
    const found = await report(host);
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

describe('nftables.service with a chain that drops', () => {
  let host: LabHost;
  let etc: EtcSnapshot;
  let rules: Rules;
  const ours = 'ip saddr 172.18.0.0/16 tcp dport 11434 accept comment "ollama-doctor"';
  const chain = async (): Promise<string[]> =>
    (await host.must(['nft', '-s', 'list', 'chain', 'inet', 'filter', 'input']))
      .split('\n')
      .map((line) => line.trim());

  beforeAll(async () => {
    await prepareLab();
    host = await ownedHost({ name: 'nftables', owner: 'nftables' });
    etc = await host.snapshotEtc();
    rules = await host.rules();
  });
  afterAll(() => host?.stop());

  test('the rule goes just ahead of the one that drops, in the kernel and in the file', async () => {
    expect(codes(await report(host))).toEqual(['firewall-drop']);
    await mended(host);
    const live = await chain();
    expect(live[live.indexOf(ours) + 1]).toBe('tcp dport 11434 counter drop');
    const file = await host.read('/etc/nftables.conf');
    expect(file).toContain(`\t\t${ours}\n\t\ttcp dport 11434 counter drop\n`);
    expect(await host.public.connectAll(incident.port)).toEqual(shut);
    expect(await report(host, '--fix', '--yes')).toMatchObject({ status: 'healthy', fixes: [] });
  });

  test('a reboot changes nothing, and undo takes back both', async () => {
    await host.reboot();
    await settled(host);
    expect(await ask(host)).toMatchObject(answered);
    expect(await host.public.connectAll(incident.port)).toEqual(shut);
    await takenBack(host, etc);
    expect(await chain()).not.toContain(ours);
    expect(apartFromDocker(await host.rules())).toEqual(apartFromDocker(rules));
    expect(await ask(host)).toEqual({ outcome: 'timeout' });
  });

  test('what is in force and not in the file is told, by what nft makes of the file', async () => {
    const allow = 'tcp dport 11434 ip saddr 172.18.0.0/16 accept';
    await host.must(['sh', '-c', `nft insert rule inet filter input ${allow}`]);
    const found = await report(host);
    expect(found.status).toBe('healthy');
    const row = found.checks.find(({ id }) => id === 'persistence');
    expect(row).toMatchObject({ status: 'warn', code: 'not-persistent' });
    expect(row?.summary).toMatch(/gets through now, and will not after a reboot/u);
    await host.must([
      'sh',
      '-c',
      'nft flush ruleset; systemctl restart nftables docker; docker start archon-server',
    ]);
    await settled(host);
  });

  test('undo while the rules are not loaded', async () => {
    await mended(host);
    await host.must(['nft', 'delete', 'table', 'inet', 'filter']);
    await takenBack(host, etc);
    await host.must(['sh', '-c', "sed -n '/^table/,$p' /etc/nftables.conf | nft -f -"]);
    expect(await ask(host)).toEqual({ outcome: 'timeout' });
  });

  test('a rule for a network that went away is warned of, and its removal offered', async () => {
    await mended(host);
    expect(await networkGoesAway(host)).not.toBe('');
    await incidentContainer(host);
    expect(await host.doctor(['undo'])).toMatchObject({ exitCode: 0 });
  });

  test('a chain in a file that the script includes is mended there; one that none writes out is left alone', async () => {
    await host.must([
      'sh',
      '-c',
      'mv /etc/nftables.conf /etc/rules.nft; printf \'flush ruleset\\ninclude "/etc/rules.nft"\\n\' >/etc/nftables.conf',
    ]);
    const before = await host.snapshotEtc();
    await mended(host);
    expect(await host.read('/etc/rules.nft')).toContain(`\t\t${ours}\n\t\ttcp dport 11434 counter drop\n`);
    await takenBack(host, before);
    await host.must(['sh', '-c', 'echo "flush ruleset" >/etc/nftables.conf']);
    const told = await report(host, '--fix', '--yes');
    expect(told.fixes).toMatchObject([{ recipe: 'allow-container-subnet', status: 'declined' }]);
    expect(told.fixes[0]?.notes.join('\n')).toMatch(
      /do not write out the chain inet filter input[^]*sudo nft insert rule/u,
    );
    expect(await chain()).not.toContain(ours);
  });
});
