// Reports with what was or would be mended.
import type { Report } from '../../src/report/schema.ts';
import { counts } from '../../src/report/status.ts';
import { healthy, incident } from './reports.ts';
import { report, row } from './rows.ts';

const dropIn = `--- /dev/null
+++ /etc/systemd/system/ollama.service.d/zz-ollama-doctor.conf
@@ -0,0 +1,2 @@
+[Service]
+Environment="OLLAMA_HOST=0.0.0.0:11434"`;

const planned: Report['fixes'] = [
  {
    recipe: 'bind-all-interfaces',
    status: 'planned',
    changes: [
      {
        kind: 'file',
        summary: 'listen on all interfaces',
        diff: dropIn,
        commands: ['systemctl daemon-reload', 'systemctl restart ollama.service'],
        elevated: true,
      },
    ],
    notes: ['the restart ends generations that are running'],
  },
  {
    recipe: 'allow-container-subnet',
    status: 'planned',
    changes: [
      {
        kind: 'command',
        summary: 'let 172.18.0.0/16 through to port 11434',
        diff: '',
        commands: ['iptables -I INPUT 1 -s 172.18.0.0/16 -p tcp -m tcp --dport 11434 -j ACCEPT'],
        elevated: true,
      },
    ],
    notes: ['archon-server and everything else on its network can reach Ollama afterwards'],
  },
];

/** The incident with --dry-run. */
export const dryRun: Report = { ...incident, fixes: planned };

/** The incident after a fix that was proved, with a rule that a reboot would lose. */
export const mended: Report = report({
  ...healthy,
  counts: counts([...healthy.checks, { status: 'warn' }]),
  checks: [
    ...healthy.checks,
    row({
      id: 'persistence',
      status: 'warn',
      code: 'not-persistent',
      summary: 'the rule is loaded, and nothing here loads rules at boot',
      instructions: ['apt-get install iptables-persistent'],
    }),
  ],
  fixes: planned.map((fix) => ({
    ...fix,
    status: 'verified',
    receipt: '2026-11-21T04-00-00Z',
    notes: ['to make archon-server look again: docker restart archon-server'],
  })),
});

/** The incident where the fix made nothing better. */
export const rolledBack: Report = {
  ...incident,
  fixes: planned.map((fix) => ({
    ...fix,
    status: 'rolled-back',
    receipt: '2026-11-21T04-00-00Z',
    notes: ['archon-server still timed out'],
  })),
};
