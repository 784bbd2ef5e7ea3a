import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simulate } from '../../../src/machine/simulated.ts';
import { lookAtOwnRichRules } from '../../../src/platforms/linux/own-rich-rules.ts';
import { parseGuardTuples } from '../../../src/platforms/linux/own-ufw-rules.ts';

const allow = 'rule family="ipv4" source address="172.30.0.0/16" port port="11434" protocol="tcp" accept';
const drop = 'rule priority="-100" port port="11434" protocol="tcp" drop';

/** As firewalld 2.3 lists a zone or a policy. */
function listed(name: string, ...rules: string[]): string {
  return [
    `${name} (active)`,
    '  target: CONTINUE',
    '  ports: ',
    '  rich rules: ',
    ...rules.map((rule) => `\t${rule}`),
    '',
  ].join('\n');
}

/** A receipt of a fix that put rules where the options say. */
function receipt(...applied: string[][]): Record<string, string> {
  const steps = applied.flatMap((apply, step) => [
    { entry: 'step', step, recipe: 'guard-port', change: { kind: 'command', apply, undo: [] } },
    { entry: 'done', step },
  ]);
  const lines = [
    { entry: 'begun', journalVersion: 1, receipt: '20261121-043015-a1b2', at: 0, recipes: [] },
    ...steps,
  ];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  return { '/var/lib/ollama-doctor/receipts/20261121-043015-a1b2/journal.jsonl': text };
}

describe("firewalld's rules of ours", () => {
  test('in a policy, in force and kept; policies are not asked for where no receipt has one', async () => {
    const asked: string[] = [];
    const look = (files: Record<string, string>) =>
      lookAtOwnRichRules(
        simulate({
          files,
          identity: { elevated: true },
          run: ({ argv }) => {
            asked.push(argv.join(' '));
            return listed('allow-host', allow);
          },
        }),
        listed('public'),
        listed('public'),
      );
    const found = await look(receipt(['firewall-cmd', '--policy=allow-host', `--add-rich-rule=${allow}`]));
    expect(found.ownRules.map(({ place, subnet }) => [place, subnet])).toEqual(
      [false, true].map((kept) => [
        { kind: 'firewalld', at: 'policy', zone: 'allow-host', kept },
        '172.30.0.0/16',
      ]),
    );
    expect(asked).toEqual([
      'firewall-cmd --list-all-policies',
      'firewall-cmd --permanent --list-all-policies',
    ]);
    asked.length = 0;
    // The very same words in a policy are not ours where a receipt has them for a zone.
    expect(await look(receipt(['firewall-cmd', '--zone=allow-host', `--add-rich-rule=${allow}`]))).toEqual({
      ownRules: [],
      guarded: [],
    });
    expect(asked).toEqual([]);
  });

  test('that keep a port shut are told from those of a person', async () => {
    const look = (files: Record<string, string>) =>
      lookAtOwnRichRules(
        simulate({ files, identity: { elevated: true } }),
        listed('docker', drop),
        listed('docker', drop),
      );
    const ours = receipt(['firewall-cmd', '--zone=docker', `--add-rich-rule=${drop}`]);
    expect((await look(ours)).guarded).toEqual([11_434]);
    expect((await look({})).guarded).toEqual([]);
  });
});

describe("ufw's rules of ours that keep a port shut", () => {
  const tuple = (what: string, comment = '6f6c6c616d612d646f63746f72') =>
    `### tuple ### ${what} in comment=${comment}\n`;

  test('deny it to everybody', () => {
    expect(parseGuardTuples(tuple('deny tcp 11434 0.0.0.0/0 any 0.0.0.0/0'))).toEqual([11_434]);
    expect(parseGuardTuples(tuple('deny tcp 11434 ::/0 any ::/0'))).toEqual([11_434]);
    expect(parseGuardTuples(tuple('deny tcp 11434 0.0.0.0/0 any 10.0.0.0/8'))).toEqual([]);
    expect(parseGuardTuples(tuple('deny tcp 11434 0.0.0.0/0 any 0.0.0.0/0', '6d696e65'))).toEqual([]);
  });

  test('any text is read', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseGuardTuples(text)).toBeInstanceOf(Array);
      }),
    );
  });
});
