import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareReply, describeDisagreement, newTally, type Case } from './compare.ts';
import { type Kernel, startKernels } from './kernel.ts';
import { unusualCases } from './unusual-cases.ts';

// Rules that are seldom met, each loaded alone: what decide() says of them is what the kernel does, or `unknown`.
// Each run takes its turn: one back end of iptables for a line, INPUT and one more hook for a rule of nft.
// LAB_UNUSUAL_HOOKS=10 tries every hook and both back ends.
const HOOKS = Number(process.env['LAB_UNUSUAL_HOOKS'] ?? 1);
const wanted = process.env['LAB_SEED'] ?? 'fresh';
const TURN = wanted === 'fresh' ? Math.floor(Date.now() / 1000) % 11 : Number(wanted);

describe(`rules that are seldom met, each alone (LAB_SEED=${TURN})`, () => {
  let kernels: Kernel[] = [];
  beforeAll(async () => {
    kernels = await startKernels(2);
  });
  afterAll(() => {
    for (const kernel of kernels) kernel.end();
  });

  it('are judged as the kernel does, or left open', async () => {
    const all = unusualCases(HOOKS, TURN);
    const total = newTally();
    const wrong: string[] = [];
    const refused: string[] = [];
    let next = 0;
    const work = async (kernel: Kernel) => {
      while (next < all.length) {
        const each = all[next++] as Case;
        const reply = await kernel.ask({ ...each.job, packets: each.packets });
        if (reply.error !== undefined) refused.push(`${each.name}: ${reply.error.trim().split('\n')[0]}`);
        if (reply.crash !== undefined) wrong.push(`${each.name}: the worker: ${reply.crash}`);
        const disagreement = compareReply(each, reply, total);
        if (disagreement) wrong.push(describeDisagreement(disagreement));
      }
    };
    await Promise.all(kernels.map(work));
    if (process.env['LAB_VERBOSE']) console.log(refused.join('\n'), [...total.reasons.keys()].join('\n'));
    console.log(JSON.stringify({ ...total, reasons: total.reasons.size, asked: all.length }));
    expect(wrong.join('\n\n')).toBe('');
    expect(total.rulesets).toBeGreaterThan(1000);
    expect(total.unknown / total.packets).toBeLessThanOrEqual(0.3);
  }, 900_000);
});
