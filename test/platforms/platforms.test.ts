import { describe, expect, test } from 'vitest';
import { simulate, simulatedIdentity } from '../../src/machine/simulated.ts';
import { platformFor } from '../../src/platforms/index.ts';
import { linux } from '../../src/platforms/linux/index.ts';

test('Linux is looked at, inside WSL as well', () => {
  expect(platformFor(simulatedIdentity)).toBe(linux);
  expect(platformFor({ ...simulatedIdentity, environment: 'wsl2' })).toBe(linux);
});

describe.each(['darwin', 'win32'] as const)('%s', (name) => {
  test.each(['services', 'listeners', 'network', 'rulesets', 'ownership'] as const)(
    'says of %s that this version cannot look, and how a person can, without asking the machine anything',
    async (what) => {
      const machine = simulate({ identity: { platform: name } });
      const looked = await platformFor(machine.identity)[what](machine);
      expect(looked).toMatchObject({ state: 'unavailable', unsupported: true });
      expect(looked).toHaveProperty('reason', expect.stringContaining('this version'));
      expect(looked).toHaveProperty('help');
      expect(machine.asked).toEqual([]);
    },
  );
});

describe('a machine that gives nothing', () => {
  test.each(['services', 'listeners', 'network', 'rulesets', 'ownership'] as const)(
    '%s: a recording without it is never "absent" or an empty list',
    async (what) => {
      const machine = simulate({ run: () => ({ outcome: 'not-recorded' }) });
      const silent = {
        ...machine,
        read: async () => ({ outcome: 'not-recorded' }) as const,
        list: async () => ({ outcome: 'not-recorded' }) as const,
      };
      expect((await linux[what](silent)).state).toBe('unavailable');
    },
  );
});
