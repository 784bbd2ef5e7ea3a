import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listingFromEcho } from '../../../src/platforms/linux/nft-echo.ts';
import { lookAtNftablesScript } from '../../../src/platforms/linux/nftables-script.ts';
import { simulate } from '../../../src/machine/simulated.ts';

/** What nft 1.0.6 printed for a script with a set, and a table that is made, deleted and made anew. */
const echoed = `{"nftables": [
{"add": {"table": {"family": "inet", "name": "filter", "handle": 1}}},
{"add": {"chain": {"family": "inet", "table": "filter", "name": "input", "handle": 1, "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}},
{"add": {"set": {"family": "inet", "name": "bl", "table": "filter", "type": "ipv4_addr", "handle": 3, "flags": ["interval"]}}},
{"add": {"element": {"family": "inet", "table": "filter", "name": "bl", "elem": {"set": [{"prefix": {"addr": "10.0.0.0", "len": 8}}]}}}},
{"add": {"element": {"family": "inet", "table": "filter", "name": "bl", "elem": {"set": ["192.168.1.1"]}}}},
{"add": {"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 5, "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@bl"}}, {"drop": null}]}}},
{"add": {"table": {"family": "inet", "name": "guard", "handle": 2}}},
{"add": {"chain": {"family": "inet", "table": "guard", "name": "old", "handle": 1}}},
{"add": {"table": {"family": "inet", "name": "guard", "handle": 3}}},
{"add": {"chain": {"family": "inet", "table": "guard", "name": "input", "handle": 1}}},
{"add": {"rule": {"family": "inet", "table": "guard", "chain": "input", "handle": 2, "expr": [{"accept": null}]}}},
{"insert": {"rule": {"family": "inet", "table": "guard", "chain": "input", "handle": 3, "expr": [{"drop": null}]}}}
]}`;

type Item = Record<string, { name?: string; chain?: string; table?: string; elem?: unknown; expr?: unknown }>;

describe('what a script for nft leaves in an empty kernel', () => {
  it('is read from what nft echoes as it loads it', () => {
    const { nftables } = JSON.parse(listingFromEcho(echoed) ?? '') as { nftables: Item[] };
    expect(nftables.find(({ set }) => set)?.['set']?.elem).toEqual([
      { prefix: { addr: '10.0.0.0', len: 8 } },
      '192.168.1.1',
    ]);
    expect(nftables.filter(({ chain }) => chain?.table === 'guard').map(({ chain }) => chain?.name)).toEqual([
      'input',
    ]);
    expect(nftables.flatMap(({ rule }) => (rule?.table === 'guard' ? [rule.expr] : []))).toEqual([
      [{ drop: null }],
      [{ accept: null }],
    ]);
  });

  it('is nothing where the script adds nothing', () => {
    expect(JSON.parse(listingFromEcho('') ?? '')).toEqual({ nftables: [] });
  });

  it('is not guessed at where more than additions is echoed', () => {
    const more = { delete: { rule: { family: 'inet', table: 'filter', chain: 'input', handle: 5 } } };
    expect(listingFromEcho(JSON.stringify({ nftables: [more] }))).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(['string', 'undefined']).toContain(typeof listingFromEcho(text));
        expect(listingFromEcho(JSON.stringify({ nftables: [text] }))).toBeUndefined();
      }),
    );
  });
});

describe('the script of nftables.service', () => {
  const path = '/etc/nftables.conf';
  const tried = `unshare --net -- nft -j --echo -f ${path}`;

  it('is tried in a network namespace of its own', async () => {
    const machine = simulate({ files: { [path]: 'flush ruleset\n' }, run: { [tried]: echoed } });
    expect(await lookAtNftablesScript(machine)).toMatchObject({
      path,
      files: [{ path, text: 'flush ruleset\n' }],
    });
    expect((await lookAtNftablesScript(machine))?.listing).toContain('"guard"');
  });

  it('that does not load is said in the words of nft', async () => {
    const stderr = `${path}:3:1-3: Error: syntax error, unexpected newline\n`;
    const machine = simulate({
      files: { [path]: 'tab\n' },
      run: { [tried]: { outcome: 'exited', exitCode: 1, stdout: '', stderr, truncated: false } },
    });
    expect((await lookAtNftablesScript(machine))?.problem).toMatch(
      /could not be tried: nft ended with 1: .*syntax error/u,
    );
  });
});
