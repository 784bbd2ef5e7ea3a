import {
  counterGrowth,
  decide,
  type Decision,
  type HostFacts,
  type RuleReference,
  type RulesetInput,
} from '../../../src/firewall/index.ts';
import type { Job, Kernel, Reply, Syn } from './kernel.ts';
import { BRIDGE, FAR_MAC, HOST, IFACES, LOCAL, NEAR, PORTS } from './lab-host.ts';
import type { Random } from './random.ts';

/** A ruleset to load, and how its listings are to be read. */
export interface Case {
  readonly name: string;
  readonly job: Omit<Job, 'packets'>;
  readonly packets: Syn[];
}

export interface Disagreement {
  readonly case: Case;
  readonly packet: Syn;
  readonly kernel: string;
  readonly decision: Decision;
  readonly listings: readonly RulesetInput[];
}

export interface Tally {
  packets: number;
  rulesets: number;
  refused: number;
  unknown: number;
  /** Rules whose counters were compared with how often they were blamed. */
  attributed: number;
  /** What was named as undecided, and how often. */
  reasons: Map<string, number>;
  /** Verdicts by what the kernel's client saw. */
  seen: Record<string, number>;
}

/** A tally before anything was asked. */
export function newTally(): Tally {
  return { packets: 0, rulesets: 0, refused: 0, unknown: 0, attributed: 0, reasons: new Map(), seen: {} };
}

/** A packet that a container, a neighbour or the internet could send, and now and then one that none should. */
export function randomSyn(r: Random, family: 4 | 6, sport: number): Syn {
  const iface = r.chance(0.6) ? BRIDGE : r.pick(IFACES);
  const from = r.chance(0.9) ? iface : r.pick(IFACES);
  const syn: Syn = {
    family,
    iface,
    src: r.pick(NEAR[family][from] ?? []),
    dst: r.pick(LOCAL[family]),
    sport,
    dport: r.chance(0.6) ? 11434 : r.pick(PORTS),
  };
  if (r.chance(0.1)) syn.ttl = r.pick([63, 65, 128]);
  if (r.chance(0.05)) syn.pad = 20;
  return syn;
}

function hostOf(job: Omit<Job, 'packets'>): HostFacts {
  return { ...HOST, sysctls: job.sysctls ?? {} };
}

export function decideSyn(rulesets: readonly RulesetInput[], syn: Syn, host: HostFacts): Decision {
  return decide({
    rulesets,
    host,
    packet: {
      inInterface: syn.iface,
      source: syn.src,
      destination: syn.dst,
      destinationPort: syn.dport,
      sourcePort: syn.sport,
      sourceMac: FAR_MAC,
      ttl: syn.ttl ?? 64,
      length: (syn.family === 4 ? 60 : 80) + (syn.pad ?? 0),
    },
  });
}

/** The ways in which one load's listings can be handed over: all of them, and iptables' own alone. */
function viewsOf(job: Omit<Job, 'packets'>, listings: readonly RulesetInput[]): RulesetInput[][] {
  const views = [[...listings]];
  const plain = job.nft === undefined && (job.v4nft !== undefined || job.v6nft !== undefined);
  if (plain) views.push(listings.filter((l) => l.format !== 'nft-json'));
  return views;
}

/** Where only the kind of a refusal is open, any refusal agrees. */
function agrees({ verdict, seen }: Decision, kernel: string): boolean {
  if (seen === 'unknown') return verdict === 'reject' && kernel !== 'connected' && kernel !== 'timeout';
  return seen === kernel;
}

