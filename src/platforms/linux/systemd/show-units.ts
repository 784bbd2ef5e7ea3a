import type { RunRequest } from '../../../machine/machine.ts';
import { shownProperties } from './service-state.ts';
import { parseSystemctlShow, property } from './show.ts';
import type { UnitProperties } from './show.ts';

/**
 * Asks systemd for units, which starts none of them.
 * @param whose words that choose another manager: `--user`
 */
export function showUnits(units: readonly string[], whose: readonly string[] = []): RunRequest {
  return { argv: ['systemctl', ...whose, 'show', ...units, `--property=${shownProperties.join(',')}`] };
}

/** The units of `systemctl show` that there are, each once: one may be asked for by several names (an alias). */
export function existingUnits(text: string): UnitProperties[] {
  const units = parseSystemctlShow(text).filter((unit) => {
    const load = property(unit, 'LoadState');
    return load !== undefined && load !== 'not-found';
  });
  return [...new Map(units.map((unit) => [property(unit, 'Id'), unit])).values()];
}
