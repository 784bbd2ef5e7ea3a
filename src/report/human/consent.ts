import type { Plan } from '../../changes/change.ts';
import { laterNotes } from '../later.ts';
import { reportedChange } from '../plan.ts';
import type { Fix, Report } from '../schema.ts';
import { causes } from './causes.ts';
import { oneFix } from './fixes.ts';
import { paragraph } from './lines.ts';
import type { Screen } from './screen.ts';
import { verdict } from './verdict.ts';
import { named } from './words.ts';

/** What was found, for somebody who is about to be asked whether to mend it. */
export function foundText(report: Report, screen: Screen): string[] {
  return [...verdict(report, screen), ...causes(report, screen)];
}

/** What a person agrees to: every change in full, who gains access by it, and what that means. */
export function consentText(plans: readonly Plan[], screen: Screen): string[] {
  const gaining = [...new Set(plans.flatMap((plan) => plan.gainsAccess))];
  const access =
    gaining.length === 0
      ? 'Nobody can reach Ollama by this who could not before.'
      : `${named(gaining, gaining.length, 'containers')} can reach Ollama by this, and could not before. Ollama has no authentication: whoever reaches it can run, pull and delete models.`;
  return [
    '',
    ...plans.flatMap((plan) => [
      ...oneFix(asFix(plan), screen, { status: 'blocked', text: `mends ${cured(plan)}` }),
      '',
    ]),
    ...paragraph(screen, 4, access, screen.chalk.yellow),
    ...paragraph(screen, 4, `\`${screen.command} undo\` takes all of it back.`),
    '',
  ];
}

/** The causes that a plan names as `CODE@SUBJECT`, by their codes. */
function cured(plan: Plan): string {
  return [...new Set(plan.cures.map((cure) => cure.replace(/@.*$/su, '')))].join(', ');
}

function asFix(plan: Plan): Fix {
  return {
    recipe: plan.recipe,
    status: 'planned',
    changes: plan.changes.map(reportedChange),
    notes: [...plan.notes, ...laterNotes(plan)],
  };
}
