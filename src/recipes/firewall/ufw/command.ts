import type { Argv, CommandChange } from '../../../changes/change.ts';
import { linesOf } from '../../../changes/visible.ts';
import type { Machine } from '../../../machine/machine.ts';

/** What ufw keeps its rules in and rewrites with every change (ufw(8), "FILES"). */
export const ufwFiles = { 4: '/etc/ufw/user.rules', 6: '/etc/ufw/user6.rules' } as const;

export const added: Argv = ['ufw', 'show', 'added'];

/**
 * One rule of ours through ufw itself, which puts it in force and keeps it at once; seen and taken back in ufw's own
 * words, also while ufw is off (`ufw delete` then changes its files alone; measured with 0.36.2).
 * @param where empty, `prepend`, or `insert N`
 * @param words the rule as `ufw show added` prints it: `allow from 172.18.0.0/16 to any port 11434 proto tcp`
 * @param now what `ufw show added` prints at present
 */
export function ufwChange(
  where: readonly string[],
  words: string,
  summary: string,
  now: readonly string[] | undefined,
): CommandChange {
  const rule = words.split(' ');
  return {
    kind: 'command',
    summary,
    apply: ['ufw', ...where, ...rule, 'comment', 'ollama-doctor'],
    undo: [['ufw', 'delete', ...rule]],
    inForce: { argv: added, line: `ufw ${words} comment 'ollama-doctor'` },
    ...(now ? { madeFrom: { argv: added, lines: now } } : {}),
    rewrites: [ufwFiles[4], ufwFiles[6]],
    diff: '',
    elevated: true,
  };
}

/** `ufw show added`, where it can be asked. */
export function addedRules(machine: Machine): Promise<string[] | undefined> {
  return linesOf(machine, added);
}

/**
 * A rule that ufw has for the same packets, whatever it says about them: ufw would change that one in place, and undo
 * would take it away (backend_iptables.py, `set_rule`).
 */
export function sameButAction(now: readonly string[], words: string): string | undefined {
  const rest = words.replace(/^\w+ /u, '');
  return now.find((line) => {
    const [, action, shape = ''] = /^ufw (allow|deny|reject|limit) (?:in )?(.*)$/u.exec(line) ?? [];
    return action !== undefined && shape.replace(/ comment '.*'$/u, '') === rest;
  });
}
