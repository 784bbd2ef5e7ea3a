import type { Argv, CommandChange } from '../../../changes/change.ts';
import { isVisible, linesOf } from '../../../changes/visible.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { Place } from './zone.ts';

/** firewalld.richlanguage(5), "priority". */
const lowestPriority = -32_768;
const usualPriority = -100;

/**
 * Priorities for rules of ours that are to come ahead of every other of a place: the given number of them, lowest first.
 * Undefined where a rule there has the lowest that there is, or the place cannot be asked.
 */
export async function prioritiesAhead(
  machine: Machine,
  place: Place,
  count: number,
): Promise<{ priorities: number[] } | { unbeaten: string } | undefined> {
  const live = await linesOf(machine, ['firewall-cmd', optionOf(place), '--list-rich-rules']);
  const kept = await linesOf(machine, ['firewall-cmd', '--permanent', optionOf(place), '--list-rich-rules']);
  const rules = [...(live ?? []), ...(kept ?? [])];
  const priorityOf = (rule: string): number => Number(/ priority="(-?\d+)"/u.exec(rule)?.[1] ?? 0);
  const lowest = Math.min(usualPriority + 1, ...rules.map(priorityOf));
  const first = lowest - count;
  if (first < lowestPriority) return { unbeaten: rules.find((rule) => priorityOf(rule) === lowest) ?? '' };
  return { priorities: Array.from({ length: count }, (_, index) => first + index) };
}

/**
 * One rich rule in a zone or policy, in force at once and kept (firewall-cmd(1): the two are set apart). Each is seen
 * and taken back by itself; the kept one also while firewalld is stopped, by firewall-offline-cmd(1).
 * @param rule in the order of words in which firewalld lists it
 * @returns what of the two is not there yet
 */
export async function richRuleChanges(
  machine: Machine,
  place: Place,
  rule: string,
  summary: string,
): Promise<CommandChange[]> {
  const add = richRuleSteps(place, `--add-rich-rule=${rule}`, `--remove-rich-rule=${rule}`, rule);
  const changes: CommandChange[] = [];
  for (const kept of [false, true]) {
    const change = kept
      ? { ...add.kept, summary: 'the same after a reload and a reboot' }
      : { ...add.live, summary };
    if ((await isVisible(machine, change.inForce)) !== 'yes') changes.push(change);
  }
  return changes;
}

/** Takes one rich rule out of a zone, in force or kept; undo puts it back. */
export function richRuleRemoval(place: Place, rule: string, kept: boolean, summary: string): CommandChange {
  const steps = richRuleSteps(place, `--remove-rich-rule=${rule}`, `--add-rich-rule=${rule}`, rule);
  const change = kept ? steps.kept : steps.live;
  return { ...change, inForce: { ...change.inForce, absent: true }, summary };
}

type Step = Omit<CommandChange, 'summary'> & { inForce: NonNullable<CommandChange['inForce']> };

function richRuleSteps(place: Place, apply: string, undo: string, rule: string): { live: Step; kept: Step } {
  const at = optionOf(place);
  const file = `/etc/firewalld/${place.kind === 'zone' ? 'zones' : 'policies'}/${place.name}.xml`;
  return {
    live: {
      kind: 'command',
      apply: ['firewall-cmd', at, apply],
      undo: [['firewall-cmd', at, undo]],
      inForce: { argv: ['firewall-cmd', at, '--list-rich-rules'], line: rule },
      diff: '',
      elevated: true,
    },
    kept: {
      kind: 'command',
      apply: ['firewall-cmd', '--permanent', at, apply],
      undo: [
        ['firewall-cmd', '--permanent', at, undo],
        ['firewall-offline-cmd', at, undo],
      ],
      inForce: { argv: ['firewall-offline-cmd', at, '--list-rich-rules'], line: rule },
      rewrites: [file, `${file}.old`],
      diff: '',
      elevated: true,
    },
  };
}

export function optionOf({ kind, name }: Place): Argv[number] {
  return `--${kind}=${name}`;
}
