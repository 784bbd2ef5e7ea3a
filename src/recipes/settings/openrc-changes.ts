import type { Change, FileChange } from '../../changes/change.ts';
import { settingInForce } from '../../facts/in-force.ts';
import type { OllamaService } from '../../facts/service.ts';
import { setByHand } from '../../findings/set-by-hand.ts';
import { guardFile } from '../firewall/nft-guard.ts';
import type { Planning } from '../recipe.ts';
import { editLine } from './edit-line.ts';
import type { NewValue } from './setting-changes.ts';

const guardService = 'ollama-doctor-guard';
const guardScript = `/etc/init.d/${guardService}`;

/**
 * The setting in /etc/conf.d, which OpenRC reads ahead of the service's script and no upgrade rewrites
 * (openrc-run(8)). A guard is a service of its own that Ollama needs from then on: it does not start without.
 */
export async function openrcChanges(
  planning: Planning,
  service: OllamaService,
  { assignment, summary, program }: NewValue,
): Promise<{ changes: Change[] } | { reason: string; instructions: string[] }> {
  const { variable, value } = assignment;
  const path = `/etc/conf.d/${service.name}`;
  const refuse = (reason: string): { reason: string; instructions: string[] } => ({
    reason,
    instructions: setByHand(service, assignment),
  });
  if (!/^[\w.:/,*@[\]+~-]+$/u.test(value)) return refuse(`${value} has signs that a shell reads otherwise`);
  const known = await planning.machine.read(path);
  if (known.outcome === 'denied' || known.outcome === 'failed') return refuse(`${path} cannot be read`);
  const before = planning.draft.files.get(path) ?? (known.outcome === 'read' ? known.text : null);
  const inForce = settingInForce(service.settings, variable);
  if (inForce && inForce.file !== path)
    return refuse(`${inForce.file} is read after ${path} and sets ${variable} itself`);
  let after = before ?? '';
  if (inForce) {
    const edited = await editLine(planning, inForce, assignment);
    if ('reason' in edited) return edited;
    ({ after } = edited);
  } else after = withLines(after, [`export ${variable}="${value}"`]);
  const needs = /^\s*rc_need=(.*)$/mu.exec(after)?.[1];
  if (program !== undefined && needs !== undefined && !needs.includes(guardService))
    return refuse(`${path} has an rc_need of its own, and Ollama must need what closes its port too`);
  if (program !== undefined && needs === undefined)
    after = withLines(after, [
      '# Closes the port to all but this host and its containers; Ollama does not start without.',
      `rc_need="${guardService}"`,
    ]);
  planning.draft.files.set(path, after);
  const restart = ['rc-service', service.name, 'restart'] as const;
  const own: FileChange = {
    kind: 'file',
    summary,
    path,
    before,
    after,
    attributes: { mode: 0o644 },
    thenRun: [restart],
    thenRunOnUndo: [
      ['rc-service', '--ifstarted', service.name, 'restart'],
      // As stopped, without what needs it being stopped as well; its script goes next.
      ...(program === undefined ? [] : [['rc-service', '--ifexists', guardService, 'zap'] as const]),
    ],
    elevated: true,
  };
  const guard = program === undefined ? [] : await guardChanges(planning, program);
  return { changes: [...guard, own] };
}

async function guardChanges({ machine }: Planning, program: string): Promise<FileChange[]> {
  const known = await machine.read(guardScript);
  const before = known.outcome === 'read' ? known.text : null;
  const after = [
    '#!/sbin/openrc-run',
    '# Written by ollama-doctor; "ollama-doctor undo" takes it back.',
    `description="Closes Ollama's port to all but this host and its containers"`,
    '',
    'depend() {',
    '\tafter nftables',
    '}',
    '',
    'start() {',
    '\tebegin "Closing the port of Ollama to others"',
    `\t${program} -f ${guardFile}`,
    '\teend $?',
    '}',
    '',
  ].join('\n');
  if (before === after) return [];
  return [
    {
      kind: 'file',
      summary: 'close the port before Ollama starts',
      path: guardScript,
      before,
      after,
      attributes: { mode: 0o755 },
      thenRun: [],
      thenRunOnUndo: [],
      elevated: true,
    },
  ];
}

function withLines(text: string, lines: readonly string[]): string {
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  return `${text}${gap}${lines.join('\n')}\n`;
}