/** Compares one loaded ruleset's packets; the first disagreement ends it. */
export function compareReply(each: Case, reply: Reply, tally: Tally): Disagreement | null {
  const { listings, outcomes } = reply;
  if (!listings || !outcomes) {
    tally.refused++;
    return null;
  }
  tally.rulesets++;
  const host = hostOf(each.job);
  const blamed = new Map<string, { rule: RuleReference; packet: Syn; decision: Decision; times: number }>();
  // nft 1.0.6 does not tell a netdev chain's interface, so that whom to blame is open there.
  let sure = !JSON.stringify(listings).includes('netdev');
  for (const [i, packet] of each.packets.entries()) {
    const kernel = outcomes[i] ?? 'nothing';
    tally.packets++;
    tally.seen[kernel] = (tally.seen[kernel] ?? 0) + 1;
    for (const [n, view] of viewsOf(each.job, listings).entries()) {
      const decision = decideSyn(view, packet, host);
      if (decision.verdict === 'unknown') {
        if (n === 0) tally.unknown++;
        sure = false;
        for (const reason of decision.unknown)
          tally.reasons.set(reason, (tally.reasons.get(reason) ?? 0) + 1);
        continue;
      }
      if (!agrees(decision, kernel)) return { case: each, packet, kernel, decision, listings: view };
      // Such a refusal comes back to the host itself, and counts there a second time.
      if (decision.notes.some((note) => note.includes('refused on its way out'))) sure = false;
      const by = decision.decidedBy;
      if (n > 0 || decision.verdict === 'accept' || by === null || !('rule' in by) || by.rule === null)
        continue;
      const key = `${by.backend} ${by.family} ${by.table} ${by.chain} ${by.rule}`;
      const before = blamed.get(key);
      blamed.set(key, { rule: by, packet, decision, times: (before?.times ?? 0) + 1 });
    }
  }
  // The kernel counts what it drops: the rule that was blamed must be the one that counted. A refusal may have been
  // counted and then lost on its way out, and the host sends IPv6 packets of its own accord.
  for (const { rule, packet, decision, times } of sure ? blamed.values() : []) {
    const growth = counterGrowth(listings, reply.after ?? [], rule);
    // The markers behind each packet cross the link layer too.
    const link = rule.family === 'bridge' || rule.family === 'netdev';
    const noisy = link || (rule.family !== 'ip' && /output|postrouting|egress/.test(rule.hook));
    if (!growth || noisy) continue;
    tally.attributed++;
    const counted = growth.after - growth.before;
    if (
      decision.verdict === 'drop' && !/REJECT|reject/.test(rule.text) ? counted !== times : counted < times
    ) {
      return { case: each, packet, kernel: `counted ${counted}, blamed ${times}`, decision, listings };
    }
  }
  return null;
}

/** Loads and compares again with a single packet; used while shrinking. */
async function stillDisagrees(kernel: Kernel, each: Case, packet: Syn): Promise<Disagreement | null> {
  const one = { ...each, packets: [packet] };
  const reply = await kernel.ask({ ...one.job, packets: one.packets, fresh: true });
  return compareReply(one, reply, newTally());
}

/** Takes lines away as long as the kernel and `decide` still disagree about the packet. */
export async function shrink(kernel: Kernel, found: Disagreement, asks = 300): Promise<Disagreement> {
  let best = found;
  const again = await stillDisagrees(kernel, found.case, found.packet);
  if (!again) return found;
  best = again;
  let left = asks;
  for (const key of ['nft', 'v4nft', 'v6nft', 'v4legacy', 'v6legacy'] as const) {
    for (let size = 16; size >= 1; size = Math.floor(size / 2)) {
      for (let at = 0; left > 0; left--) {
        const text: string | undefined = best.case.job[key];
        if (text === undefined) break;
        const lines = text.split('\n');
        if (at >= lines.length) break;
        const fewer = lines.filter((_, i) => i < at || i >= at + size).join('\n');
        const smaller = await stillDisagrees(
          kernel,
          { ...best.case, job: { ...best.case.job, [key]: fewer } },
          best.packet,
        );
        if (smaller) best = smaller;
        else at += size;
      }
    }
  }
  return best;
}

/** What to look at when the two disagree. */
export function describeDisagreement(d: Disagreement): string {
  return [
    `kernel: ${d.kernel}; decide: ${d.decision.verdict}/${d.decision.seen} by ${JSON.stringify(d.decision.decidedBy)}`,
    d.case.job.nft ?? '',
    `case ${d.case.name}, packet ${JSON.stringify(d.packet)}, sysctls ${JSON.stringify(d.case.job.sysctls ?? {})}`,
    ...d.listings.map(
      (l) => `--- ${l.format} ${l.backend ?? ''}\n${l.format === 'nft-json' ? readable(l.text) : l.text}`,
    ),
    `notes ${JSON.stringify(d.decision.notes)}`,
    d.decision.trace
      .map((s) => `${s.family} ${s.table} ${s.chain} ${s.rule ?? 'policy'} ${s.action} ${s.text}`)
      .join('\n'),
  ].join('\n');
}

function readable(text: string): string {
  try {
    const { nftables } = JSON.parse(text) as { nftables: unknown[] };
    return nftables
      .map((o) => JSON.stringify(o))
      .filter((l) => !l.includes('lab_keep'))
      .join('\n');
  } catch {
    return text;
  }
}
