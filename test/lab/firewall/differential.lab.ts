import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareReply, describeDisagreement, newTally, randomSyn, shrink, type Case } from './compare.ts';
import { randomIptables } from './generate-iptables.ts';
import { randomNft } from './generate-nft.ts';
import { type Kernel, type Reply, startKernels } from './kernel.ts';
import { BRIDGE } from './lab-host.ts';
import { Random } from './random.ts';
import { randomShape } from './shapes.ts';

// What lands is held against the same rulesets each time, so that a failure is the change's own; LAB_SEED=fresh looks for
// new disagreements, LAB_SEED=NUMBER repeats a run, LAB_RULESETS asks for more of each kind.
const wanted = process.env['LAB_SEED'] ?? '954781';
const SEED = wanted === 'fresh' ? Math.floor(Date.now() / 1000) % 1_000_000 : Number(wanted);
const EACH = Number(process.env['LAB_RULESETS'] ?? 280);
const PACKETS = 25;

const PLAIN = { rp: '0', localnet: '0', forward4: '1', forward6: '1', bridge4: '1', bridge6: '1' };

function sysctls(r: Random): Record<string, string> {
  const s = r.chance(0.3)
    ? {
        rp: r.pick(['0', '1', '2']),
        localnet: r.pick(['0', '1']),
        forward4: r.pick(['0', '1']),
        forward6: r.pick(['0', '1']),
        bridge4: r.pick(['0', '1']),
        bridge6: r.pick(['0', '1']),
      }
    : PLAIN; // prettier-ignore
  return {
    'net.ipv4.conf.all.rp_filter': s.rp,
    [`net.ipv4.conf.${BRIDGE}.route_localnet`]: s.localnet,
    'net.ipv4.ip_forward': s.forward4,
    'net.ipv6.conf.all.forwarding': s.forward6,
    'net.bridge.bridge-nf-call-iptables': s.bridge4,
    'net.bridge.bridge-nf-call-ip6tables': s.bridge6,
  };
}

type Kind = 'iptables-nft' | 'iptables-legacy' | 'nft' | 'shapes';

function makeCase(kind: Kind, seed: number, index: number): Case {
  const r = new Random(
    seed * 4096 + index * 4 + ['iptables-nft', 'iptables-legacy', 'nft', 'shapes'].indexOf(kind),
  );
  const one: 4 | 6 = r.chance(0.65) ? 4 : 6;
  const both = kind === 'nft' || kind === 'shapes';
  const back = kind === 'iptables-legacy' ? 'legacy' : 'nft';
  const loaded =
    kind === 'nft'
      ? { nft: randomNft(r) }
      : kind === 'shapes'
        ? randomShape(r)
        : { [`v${one}${back}`]: randomIptables(r, one) };
  const job = {
    ...loaded,
    sysctls: sysctls(r),
    ...(/-m recent|-m connlimit|ct count/.test(JSON.stringify(loaded)) ? { fresh: true } : {}),
  };
  const packets = Array.from({ length: PACKETS }, (_, i) =>
    randomSyn(r, both ? (r.chance(0.7) ? 4 : 6) : one, 30000 + i * 7),
  );
  return { name: `LAB_SEED=${seed} ${kind} ${index}`, job, packets };
}

/** With LAB_RECORD=FOLDER, keeps small rulesets with what the kernel did, to be replayed where there is no root. */
function record({ name, packets }: Case, job: Case['job'], { listings, outcomes }: Reply): void {
  const folder = process.env['LAB_RECORD'];
  if (folder === undefined || !listings || !outcomes || JSON.stringify(listings).length > 20_000) return;
  const cases = packets.map((syn, i) => ({ ...syn, kernel: outcomes[i] }));
  const kept = listings.map((l) => ({ ...l, text: l.text.split('\n') }));
  const file = `${name.replace(/\W+/g, '-').toLowerCase()}.json`;
  writeFileSync(
    join(folder, file),
    `${JSON.stringify({ name, sysctls: job.sysctls ?? {}, listings: kept, packets: cases }, null, 1)}\n`,
  );
}

const total = newTally();

describe.sequential(`decide() and the kernel agree (LAB_SEED=${SEED})`, () => {
  let kernels: Kernel[] = [];
  beforeAll(async () => {
    kernels = await startKernels(2);
  });
  afterAll(() => {
    for (const kernel of kernels) kernel.end();
  });

  it.each(['iptables-nft', 'iptables-legacy', 'nft', 'shapes'] as const)('on %s rulesets', async (kind) => {
    let next = 0;
    const found: string[] = [];
    const work = async (kernel: Kernel) => {
      while (next < EACH && found.length === 0) {
        const each = makeCase(kind, SEED, next++);
        const asked = { ...each.job, packets: each.packets };
        const reply = await kernel.askRepaired(asked);
        if (reply.crash !== undefined) found.push(`${each.name}: the worker: ${reply.crash}`);
        const { packets: _packets, ...job } = asked;
        record(each, job, reply);
        const disagreement = compareReply({ ...each, job }, reply, total);
        if (disagreement) found.push(describeDisagreement(await shrink(kernel, disagreement)));
      }
    };
    await Promise.all(kernels.map(work));
    expect(found.join('\n\n')).toBe('');
  });

  it('did so often enough, and left at most one in a hundred open', () => {
    const reasons = [...total.reasons].toSorted((a, b) => b[1] - a[1]).slice(0, 8);
    console.log(JSON.stringify({ seed: SEED, ...total, reasons }));
    expect(total.rulesets).toBeGreaterThanOrEqual(800);
    expect(total.packets).toBeGreaterThanOrEqual(20_000);
    expect(total.unknown / total.packets).toBeLessThanOrEqual(0.01);
    expect(total.attributed).toBeGreaterThan(400);
    // Each outcome must really have been seen, or the agreement says little.
    const kinds = ['connected', 'timeout', 'refused', 'host-unreachable', 'network-unreachable'];
    expect(kinds.filter((seen) => (total.seen[seen] ?? 0) <= 100)).toEqual([]);
  });
});
