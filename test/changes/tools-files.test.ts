import { expect, it } from 'vitest';
import { type CommandChange, handleWord, type Plan } from '../../src/changes/change.ts';
import { applyPlans, undo } from '../../src/changes/index.ts';
import type { RunScript, Simulated } from '../../src/machine/simulated.ts';
import { simulate } from '../../src/machine/simulated.ts';

const file = '/etc/ufw/user.rules';
const backup = '/etc/ufw/user.rules.old';
const byHand = '# by hand\n\nallow 22\n';

/** A front end that keeps its rules in a file, and writes it without what a person put there besides. */
function frontEnd(argv: readonly string[], self: Simulated): RunScript {
  const rules = (self.files.text(file) ?? '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const save = (now: string[]): string => {
    self.files.put(backup, self.files.text(file) ?? '');
    self.files.put(file, now.map((line) => `${line}\n`).join(''));
    return '';
  };
  const [, verb, rule = ''] = argv;
  if (verb === 'show') return rules.join('\n');
  if (verb === 'allow') return save([...rules, `allow ${rule}`]);
  return save(rules.filter((line) => line !== `allow ${rule}`));
}

function planOf(change: CommandChange): Plan[] {
  return [{ recipe: 'allow-container-subnet', cures: [], changes: [change], gainsAccess: [], notes: [] }];
}

const change: CommandChange = {
  kind: 'command',
  summary: 'let it in',
  apply: ['ufw', 'allow', '11434'],
  undo: [['ufw', 'delete', '11434']],
  inForce: { argv: ['ufw', 'show'], line: 'allow 11434' },
  rewrites: [file, backup],
  diff: '',
  elevated: true,
};

function host(): Simulated {
  return simulate({ files: { [file]: byHand }, run: ({ argv }, self) => frontEnd(argv, self) });
}

it('undo gives back the bytes of a file that the tool itself wrote otherwise, and removes what it made', async () => {
  const machine = host();
  expect(await applyPlans(machine, planOf(change))).toMatchObject({ status: 'applied' });
  expect(machine.files.text(file)).toBe('allow 22\nallow 11434\n');
  expect(await undo(machine)).toMatchObject({ status: 'undone' });
  expect(machine.files.text(file)).toBe(byHand);
  expect(machine.files.text(backup)).toBeUndefined();
});

it('what somebody else changed through the tool since then stays', async () => {
  const machine = host();
  await applyPlans(machine, planOf(change));
  frontEnd(['ufw', 'allow', '8080'], machine);
  expect(await undo(machine)).toMatchObject({ status: 'undone' });
  expect(machine.files.text(file)).toBe('allow 22\nallow 8080\n');
});

it('an nft rule is taken out by the number that it has by then', async () => {
  const rule = 'tcp dport 11434 accept comment "ollama-doctor"';
  let rules = ['tcp dport 22 accept # handle 4'];
  const list = ['nft', '-s', 'list', 'chain', 'inet', 'filter', 'input'] as const;
  const machine = simulate({
    run: ({ argv }) => {
      if (argv.includes('insert')) rules.unshift(`${rule} # handle 7`);
      else if (argv.includes('delete'))
        rules = rules.filter((line) => !line.endsWith(`# handle ${argv.at(-1)}`));
      else if (argv.includes('-a')) return rules.join('\n');
      else return rules.map((line) => line.replace(/ # handle \d+$/u, '')).join('\n');
      return '';
    },
  });
  const nft: CommandChange = {
    kind: 'command',
    summary: 'let it in',
    apply: ['nft', 'insert', 'rule', 'inet', 'filter', 'input', ...rule.split(' ')],
    undo: [['nft', 'delete', 'rule', 'inet', 'filter', 'input', 'handle', handleWord]],
    inForce: { argv: list, line: rule },
    handleFrom: ['nft', '-s', '-a', 'list', 'chain', 'inet', 'filter', 'input'],
    diff: '',
    elevated: true,
  };
  expect(await applyPlans(machine, planOf(nft))).toMatchObject({ status: 'applied' });
  rules = rules.map((line) => line.replace('handle 7', 'handle 31'));
  expect(await undo(machine)).toMatchObject({ status: 'undone' });
  expect(rules).toEqual(['tcp dport 22 accept # handle 4']);
});

it.each([
  ['firewalld is stopped', { exitCode: 252, stderr: 'FirewallD is not running\n' }, 'firewall-cmd', 'undone'],
  ['the chain is gone', { exitCode: 1, stderr: 'Error: No such file or directory\n' }, 'nft', 'undone'],
  ['nft may not look', { exitCode: 1, stderr: 'Operation not permitted\n' }, 'nft', 'failed'],
])('undo when %s', async (_when, answer, program, status) => {
  let inForce = false;
  let answers = true;
  const machine = simulate({
    run: ({ argv }) => {
      if (!answers) return answer;
      if (argv[1] === 'add') inForce = true;
      return inForce ? 'rule\n' : '';
    },
  });
  const made: CommandChange = {
    kind: 'command',
    summary: 'let it in',
    apply: [program, 'add'],
    undo: [[program, 'remove']],
    inForce: { argv: [program, 'list'], line: 'rule' },
    diff: '',
    elevated: true,
  };
  expect(await applyPlans(machine, planOf(made))).toMatchObject({ status: 'applied' });
  answers = false;
  expect(await undo(machine)).toMatchObject({ status });
});
