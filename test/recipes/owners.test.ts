import { describe, expect, it } from 'vitest';
import { planFixes } from '../../src/recipes/index.ts';
import type { SimulationScript } from '../../src/machine/simulated.ts';
import { seen, wildcard } from '../checks/host-of-values.ts';
import { brokenHost, changes, commands, dropCause, listings, plan, savedBy } from './planned.ts';

type Planned = Awaited<ReturnType<typeof planFixes>>;

const show = "Added user rules (see 'ufw status' for running firewall):";

/** A host of ufw's with these rules, as lines of its chain and of its own file. */
function underUfw(policy: string, lines: string[], file: string, added: string[]): Promise<Planned> {
  const v4 = [
    '*filter',
    `:INPUT ${policy} [0:0]`,
    ':ufw-before-input - [0:0]',
    ':ufw-user-input - [0:0]',
    '-A INPUT -j ufw-before-input',
    '-A ufw-before-input -i lo -j ACCEPT',
    '-A ufw-before-input -j ufw-user-input',
    ...lines.map((line) => `-A ufw-user-input ${line}`),
    'COMMIT',
    '',
  ].join('\n');
  const script: SimulationScript = {
    run: { 'ufw show added': [show, ...added, ''].join('\n') },
    files: { '/etc/ufw/user.rules': file, '/etc/ufw/user6.rules': '### RULES ###\n\n### END RULES ###\n' },
  };
  const host = brokenHost({
    listeners: seen({ listeners: [wildcard], ownersKnown: true }),
    ownership: seen(savedBy('ufw')),
    rulesets: seen({ listings: listings(v4), missing: [] }),
  });
  return plan([dropCause], host, script);
}

function tuples(...rules: [tuple: string, ...lines: string[]][]): string {
  const blocks = rules.map(([tuple, ...lines]) =>
    [`### tuple ### ${tuple}`, ...lines.map((line) => `-A ufw-user-input ${line}`), ''].join('\n'),
  );
  return ['*filter', '### RULES ###', '', ...blocks, '### END RULES ###', 'COMMIT', ''].join('\n');
}

const rule = 'allow from 172.18.0.0/16 to any port 11434 proto tcp';
const any = '0.0.0.0/0 any 0.0.0.0/0 in';

describe('a rule through ufw', () => {
  it('goes behind all others where ufw blocks by its policy', async () => {
    const { plans } = await underUfw('DROP', ['-p tcp -m tcp --dport 22 -j ACCEPT'], tuples(), []);
    expect(commands(plans)).toEqual([`ufw ${rule} comment ollama-doctor`]);
    expect(changes(plans)).toMatchObject([
      {
        undo: [`ufw delete ${rule}`.split(' ')],
        inForce: { line: `ufw ${rule} comment 'ollama-doctor'` },
        rewrites: ['/etc/ufw/user.rules', '/etc/ufw/user6.rules'],
      },
    ]);
  });

  it("goes just ahead of the rule of ufw's that blocks, by ufw's own number of that rule", async () => {
    const { plans } = await underUfw(
      'DROP',
      [
        '-p tcp -m tcp --dport 53 -j ACCEPT',
        '-p udp -m udp --dport 53 -j ACCEPT',
        '-p tcp -m tcp --dport 11434 -j DROP',
      ],
      tuples(
        [`allow any 53 ${any}`, '-p tcp --dport 53 -j ACCEPT', '-p udp --dport 53 -j ACCEPT'],
        [`deny tcp 11434 ${any}`, '-p tcp --dport 11434 -j DROP'],
      ),
      ['ufw allow 53', 'ufw deny 11434/tcp'],
    );
    expect(commands(plans)).toEqual([`ufw insert 2 ${rule} comment ollama-doctor`]);
  });

  it('goes ahead of all where the number cannot be told, as with application profiles', async () => {
    const { plans } = await underUfw(
      'DROP',
      ['-p tcp -m tcp --dport 80 -j ACCEPT', '-p tcp -m tcp --dport 11434 -j DROP'],
      tuples(
        ['allow tcp 80 0.0.0.0/0 any 0.0.0.0/0 WWW - in', '-p tcp --dport 80 -j ACCEPT'],
        [`deny tcp 11434 ${any}`, '-p tcp --dport 11434 -j DROP'],
      ),
      [],
    );
    expect(commands(plans)).toEqual([`ufw prepend ${rule} comment ollama-doctor`]);
  });

  it("is not made where ufw would turn a person's own rule round for it", async () => {
    const { plans, refusals } = await underUfw(
      'ACCEPT',
      ['-s 172.18.0.0/16 -p tcp -m tcp --dport 11434 -j DROP'],
      tuples([
        `deny tcp 11434 0.0.0.0/0 any 172.18.0.0/16 in`,
        '-p tcp --dport 11434 -s 172.18.0.0/16 -j DROP',
      ]),
      [`ufw ${rule.replace('allow', 'deny')} comment 'mine'`],
    );
    expect(plans).toEqual([]);
    expect(refusals[0]?.instructions).toEqual([
      `sudo ufw delete ${rule.replace('allow', 'deny')}`,
      `sudo ufw prepend ${rule}`,
    ]);
  });

  it('is not made where the rule that blocks is not among those that ufw can go ahead of', async () => {
    const { plans, refusals } = await underUfw('DROP', [], tuples(), []);
    expect(plans).toHaveLength(1);
    const blocked = await plan(
      [dropCause],
      brokenHost({
        listeners: seen({ listeners: [wildcard], ownersKnown: true }),
        ownership: seen(savedBy('ufw')),
        rulesets: seen({
          listings: listings(
            [
              '*filter',
              ':INPUT DROP [0:0]',
              ':ufw-user-input - [0:0]',
              '-A INPUT -p tcp -m tcp --dport 11434 -j DROP',
              '-A INPUT -j ufw-user-input',
              'COMMIT',
              '',
            ].join('\n'),
          ),
          missing: [],
        }),
      }),
    );
    expect(refusals).toEqual([]);
    expect(blocked.plans).toEqual([]);
    expect(blocked.refusals[0]?.reason).toMatch(/would come too late: .*--dport 11434 -j DROP/u);
  });
});
