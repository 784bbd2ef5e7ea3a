import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/engine/check.ts';
import type { FirewallOwnership } from '../../src/facts/network.ts';
import { container, rowsOf, rules, seen } from './host-of-values.ts';

const any = {
  subject: 'container:(any)',
  container: container({ name: '(any)' }),
  url: new URL('http://172.17.0.1:11434'),
  hypothetical: true,
  askedFor: false,
};

/** The row of the container that nobody runs, and of a real one behind the same rules. */
async function row(
  lines: string[],
  ownership: Partial<FirewallOwnership> = {},
  clients = [any],
): Promise<Row | undefined> {
  const rows = await rowsOf({
    clients,
    rulesets: rules(...lines),
    ownership: seen({ owner: 'nobody', savedFiles: [], loadsAtBoot: false, source: '', ...ownership }),
    answer: { kind: 'unreachable', failure: 'timeout', detail: '', address: '172.17.0.1', elapsedMs: 1 },
  });
  return rows.find(({ id }) => id === 'firewall');
}

const guard =
  '-A INPUT ! -s 172.30.0.0/16 ! -i lo -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j DROP';
const theirs = guard.replace('ollama-doctor', 'mine');
const ufw = [
  ':ufw-user-input - [0:0]',
  '-A INPUT -j ufw-user-input',
  '-A ufw-user-input -p tcp -m tcp --dport 11434 -j DROP',
];

describe('a guard of ours that keeps out a container which nobody runs', () => {
  it('is no complaint', async () => {
    const found = await row([guard]);
    expect(found).toMatchObject({ status: 'pass' });
    expect(found?.summary).toMatch(/the guard of an earlier fix keeps out/u);
    expect(await row([theirs])).toMatchObject({ status: 'warn', code: 'firewall-drop' });
  });

  it('nor is it by way of ufw, where a rule of ours is what shuts the port', async () => {
    expect(await row(ufw, { owner: 'ufw', guarded: [11_434] })).toMatchObject({ status: 'pass' });
    expect(await row(ufw, { owner: 'ufw', guarded: [] })).toMatchObject({ status: 'warn' });
  });

  it('is a cause where a real one is kept out', async () => {
    const real = { ...any, subject: 'container:web', container: container(), hypothetical: false };
    expect(await row([guard], {}, [real])).toMatchObject({ status: 'fail', code: 'firewall-drop' });
  });
});
