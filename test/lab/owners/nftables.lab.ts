import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apartFromDocker, type EtcSnapshot, type LabHost, prepareLab, type Rules } from '../host/index.ts';
import { answered, ask, codes, mended, reportOf, shut, takenBack } from '../scenarios/asking.ts';
import { networkGoesAway } from '../scenarios/gone-network.ts';
import { incident, incidentContainer, settled } from '../scenarios/incident.ts';
import { ownedHost } from '../scenarios/owned.ts';

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
    expect(codes(await reportOf(host))).toEqual(['firewall-drop']);
    await mended(host);
    const live = await chain();
    expect(live[live.indexOf(ours) + 1]).toBe('tcp dport 11434 counter drop');
    const file = await host.read('/etc/nftables.conf');
    expect(file).toContain(`\t\t${ours}\n\t\ttcp dport 11434 counter drop\n`);
    expect(await host.public.connectAll(incident.port)).toEqual(shut);
    expect(await reportOf(host, '--fix', '--yes')).toMatchObject({ status: 'healthy', fixes: [] });
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
    const found = await reportOf(host);
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
    const told = await reportOf(host, '--fix', '--yes');
    expect(told.fixes).toMatchObject([{ recipe: 'allow-container-subnet', status: 'declined' }]);
    expect(told.fixes[0]?.notes.join('\n')).toMatch(
      /do not write out the chain inet filter input[^]*sudo nft insert rule/u,
    );
    expect(await chain()).not.toContain(ours);
  });
});
