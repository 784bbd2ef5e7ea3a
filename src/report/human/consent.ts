import type { Plan } from '../../changes/change.ts';
import { reportedChange } from '../plan.ts';
import type { Fix } from '../schema.ts';
import { oneFix } from './fixes.ts';
import { paragraph } from './lines.ts';
import type { Screen } from './screen.ts';
import { named } from './words.ts';

/** What a person agrees to: every change in full, who gains access by it, and what that means. */
export function consentText(plans: readonly Plan[], screen: Screen): string[] {
  const gaining = [...new Set(plans.flatMap((plan) => plan.gainsAccess))];
  const access =
    gaining.length === 0
      ? 'Nobody can reach Ollama by this who could not before.'
      : `${named(gaining, gaining.length, 'containers')} can reach Ollama by this, and could not before. Ollama has no authentication: whoever reaches it can run, pull and delete models.`;
  return [
    '',
    ...plans.flatMap((plan) => [...oneFix(asFix(plan), screen, wouldDo), '']),
    ...paragraph(screen, 4, access, screen.chalk.yellow),
    ...paragraph(screen, 4, `\`${screen.command} undo\` takes all of it back.`),
    '',
  ];
}

const wouldDo = { status: 'blocked', text: 'this is what it does' } as const;

function asFix(plan: Plan): Fix {
  return {
    recipe: plan.recipe,
    status: 'planned',
    changes: plan.changes.map(reportedChange),
    notes: plan.notes,
  };
}
