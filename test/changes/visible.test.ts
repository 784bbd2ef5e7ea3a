import { describe, expect, it } from 'vitest';
import type { Argv } from '../../src/changes/change.ts';
import { isVisible } from '../../src/changes/visible.ts';
import { simulate } from '../../src/machine/simulated.ts';

describe('whether a change is in force', () => {
  it.each<[Argv, { exitCode: number; stdout: string }, string]>([
    [['systemctl', 'is-enabled', 'ollama'], { exitCode: 0, stdout: 'enabled\n' }, 'yes'],
    [['systemctl', 'is-enabled', 'ollama'], { exitCode: 1, stdout: 'disabled\n' }, 'no'],
    [
      ['systemctl', '--user', '--machine=ada@.host', 'is-enabled', 'ollama'],
      { exitCode: 1, stdout: 'disabled\n' },
      'no',
    ],
    [['systemctl', 'is-enabled', 'ollama'], { exitCode: 1, stdout: '' }, 'unknown'],
    [['systemctl', 'show', 'is-enabled'], { exitCode: 1, stdout: 'enabled' }, 'unknown'],
  ])('%j says %j: %s', async (argv, result, seen) => {
    const machine = simulate({ run: { [argv.join(' ')]: result } });
    expect(await isVisible(machine, { argv, line: 'enabled' })).toBe(seen);
  });
});
