import type { Change } from '../../changes/change.ts';
import type { OllamaService } from '../../facts/service.ts';
import type { Identity } from '../../machine/machine.ts';
import type { Planning } from '../recipe.ts';
import type { Assignment } from './drop-in-text.ts';
import { keepGuard } from './guard-keeping.ts';
import { type Keeper, keeperOf } from './keeper.ts';
import { openrcChanges } from './openrc-changes.ts';
import { unitChanges } from './unit-changes.ts';

/** What one variable is to be from now on. */
export interface NewValue {
  assignment: Assignment;
  /** What for, in a few words. */
  summary: string;
  /** The whole path of nft, where a guard is to be loaded before Ollama listens. */
  program?: string;
}

/** Where what a service is told can be written by a program. */
export type Place = { kind: 'systemd'; keeper: Keeper } | { kind: 'openrc' };

/** @returns undefined where it is for a person to write */
export function placeOf(service: OllamaService, identity: Identity): Place | undefined {
  if (service.manager === 'openrc') return { kind: 'openrc' };
  const keeper = keeperOf(service, identity);
  return keeper && { kind: 'systemd', keeper };
}

/** Plans a setting where the service's manager reads it, with what keeps a guard tied to it. Adds to the draft. */
export async function settingChanges(
  planning: Planning,
  service: OllamaService,
  place: Place,
  value: NewValue,
): Promise<{ changes: Change[] } | { reason: string; instructions: string[] }> {
  if (place.kind === 'openrc') return openrcChanges(planning, service, value);
  const { keeper } = place;
  const { assignment, summary, program } = value;
  const kept = program === undefined ? undefined : await keepGuard(planning.machine, keeper, program);
  const guardLine = kept?.unitLine;
  const unit = await unitChanges(planning, service, keeper, { assignment, summary, guardLine });
  return 'reason' in unit ? unit : { changes: [...(kept?.changes ?? []), ...unit.changes] };
}
