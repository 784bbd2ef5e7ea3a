import type { OllamaService } from '../../../facts/service.ts';
import { numberProperty, property } from './show.ts';
import type { UnitProperties } from './show.ts';

/** What is asked of `systemctl show`. */
export const shownProperties = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'Result',
  'MainPID',
  'NRestarts',
  'ExecMainStatus',
  'ExecMainCode',
  'NeedDaemonReload',
  'FragmentPath',
  'SourcePath',
  'DropInPaths',
  'Environment',
  'EnvironmentFiles',
] as const;

/**
 * The state of a unit. A service with `Restart=` that fails again and again is `activating (auto-restart)` between its
 * attempts, and `failed` with `start-limit-hit` when systemd gave up.
 */
export function serviceState(unit: UnitProperties): OllamaService['state'] {
  const active = property(unit, 'ActiveState');
  const restarting = property(unit, 'SubState')?.startsWith('auto-restart') === true;
  if (restarting || property(unit, 'Result') === 'start-limit-hit') return 'crash-loop';
  switch (active) {
    case 'active':
    case 'reloading':
    case 'refreshing':
      return 'running';
    case 'inactive':
    case 'deactivating':
      return 'stopped';
    case 'failed':
      return 'failed';
    case 'activating':
      return 'starting';
    case undefined:
    default:
      return 'unknown';
  }
}

export function startsAtBoot(unit: UnitProperties): OllamaService['startsAtBoot'] {
  const state = property(unit, 'UnitFileState');
  if (property(unit, 'LoadState') === 'masked' || state?.startsWith('masked')) return 'masked';
  // What has no [Install] section is started by others, if at all (systemctl(1), "is-enabled").
  if (state === undefined || state === 'static' || state === 'indirect') return 'unknown';
  // `enabled-runtime` and `linked` are not; a generated unit (quadlet) is started by what generated it.
  return state === 'enabled' || state === 'alias' || state === 'generated';
}

/** The exit status of the last run, when it ended by itself (`ExecMainCode` is CLD_EXITED). */
export function lastExitStatus(unit: UnitProperties): number | undefined {
  return numberProperty(unit, 'ExecMainCode') === 1 ? numberProperty(unit, 'ExecMainStatus') : undefined;
}

/** Paths of a property that holds several, separated by blanks. */
export function pathsOf(unit: UnitProperties, name: string): string[] {
  return (unit.get(name) ?? []).join(' ').split(' ').filter(Boolean);
}
