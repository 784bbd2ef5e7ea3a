import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import { type LabHost, prepareLab, type User } from './host/index.ts';
import { incident, incidentHost } from './scenarios/incident.ts';

/** Images with less and less in them, on the incident's network, all wanting Ollama at the same address. */
const containers = { 'with-python': 'app:1', 'with-shell': 'shell:1', 'with-nothing': 'scratch:1' } as const;

describe('looking from inside containers', () => {
  let host: LabHost;
  beforeAll(async () => {
    await prepareLab();
    host = await incidentHost({ name: 'vantage', bind: 'all', rules: 'allow' });
    await host.docker.load('app:1', 'shell:1', 'scratch:1');
    for (const [name, image] of Object.entries(containers))
      await host.docker.runContainer({
        name,
        image,
        network: incident.network,
        env: { OLLAMA_URL: incident.url },
        extraHosts: ['host.docker.internal:host-gateway'],
      });
  });
  afterAll(() => host?.stop());

  async function reached(
    name: string,
    user: User,
  ): Promise<{ status: string; via: string; exitCode: number }> {
    const { stdout, exitCode } = await host.doctor(['--json', '--container', name], { user });
    const row = (JSON.parse(stdout) as Report).checks.find((one) => one.id === 'container-reach');
    const via = row?.evidence.map((one) => one.source).join(' ') ?? '';
    return { status: row?.status ?? '', via, exitCode };
  }

  test('python3 in the image is used, as root and as a member of the group docker', async () => {
    for (const user of ['root', 'dora'] as const) {
      const seen = await reached('with-python', user);
      expect(seen).toMatchObject({ status: 'pass', exitCode: 0 });
      expect(seen.via).toContain('docker exec with-python python3');
    }
  });

  test.each(['with-shell', 'with-nothing'] as const)(
    '%s: root looks from its network namespace',
    async (name) => {
      const seen = await reached(name, 'root');
      expect(seen).toMatchObject({ status: 'pass', exitCode: 0 });
      expect(seen.via).not.toContain('python3');
    },
  );

  test('without root a helper container in its network looks, and is gone afterwards', async () => {
    const before = await host.must(['docker', 'ps', '-aq']);
    expect(await reached('with-nothing', 'dora')).toMatchObject({ status: 'pass', exitCode: 0 });
    expect(await host.must(['docker', 'ps', '-aq'])).toBe(before);
  });

  test('every way tells silence from an answer', async () => {
    await host.must([
      'iptables',
      '-I',
      'INPUT',
      '1',
      '-p',
      'tcp',
      '--dport',
      '11434',
      '-s',
      incident.subnet,
      '-j',
      'DROP',
    ]);
    for (const [name, user] of [
      ['with-python', 'root'],
      ['with-nothing', 'root'],
      ['with-nothing', 'dora'],
    ] as const) {
      const { stdout } = await host.doctor(['--json', '--container', name], { user });
      const row = (JSON.parse(stdout) as Report).checks.find((one) => one.id === 'container-reach');
      expect([name, user, row?.code]).toEqual([name, user, 'reach-timeout']);
    }
  });
});
