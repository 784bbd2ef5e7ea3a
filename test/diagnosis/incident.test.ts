import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { fix } from '../../src/diagnosis/fix.ts';
import { defaultOptions } from '../../src/diagnosis/options.ts';
import { openReplay } from '../../src/machine/replay.ts';

const recording = fileURLToPath(new URL('../../fixtures/incident', import.meta.url));

describe('the recorded incident that ships with the package', () => {
  it('names both causes, and the silence as their symptom', async () => {
    const { report } = await diagnose(await openReplay(recording), defaultOptions);
    expect(report.status).toBe('problems');
    expect(report.causes.map((cause) => [cause.code, cause.affects, cause.recipe])).toEqual([
      ['bind-loopback', ['container:archon-server'], 'bind-all-interfaces'],
      ['firewall-drop', ['container:archon-server'], 'allow-container-subnet'],
    ]);
    const reach = report.checks.find((row) => row.id === 'container-reach');
    expect(reach).toMatchObject({ code: 'reach-timeout', explainedBy: 'firewall-drop' });
  });

  it('gives the same report each time it is replayed', async () => {
    const first = await diagnose(await openReplay(recording), defaultOptions);
    const second = await diagnose(await openReplay(recording), defaultOptions);
    expect(second.report).toEqual(first.report);
  });

  it('can be mended as a dry run: the drop-in, the guard for IPv6, the one rule in its place', async () => {
    const machine = await openReplay(recording);
    const diagnosis = await diagnose(machine, defaultOptions);
    const report = await fix(machine, diagnosis, {
      dryRun: true,
      onlyRecipes: [],
      options: defaultOptions,
      consent: () => Promise.reject(new Error('a dry run asks nobody')),
      observe: () => undefined,
    });
    expect(report.fixes.map((one) => [one.recipe, one.status])).toEqual([
      ['bind-all-interfaces', 'planned'],
      ['allow-container-subnet', 'planned'],
    ]);
    const commands = report.fixes.flatMap((one) => one.changes.flatMap((change) => change.commands));
    expect(commands).toEqual([
      expect.stringMatching(/^ip6tables -I INPUT 1 .*--dport 11434 .*-j DROP$/u),
      'systemctl daemon-reload',
      'systemctl restart ollama.service',
      expect.stringMatching(/^iptables -I INPUT 5 -s 172\.18\.0\.0\/16 .*--dport 11434 .*-j ACCEPT$/u),
    ]);
    expect(report.fixes.flatMap((one) => one.notes).join('\n')).toContain('no authentication');
  });
});
