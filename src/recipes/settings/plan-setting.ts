import type { Refusal } from '../../changes/change.ts';
import type { OllamaService } from '../../facts/service.ts';
import { setByHand } from '../../findings/set-by-hand.ts';
import type { Cause } from '../../report/schema.ts';
import { keyOf, type Outcome, type Planning } from '../recipe.ts';
import type { Assignment } from './drop-in-text.ts';
import { placeOf, settingChanges } from './setting-changes.ts';
import { overridingDropIn } from './unit-changes.ts';

/** One variable that is to have another value from now on. */
export interface NewSetting {
  recipe: string;
  service: OllamaService;
  assignment: Assignment;
  /** What for, in a few words. */
  summary: string;
  gainsAccess: string[];
  notes: string[];
}

/** Plans a setting where the service's manager reads it, or says in its words how a person does it. */
export async function planSetting(
  planning: Planning,
  causes: readonly Cause[],
  { recipe, service, assignment, summary, gainsAccess, notes }: NewSetting,
): Promise<Outcome> {
  const refused = (refusal: Omit<Refusal, 'recipe'>): Outcome => ({ refusals: [{ recipe, ...refusal }] });
  const instructions = setByHand(service, assignment);
  const place = placeOf(service, planning.machine.identity);
  if (!place)
    return refused({ reason: `what ${service.name} is told is not this program's to write`, instructions });
  const later = overridingDropIn(service, assignment.variable);
  if (later)
    return refused({
      reason: `${later.file} is read after every drop-in of ours and sets ${assignment.variable} itself`,
      instructions,
    });
  const unit = await settingChanges(planning, service, place, { assignment, summary });
  if ('reason' in unit) return refused(unit);
  return {
    refusals: [],
    plan: { recipe, cures: causes.map(keyOf), changes: unit.changes, gainsAccess, notes },
  };
}
