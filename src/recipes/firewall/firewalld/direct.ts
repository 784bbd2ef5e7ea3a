import type { Argv, Change, CommandChange } from '../../../changes/change.ts';
import { isVisible, linesOf } from '../../../changes/visible.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { RuleReference } from '../../../firewall/index.ts';
import type { Planning } from '../../recipe.ts';
import { withRule } from '../place.ts';
import { mark } from '../rule-change.ts';

/** The file of permanent direct rules (firewalld.direct(5)). */
const file = '/etc/firewalld/direct.xml';

/** firewalld's name for a chain that it feeds by its direct interface: `INPUT_direct` is `INPUT` to it. */
export function isDirectChain(chain: string): boolean {
  return chain.endsWith('_direct');
}

/**
 * Lets a subnet in ahead of a rule of firewalld's direct interface, by one rule more there, in force and kept: rich
 * rules come behind all direct rules (firewalld.direct(5)). Adds to the draft.
 */
export async function allowInDirect(
  { draft, machine }: Planning,
  by: RuleReference,
  subnet: string,
  port: number,
): Promise<Change[]> {
  const family = by.family === 'ip6' ? 6 : 4;
  const { backend, table, chain } = by;
  const args = `-s ${subnet} -p tcp -m tcp --dport ${port} ${mark} -j ACCEPT`;
  const place = { family, table, chain } as const;
  const rule = `${(await lowestPriority(machine, place)) - 1} ${args}`;
  draft.listings = withRule(
    draft.listings ?? [],
    { family, backend, table, chain, position: 1 },
    `-A ${chain} ${args}`,
  );
  const summary = `let ${subnet} reach port ${port}, ahead of the other direct rules of firewalld`;
  return stepsThat(machine, place, rule, 'add', summary);
}

/** Takes a direct rule of ours away, in force and kept, as far as it is there; undo puts it back. */
export async function directRemoval(
  machine: Machine,
  place: { family: 4 | 6; table: string; chain: string },
  line: string,
  summary: string,
): Promise<Change[]> {
  const args = line.replace(/^-A \S+ /u, '').replaceAll('"', '');
  const listed = await linesOf(machine, ['firewall-cmd', '--direct', '--get-rules', ...wordsOf(place)]);
  const rule = listed?.find((one) => one.replace(/^-?\d+ /u, '') === args);
  return rule === undefined ? [] : stepsThat(machine, place, rule, 'remove', summary);
}

interface Chain {
  family: 4 | 6;
  table: string;
  chain: string;
}

async function stepsThat(
  machine: Machine,
  place: Chain,
  rule: string,
  verb: 'add' | 'remove',
  summary: string,
): Promise<CommandChange[]> {
  const words = [...wordsOf(place), ...rule.split(' ')];
  const back = verb === 'add' ? '--remove-rule' : '--add-rule';
  const seen = (program: string): NonNullable<CommandChange['inForce']> => ({
    argv: [program, '--direct', '--get-rules', ...wordsOf(place)],
    line: rule,
    ...(verb === 'add' ? {} : { absent: true }),
  });
  const steps: CommandChange[] = [
    {
      kind: 'command',
      summary,
      apply: ['firewall-cmd', '--direct', `--${verb}-rule`, ...words],
      undo: [['firewall-cmd', '--direct', back, ...words]],
      inForce: seen('firewall-cmd'),
      diff: '',
      elevated: true,
    },
    {
      kind: 'command',
      summary: 'the same after a reload and a reboot',
      apply: ['firewall-cmd', '--permanent', '--direct', `--${verb}-rule`, ...words],
      undo: [
        ['firewall-cmd', '--permanent', '--direct', back, ...words],
        ['firewall-offline-cmd', '--direct', back, ...words],
      ],
      inForce: seen('firewall-offline-cmd'),
      rewrites: [file, `${file}.old`],
      diff: '',
      elevated: true,
    },
  ];
  const wanted: CommandChange[] = [];
  for (const step of steps)
    if (step.inForce && (verb === 'add' || (await isVisible(machine, step.inForce)) === 'no'))
      wanted.push(step);
  return wanted;
}

function wordsOf({ family, table, chain }: Chain): [string, string, string] {
  return [family === 6 ? 'ipv6' : 'ipv4', table, chain.replace(/_direct$/u, '')];
}

/** The lower the number, the further ahead; 0 where there are none (firewalld.direct(5)). */
async function lowestPriority(machine: Machine, place: Chain): Promise<number> {
  const asked: Argv[] = [[], ['--permanent']].map((kept) => [
    'firewall-cmd',
    ...kept,
    '--direct',
    '--get-rules',
    ...wordsOf(place),
  ]);
  const lines = await Promise.all(asked.map((argv) => linesOf(machine, argv)));
  const priorities = lines.flatMap((one) => one ?? []).map((line) => Number.parseInt(line, 10));
  return Math.min(0, ...priorities.filter((one) => !Number.isNaN(one)));
}
