import type { CommandChange } from '../../../changes/change.ts';
import { isVisible } from '../../../changes/visible.ts';
import type { Machine } from '../../../machine/machine.ts';

/**
 * One rich rule in a zone, in force at once and kept (firewall-cmd(1): the two are set apart). Each is seen and taken
 * back by itself; the kept one also while firewalld is stopped, by firewall-offline-cmd(1).
 * @param rule in the order of words in which firewalld lists it
 * @returns what of the two is not there yet
 */
export async function richRuleChanges(
  machine: Machine,
  zone: string,
  rule: string,
  summary: string,
): Promise<CommandChange[]> {
  const at = `--zone=${zone}`;
  const live: CommandChange = {
    kind: 'command',
    summary,
    apply: ['firewall-cmd', at, `--add-rich-rule=${rule}`],
    undo: [['firewall-cmd', at, `--remove-rich-rule=${rule}`]],
    inForce: { argv: ['firewall-cmd', at, '--list-rich-rules'], line: rule },
    diff: '',
    elevated: true,
  };
  const file = `/etc/firewalld/zones/${zone}.xml`;
  const kept: CommandChange = {
    kind: 'command',
    summary: 'the same after a reload and a reboot',
    apply: ['firewall-cmd', '--permanent', at, `--add-rich-rule=${rule}`],
    undo: [
      ['firewall-cmd', '--permanent', at, `--remove-rich-rule=${rule}`],
      ['firewall-offline-cmd', at, `--remove-rich-rule=${rule}`],
    ],
    inForce: { argv: ['firewall-offline-cmd', at, '--list-rich-rules'], line: rule },
    rewrites: [file, `${file}.old`],
    diff: '',
    elevated: true,
  };
  const changes: CommandChange[] = [];
  for (const change of [live, kept])
    if (change.inForce && (await isVisible(machine, change.inForce)) !== 'yes') changes.push(change);
  return changes;
}

/** Takes one rich rule out of a zone, in force or kept; undo puts it back. */
export function richRuleRemoval(zone: string, rule: string, kept: boolean, summary: string): CommandChange {
  const at = `--zone=${zone}`;
  const file = `/etc/firewalld/zones/${zone}.xml`;
  const add = `--add-rich-rule=${rule}`;
  const remove = `--remove-rich-rule=${rule}`;
  if (!kept)
    return {
      kind: 'command',
      summary,
      apply: ['firewall-cmd', at, remove],
      undo: [['firewall-cmd', at, add]],
      inForce: { argv: ['firewall-cmd', at, '--list-rich-rules'], line: rule, absent: true },
      diff: '',
      elevated: true,
    };
  return {
    kind: 'command',
    summary: 'the same after a reload and a reboot',
    apply: ['firewall-cmd', '--permanent', at, remove],
    undo: [
      ['firewall-cmd', '--permanent', at, add],
      ['firewall-offline-cmd', at, add],
    ],
    inForce: { argv: ['firewall-offline-cmd', at, '--list-rich-rules'], line: rule, absent: true },
    rewrites: [file, `${file}.old`],
    diff: '',
    elevated: true,
  };
}
