import type { Plan } from '../changes/change.ts';
import { typed } from '../changes/typed.ts';

/** What a person types before a plan counts: said with the plan and after it, and never run. */
export function laterNotes({ later }: Pick<Plan, 'later'>): string[] {
  if (later === undefined) return [];
  return [
    'a container keeps the settings it was made with: it is made again by what you type, not by this fix (or with --recreate)',
    ...later.map((argv) => `to make it again: ${typed(argv)}`),
  ];
}
