import { describe, expect, test } from 'vitest';
import type { Rulesets } from '../../../src/facts/network.ts';
import { simulate } from '../../../src/machine/simulated.ts';
import type { SimulationScript } from '../../../src/machine/simulated.ts';
import { lookAtRulesets } from '../../../src/platforms/linux/rulesets.ts';
import { captured } from './captured.ts';

const nftJson = captured('trixie', 'nft-ruleset.json');
const nftSave = captured('trixie', 'iptables-nft-save.txt');
const legacySave = captured('trixie', 'iptables-legacy-save.txt');
const nativeJson =
  '{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}]}';
const nftTools = {
  'nft -j list ruleset': nftJson,
  'iptables-nft-save -c': nftSave,
  'ip6tables-nft-save -c': '',
};
const noRights = {
  exitCode: 1,
  stderr:
    'Operation not permitted (you must be root)\nnetlink: Error: cache initialization failed: Operation not permitted\n',
};

async function rulesets(script: SimulationScript): Promise<Rulesets> {
  const looked = await lookAtRulesets(simulate(script));
  if (looked.state !== 'seen') throw new Error(JSON.stringify(looked));
  return looked.value;
}

const sources = ({ listings }: Rulesets): string[] =>
  listings.map(({ source, format, backend }) => `${source} as ${format}, ${backend}`);

describe('listing every ruleset there is', () => {
  test('nftables and iptables on it, and no legacy tool where the kernel has no legacy table', async () => {
    const machine = simulate({ run: nftTools, files: { '/proc/net/ip_tables_names': '' } });
    const looked = await lookAtRulesets(machine);
    expect(looked).toMatchObject({ state: 'seen', value: { missing: [] } });
    expect(looked.state === 'seen' && sources(looked.value)).toEqual([
      'nft -j list ruleset as nft-json, nft',
      'iptables-nft-save -c as iptables-save, nft',
      'ip6tables-nft-save -c as ip6tables-save, nft',
    ]);
    // Asking a legacy tool would create the table it is asked for.
    expect(machine.asked.filter((asked) => asked.includes('legacy'))).toEqual([]);
  });

  test.each([
    ['/proc names them', { '/proc/net/ip_tables_names': 'filter\n' }, ''],
    [
      'iptables warns of them',
      {},
      '# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n',
    ],
  ])('legacy tables as well, where %s', async (_, files, stderr) => {
    const found = await rulesets({
      files,
      run: {
        ...nftTools,
        'iptables-nft-save -c': { stdout: nftSave, stderr },
        'iptables-legacy-save -c': legacySave,
      },
    });
    expect(sources(found)).toContain('iptables-legacy-save -c as iptables-save, legacy');
    expect(found.listings.at(-1)?.text).toBe(legacySave);
  });

  test('legacy tables that cannot be listed are missing, not absent', async () => {
    const found = await rulesets({ files: { '/proc/net/ip6_tables_names': 'filter\n' }, run: nftTools });
    expect(found.missing).toEqual([
      { source: 'ip6tables-legacy-save -c', reason: 'ip6tables-legacy-save is not installed' },
    ]);
  });

  test('native tables alone need no iptables', async () => {
    const found = await rulesets({ run: { 'nft -j list ruleset': nativeJson } });
    expect(sources(found)).toEqual(['nft -j list ruleset as nft-json, nft']);
    expect(found.missing).toEqual([]);
  });

  test("iptables' own rules without iptables are known in part", async () => {
    const found = await rulesets({ run: { 'nft -j list ruleset': nftJson } });
    expect(found.missing.map(({ source }) => source)).toEqual([
      'iptables-nft-save -c',
      'ip6tables-nft-save -c',
    ]);
  });

  test('without nft, tables of other programs may be there unseen', async () => {
    const found = await rulesets({ run: { 'iptables-nft-save -c': nftSave, 'ip6tables-nft-save -c': '' } });
    expect(found.missing).toEqual([{ source: 'nft -j list ruleset', reason: 'nft is not installed' }]);
  });

  test('an iptables without the explicit names tells its backend', async () => {
    const found = await rulesets({
      run: {
        'nft -j list ruleset': nftJson,
        'iptables -V': 'iptables v1.8.7 (nf_tables)\n',
        'iptables-save -c': nftSave,
      },
    });
    expect(sources(found)).toContain('iptables-save -c as iptables-save, nft');
  });

  test('an old iptables is legacy, and its plain name lists the legacy tables', async () => {
    const found = await rulesets({
      files: { '/proc/net/ip_tables_names': 'filter\n' },
      run: { 'iptables -V': 'iptables v1.6.1\n', 'iptables-save -c': legacySave },
    });
    expect(sources(found)).toContain('iptables-save -c as iptables-save, legacy');
  });

  test('output that was cut off is missing', async () => {
    const found = await rulesets({
      run: { ...nftTools, 'nft -j list ruleset': { stdout: nftJson, truncated: true } },
    });
    expect(found.missing[0]).toMatchObject({
      source: 'nft -j list ruleset',
      reason: expect.stringContaining('larger') as string,
    });
    expect(sources(found)).not.toContain('nft -j list ruleset as nft-json, nft');
  });

  test('a tool that hangs costs its own listing alone', async () => {
    const hung = { outcome: 'timed-out', stdout: '', stderr: '' } as const;
    const found = await rulesets({ run: { ...nftTools, 'iptables-nft-save -c': hung } });
    expect(found.missing).toEqual([
      { source: 'iptables-nft-save -c', reason: 'iptables-nft-save did not end in time' },
    ]);
    expect(found.listings).toHaveLength(2);
  });
});

describe('what cannot be listed', () => {
  test('without root: says so, and asks one tool only', async () => {
    const machine = simulate({ identity: { elevated: false }, run: { 'nft -j list ruleset': noRights } });
    expect(await lookAtRulesets(machine)).toMatchObject({
      state: 'unavailable',
      denied: true,
      help: 'run it again with sudo',
    });
    expect(machine.asked).toHaveLength(1);
  });

  test('without any tool', async () => {
    expect(await lookAtRulesets(simulate())).toMatchObject({
      state: 'unavailable',
      help: 'install nftables or iptables',
    });
  });
});
