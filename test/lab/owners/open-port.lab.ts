import { afterEach, describe, expect, test } from 'vitest';
import { type LabHost, prepareLab } from '../host/index.ts';
import { answered, ask, reportOf, shut, takenBack } from '../scenarios/asking.ts';
import { incident, settled } from '../scenarios/incident.ts';
import { ownedHost } from '../scenarios/owned.ts';

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
    const found = await reportOf(booted, '--fix', '--yes');
    expect(found).toMatchObject({ fixes: [] });
    expect(found.checks.find((row) => row.id === 'exposure')?.code).toBe('exposed');

    const fixed = await reportOf(booted, '--fix', '--yes', '--fix-only', 'guard-port');
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
