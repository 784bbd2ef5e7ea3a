import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import type { Change } from '../../../src/changes/change.ts';
import { isVisible } from '../../../src/changes/visible.ts';
import type { RulesetListing } from '../../../src/facts/network.ts';
import { openLiveMachine } from '../../../src/machine/live.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { lookAtRulesets } from '../../../src/platforms/linux/rulesets.ts';
import { planFixes } from '../../../src/recipes/index.ts';
import { controlPackets, verdicts } from '../../../src/recipes/firewall/controls.ts';
import { factsOf, failed, seen, service, wildcard } from '../../checks/host-of-values.ts';
import { bindCause, brokenHost, dropCause, network, savedBy } from '../../recipes/planned.ts';

// Run by plans.lab.ts inside a network namespace of its own: `unshare -n node --import tsx in-namespace.ts SEED RUNS`.
// Loads random rules with the real tools, makes the rules that the recipes plan, reads everything again, and judges
// by what is there then. Takes them back and compares.

const program = ['iptables', 'iptables-legacy'] as const;

const match = fc.constantFrom(
  '',
  '-i eth0 ',
  '-i br-1a2b3c4d5e6f ',
  '! -i lo ',
  '-s 172.18.0.0/16 ',
  '! -s 10.0.0.0/8 ',
  '-s 203.0.113.0/24 ',
  '-m conntrack --ctstate NEW ',
);
const port = fc.constantFrom(
  '',
  '-p tcp -m tcp --dport 11434 ',
  '-p tcp -m multiport --dports 22,11434 ',
  '-p tcp -m tcp --dport 22 ',
  '-p tcp -m tcp --dport 11000:12000 ',
);
const verdict = fc.constantFrom(
  '-j ACCEPT',
  '-j DROP',
  '-j DROP',
  '-j REJECT --reject-with icmp-port-unreachable',
  '-j MINE',
  '-m comment --comment "a, \\"b\\" c" -j DROP',
  '-m limit --limit 3/min -j LOG --log-prefix "x y: "',
);
const rule = fc.tuple(match, port, verdict).map((parts) => parts.join(''));
const host = fc.record({
  program: fc.constantFrom(...program),
  policy: fc.constantFrom('ACCEPT', 'DROP'),
  input: fc.array(rule, { maxLength: 6 }),
  mine: fc.array(
    rule.filter((text) => !text.includes('MINE')),
    { maxLength: 4 },
  ),
});
type RandomHost = typeof host extends fc.Arbitrary<infer T> ? T : never;

function load({ program: tool, policy, input, mine }: RandomHost): void {
  for (const one of program) {
    execFileSync(`${one}-restore`, {
      input: '*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\nCOMMIT\n',
    });
  }
  const lines = [
    '*filter',
    `:INPUT ${policy} [0:0]`,
    ':FORWARD ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':MINE - [0:0]',
    ...input.map((text) => `-A INPUT ${text}`),
    ...mine.map((text) => `-A MINE ${text}`),
    'COMMIT',
    '',
  ];
  execFileSync(`${tool}-restore`, { input: lines.join('\n') });
}

async function listings(machine: Machine): Promise<RulesetListing[]> {
  const looked = await lookAtRulesets(machine);
  if (looked.state !== 'seen') throw new Error('the rules could not be read');
  return looked.value.listings;
}

const withoutNumbers = (texts: RulesetListing[]): string[] =>
  texts.map(({ text }) =>
    text
      .replaceAll(/^#.*\n/gmu, '')
      .replaceAll(/\[\d+:\d+\] ?/gu, '')
      .replaceAll(/"(handle|packets|bytes)": \d+/gu, '"$1": 0'),
  );

const packet = {
  inInterface: 'br-1a2b3c4d5e6f',
  source: '172.18.0.2',
  destination: '172.17.0.1',
  destinationPort: 11_434,
};

async function run(machine: Machine, argv: readonly [string, ...string[]]): Promise<void> {
  const result = await machine.writer?.run({ argv });
  if (result?.outcome !== 'exited' || result.exitCode !== 0)
    throw new Error(`${argv.join(' ')}: ${JSON.stringify(result)}`);
}

async function check(machine: Machine, random: RandomHost, seenKinds: Map<string, number>): Promise<void> {
  load(random);
  const before = await listings(machine);
  const facts = factsOf(
    brokenHost({
      rulesets: seen({ listings: before, missing: [] }),
      ownership: seen(savedBy('netfilter-persistent', '', '')),
      ...(random.input.length % 2 === 0
        ? { services: seen([service()]), listeners: seen({ listeners: [wildcard], ownersKnown: true }) }
        : {}),
      answer: failed('timeout'),
    }),
  );
  const causes = random.input.length % 2 === 0 ? [dropCause] : [bindCause, dropCause];
  const { plans, refusals } = await planFixes({ facts, machine }, causes);
  const rules = plans
    .flatMap((plan) => plan.changes)
    .filter((change): change is Change & { kind: 'command' } => change.kind === 'command');
  for (const change of rules) {
    if (change.inForce && (await isVisible(machine, change.inForce)) !== 'no')
      throw new Error(`in force before: ${change.inForce.line}`);
    await run(machine, change.apply);
    if (change.inForce && (await isVisible(machine, change.inForce)) !== 'yes')
      throw new Error(`not seen as planned: ${change.inForce.line}`);
  }
  const after = await listings(machine);
  const [target] = verdicts(after, [packet], network);
  if (refusals.length === 0 && target !== 'accept') throw new Error(`the container is not let in: ${target}`);
  const controls = controlPackets(network, 11_434, ['172.18.0.0/16']);
  const [was, is] = [verdicts(before, controls, network), verdicts(after, controls, network)];
  for (const [index, one] of controls.entries()) {
    const bound = causes.length > 1 && plans.some((plan) => plan.recipe === 'bind-all-interfaces');
    if (bound && is[index] === 'accept') throw new Error(`open to others: ${JSON.stringify(one)}`);
    if (!bound && was[index] !== is[index]) throw new Error(`changed for others: ${JSON.stringify(one)}`);
  }
  for (const change of rules.toReversed()) for (const argv of change.undo) await run(machine, argv);
  const back = withoutNumbers(await listings(machine));
  for (const text of withoutNumbers(before))
    if (text.includes('*filter') && !back.includes(text))
      throw new Error(`not as before:\n${text}\n${back.join('\n')}`);
  const kind = `${refusals.length > 0 ? 'refused' : 'planned'} ${rules.length}`;
  seenKinds.set(kind, (seenKinds.get(kind) ?? 0) + 1);
}

const [seed = '1', runs = '100'] = process.argv.slice(2);
const machine = openLiveMachine();
const kinds = new Map<string, number>();
await fc.assert(
  fc.asyncProperty(host, (random) => check(machine, random, kinds)),
  { seed: Number(seed), numRuns: Number(runs) },
);
process.stdout.write(`${JSON.stringify(Object.fromEntries(kinds))}\n`);
