import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/changes/change.ts';
import { consentText, foundText } from '../../src/report/human/consent.ts';
import type { Screen } from '../../src/report/human/screen.ts';
import { reportedChange } from '../../src/report/plan.ts';
import { incident } from './reports.ts';

const screen: Screen = {
  chalk: new Chalk({ level: 0 }),
  columns: 80,
  unicode: true,
  detail: 'normal',
  command: 'ollama-doctor',
};

const bind: Plan = {
  recipe: 'bind-all-interfaces',
  cures: ['bind-loopback@host'],
  changes: [
    {
      kind: 'file',
      summary: 'listen on all interfaces',
      path: '/etc/systemd/system/ollama.service.d/zz-ollama-doctor.conf',
      before: null,
      after: '[Service]\nEnvironment="OLLAMA_HOST=0.0.0.0:11434"\n',
      attributes: { mode: 0o644 },
      thenRun: [
        ['systemctl', 'daemon-reload'],
        ['systemctl', 'restart', 'ollama.service'],
      ],
      thenRunOnUndo: [],
      elevated: true,
    },
  ],
  gainsAccess: ['container:archon-server', 'container:postgres'],
  notes: ['the restart ends generations that are running'],
};
const rule: Plan = {
  recipe: 'allow-container-subnet',
  cures: ['firewall-drop@container:archon-server'],
  changes: [
    {
      kind: 'file',
      summary: 'keep the rule over a reboot',
      path: '/etc/iptables/rules.v4',
      before: '*filter\n:INPUT DROP [0:0]\n-A INPUT -j DROP\nCOMMIT\n',
      after: '*filter\n:INPUT DROP [0:0]\n-A INPUT -s 172.18.0.0/16 -j ACCEPT\n-A INPUT -j DROP\nCOMMIT\n',
      attributes: { mode: 0o600 },
      thenRun: [],
      thenRunOnUndo: [],
      elevated: true,
    },
    {
      kind: 'command',
      summary: 'let 172.18.0.0/16 through to port 11434',
      apply: [
        'iptables',
        '-I',
        'INPUT',
        '1',
        '-m',
        'comment',
        '--comment',
        "ollama-doctor's rule",
        '-j',
        'ACCEPT',
      ],
      undo: [],
      diff: '',
      elevated: true,
    },
  ],
  gainsAccess: ['container:archon-server'],
  notes: [],
};

describe('what a person agrees to', () => {
  it('is shown as it is on the screen', async () => {
    await expect(`${consentText([bind, rule], screen).join('\n')}\n`).toMatchFileSnapshot(
      'screens/consent.txt',
    );
  });

  it('names every container that gains access once, and says that Ollama asks nobody for a password', () => {
    const text = consentText([bind, rule], screen).join(' ').replaceAll(/\s+/gu, ' ');
    expect(text).toContain('archon-server and postgres can reach Ollama by this, and could not before.');
    expect(text).toContain('no authentication: whoever reaches it can run, pull and delete models');
  });

  it('says when nobody gains access', () => {
    const text = consentText([{ ...bind, gainsAccess: [] }], screen).join('\n');
    expect(text).toContain('Nobody can reach Ollama by this who could not before.');
  });

  it('cannot be repainted by what stands in a file', () => {
    const nasty: Plan = {
      ...rule,
      changes: rule.changes.map((change) => ({ ...change, summary: '\u001b[2J' })),
    };
    expect(consentText([nasty], screen).join('\n')).not.toContain('\u001b');
  });
});

describe('what comes before the question', () => {
  it('says what was found, so that nobody agrees to what they were not told', () => {
    const text = foundText(incident, screen).join('\n');
    expect(text).toMatch(/^ {2}✗ archon-server cannot reach Ollama: 2 causes\n/u);
    expect(text).toContain('Environment="OLLAMA_HOST=127.0.0.1:11434"');
    expect(text).not.toContain('What to type next');
  });
});

describe('a change in the report', () => {
  it('shows a new file against nothing', () => {
    expect(bind.changes.map(reportedChange)).toEqual([
      {
        kind: 'file',
        summary: 'listen on all interfaces',
        diff: [
          '--- /dev/null',
          '+++ /etc/systemd/system/ollama.service.d/zz-ollama-doctor.conf',
          '@@ -0,0 +1,2 @@',
          '+[Service]',
          '+Environment="OLLAMA_HOST=0.0.0.0:11434"',
        ].join('\n'),
        commands: ['systemctl daemon-reload', 'systemctl restart ollama.service'],
        elevated: true,
      },
    ]);
  });

  it('shows the changed lines of a file with those around them', () => {
    const [file] = rule.changes.map(reportedChange);
    expect(file?.diff).toContain(
      '@@ -1,4 +1,5 @@\n *filter\n :INPUT DROP [0:0]\n+-A INPUT -s 172.18.0.0/16 -j ACCEPT\n',
    );
  });

  it('quotes the arguments of a command as a shell takes them', () => {
    const [, command] = rule.changes.map(reportedChange);
    expect(command?.commands).toEqual([
      String.raw`iptables -I INPUT 1 -m comment --comment 'ollama-doctor'\''s rule' -j ACCEPT`,
    ]);
  });
});
