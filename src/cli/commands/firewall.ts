import type { Command } from 'commander';
import type { Decision } from '../../firewall/index.ts';
import { renderJson } from '../../report/json.ts';
import { tool } from '../../report/tool.ts';
import { assertDescribed, gather, type Question, type TypedPacket } from '../firewall/question.ts';
import { address, localAddresses, port, rulesetFiles } from '../firewall/values.ts';
import { oneValue } from '../options/words.ts';
import type { Outcome } from '../program.ts';
import { screenOf } from '../terminal/screen.ts';
import { print, type World } from '../world.ts';

type Typed = TypedPacket & { json?: true; color: boolean };

const exitCodes: Record<Decision['verdict'], number> = { accept: 0, drop: 1, reject: 1, unknown: 3 };

/** `ollama-doctor firewall …`: which rule decides about the first packet of a connection to this host. */
export function addFirewall(program: Command, world: World, outcome: Outcome): void {
  program
    .command('firewall')
    .description('which rule decides about a packet to this host')
    .option('--container <name>', "a packet of this container's", oneValue('--container'))
    .option('--in <interface>', 'the interface it comes in on', oneValue('--in'))
    .option('--src <ip>', 'its source', address('--src'))
    .option('--dst <ip>', 'its destination', address('--dst'))
    .option('--dport <port>', 'its destination port', port('--dport'), 11_434)
    .option('--sport <port>', 'its source port', port('--sport'))
    .option('--ruleset <[format:]file>', 'rules from a file in place of this host', rulesetFiles('--ruleset'))
    .option('--local-address <iface=ip/len>', 'an address of the host', localAddresses('--local-address'))
    .option('--json', 'as JSON')
    .option('--no-color', 'without colours')
    .allowExcessArguments(false)
    .action(async (typed: Typed) => {
      assertDescribed(typed);
      const machine = await world.openMachine(world.signal);
      try {
        const question = await gather(typed, machine);
        const decision = await answer(question);
        outcome.exitCode = exitCodes[decision.verdict];
        await show(question, decision, typed, world);
      } finally {
        machine.dispose();
      }
    });
}

/** What its keeper would call the deciding rule: `ufw rule: deny to any port 11434`; undefined for a rule of nobody known. */
async function keptAs({ decidedBy: by }: Decision, { rulesets }: Question): Promise<string | undefined> {
  if (by === null || !('chain' in by)) return undefined;
  const { describeRule, isUfwPolicy, ownerOf } = await import('../../firewall/index.ts');
  if (rulesets.some(({ text }) => isUfwPolicy(by, text))) return "ufw's default policy for incoming packets";
  return ownerOf(by) === null ? undefined : describeRule(by);
}

/** The verdict, or none where something that it hangs on could not be read. */
async function answer(question: Question): Promise<Decision> {
  const { decide } = await import('../../firewall/index.ts');
  const decision = decide(question);
  if (question.unread.length === 0) return decision;
  const unknown = [...question.unread, ...decision.unknown];
  return { ...decision, verdict: 'unknown', seen: 'unknown', decidedBy: null, unknown };
}

async function show(question: Question, decision: Decision, typed: Typed, world: World): Promise<void> {
  const keeper = await keptAs(decision, question);
  if (typed.json) {
    const kept = keeper === undefined ? {} : { keptAs: keeper };
    const result = { schemaVersion: 1, tool, packet: question.packet, ...decision, ...kept };
    return print(world.stdout, renderJson(result));
  }
  const { renderDecision } = await import('../../report/human/decision.ts');
  const screen = await screenOf(world, world.stdout, { color: typed.color });
  return print(world.stdout, renderDecision(question.packet, decision, screen, keeper));
}
