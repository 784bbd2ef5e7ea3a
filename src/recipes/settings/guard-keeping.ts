import type { Change, FileChange } from '../../changes/change.ts';
import type { Machine } from '../../machine/machine.ts';
import { guardFile } from '../firewall/nft-guard.ts';
import type { Keeper } from './keeper.ts';

const guardUnit = 'ollama-doctor-guard.service';

/** What has a guard loaded whenever Ollama starts: a line of Ollama's unit, and what that line needs. */
export interface GuardKeeping {
  changes: Change[];
  unitLine: string;
}

/**
 * Ties a guard to a service. A unit of the system loads it itself. A user's own unit may not: a unit of the system loads
 * it before that user's manager starts, and the user's unit looks that it did.
 * @param program the whole path of nft
 */
export async function keepGuard(machine: Machine, keeper: Keeper, program: string): Promise<GuardKeeping> {
  const { user } = keeper;
  if (!user) return { changes: [], unitLine: `ExecStartPre=+${program} -f ${guardFile}` };
  const wanted = [
    {
      path: `/etc/systemd/system/${guardUnit}`,
      after: unitText(program, user.name),
      summary: "close the port before a user's own services start",
      thenRun: [
        ['systemctl', 'daemon-reload'],
        ['systemctl', 'start', guardUnit],
      ],
      thenRunOnUndo: [
        ['systemctl', 'stop', guardUnit],
        ['systemctl', 'daemon-reload'],
      ],
    },
    {
      path: `/etc/systemd/system/user@${user.uid}.service.d/zz-ollama-doctor.conf`,
      after: managerText(user.name),
      summary: `have that done ahead of ${user.name}'s services`,
      thenRun: [['systemctl', 'daemon-reload']],
      thenRunOnUndo: [['systemctl', 'daemon-reload']],
    },
  ] as const;
  const changes = await Promise.all(
    wanted.map(async ({ path, after, summary, thenRun, thenRunOnUndo }): Promise<FileChange[]> => {
      const known = await machine.read(path);
      const before = known.outcome === 'read' ? known.text : null;
      if (before === after) return [];
      return [
        {
          kind: 'file',
          summary,
          path,
          before,
          after,
          attributes: { mode: 0o644 },
          thenRun: [...thenRun],
          thenRunOnUndo: [...thenRunOnUndo],
          elevated: true,
        },
      ];
    }),
  );
  // Who runs a user's unit may ask the system's manager for a state (systemctl(1), "is-active").
  return {
    changes: changes.flat(),
    unitLine: `ExecStartPre=systemctl --system --quiet is-active ${guardUnit}`,
  };
}

function unitText(program: string, user: string): string {
  return `${[
    '# Written by ollama-doctor; "ollama-doctor undo" takes it back.',
    '[Unit]',
    `Description=Closes the port of ${user}'s Ollama to all but this host and its containers`,
    '# Which flushes all tables as it starts.',
    'After=nftables.service',
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    `ExecStart=${program} -f ${guardFile}`,
  ].join('\n')}\n`;
}

function managerText(user: string): string {
  return `${[
    '# Written by ollama-doctor; "ollama-doctor undo" takes it back.',
    `# ${user}'s Ollama does not start before its port is closed to others.`,
    '[Unit]',
    `Wants=${guardUnit}`,
    `After=${guardUnit}`,
  ].join('\n')}\n`;
}
