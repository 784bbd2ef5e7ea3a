import type { Change } from '../../changes/change.ts';
import type { Planning } from '../recipe.ts';
import { guardChange, guardFile, withGuard, withSource } from './nft-guard.ts';

/** Lets one more subnet through a guard of an earlier fix. Adds to the draft. */
export async function allowInGuard(
  { draft, machine }: Planning,
  subnet: string,
): Promise<Change[] | { reason: string; instructions: string[] }> {
  const read = await machine.read(guardFile);
  const planned = draft.files.get(guardFile);
  const before = planned ?? (read.outcome === 'read' ? read.text : null);
  const after = before === null ? undefined : withSource(before, subnet);
  if (before === null || after === undefined || after === before)
    return {
      reason: `the table that guards the port is not what ${guardFile} says`,
      instructions: ['take the fix back and make it anew: ollama-doctor undo, then ollama-doctor fix'],
    };
  draft.files.set(guardFile, after);
  draft.listings = withGuard(draft.listings ?? [], after);
  return [guardChange(before, after, `let ${subnet} through the guard of the port`)];
}
