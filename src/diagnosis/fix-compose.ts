import { applyPlans, toReported } from '../changes/index.ts';
import type { Argv, Plan } from '../changes/change.ts';
import { typed } from '../changes/typed.ts';
import { editPlan, editProject, servicesOf } from '../compose/index.ts';
import type { Machine } from '../machine/machine.ts';
import type { Fix, FixStatus } from '../report/schema.ts';
import { type ComposeExamination, type ComposeQuestion, examineCompose } from './examine-compose.ts';

export interface ComposeFixOptions {
  /** Show what would be done, and do nothing. */
  dryRun: boolean;
  /** Make the containers again too, which stops and removes the ones there are. */
  recreate: boolean;
  /** The words of `docker compose` for this project: `docker compose -f a.yaml`. */
  compose: Argv;
  /** Shows the plan and asks; false means declined. */
  consent: (plan: Plan) => Promise<boolean>;
}

export interface FixedCompose {
  examination: ComposeExamination;
  fixes: Fix[];
  /** What a person types next; never run from here. */
  next: string[];
}

/**
 * Mends what was found in a compose project by edits of its files, with a journal that `undo` takes back. What a
 * container runs with is another thing: it is made again only with `recreate`, and otherwise the words for it are given.
 */
export async function fixCompose(
  machine: Machine,
  question: ComposeQuestion,
  examined: ComposeExamination,
  how: ComposeFixOptions,
): Promise<FixedCompose> {
  const edited = await editProject(machine, examined.request, examined.around, examined.findings);
  const refused = edited.refused.map(({ finding, reason }): Fix => {
    const recipe = finding.cures.some((cure) => cure.kind === 'set-url')
      ? 'set-client-url'
      : 'add-host-gateway';
    return {
      recipe,
      status: 'declined',
      changes: [],
      notes: [`${finding.service}: ${reason}`, ...finding.instructions],
    };
  });
  const cures = examined.findings
    .filter((one) => one.cures.length > 0 && !edited.refused.some(({ finding }) => finding === one))
    .map((one) => `${one.code}@container:${one.service}`);
  const command: Argv = [...how.compose, 'up', '-d'];
  const plan = editPlan(edited, cures, command, how.recreate);
  if (!plan) return { examination: examined, fixes: refused, next: [] };
  const fixes = async (status: FixStatus, receipt?: string, notes: string[] = []): Promise<Fix[]> => [
    {
      recipe: plan.recipe,
      status,
      ...(receipt === undefined ? {} : { receipt }),
      changes: await Promise.all(plan.changes.map((change) => toReported(change))),
      notes: [...plan.notes, ...notes],
    },
    ...refused,
  ];
  const next = how.recreate ? [] : [typed([...command, ...servicesOf(edited)])];
  const keeps = how.recreate ? [] : ['containers that run keep the settings they were made with'];
  if (how.dryRun || !machine.writer)
    return { examination: examined, fixes: await fixes('planned', undefined, keeps), next: [] };
  if (!(await how.consent(plan))) return { examination: examined, fixes: await fixes('declined'), next: [] };
  const applied = await applyPlans(machine, [plan]);
  if (applied.status !== 'applied')
    return {
      examination: await examineCompose(machine, question),
      fixes: await fixes(applied.status, applied.receipt, [applied.reason]),
      next: [],
    };
  return {
    examination: await examineCompose(machine, question),
    fixes: await fixes('applied', applied.receipt, keeps),
    next,
  };
}
