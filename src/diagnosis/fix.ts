import { applyPlans, toReported, undo } from '../changes/index.ts';
import type { Plan, Refusal } from '../changes/change.ts';
import type { EngineEvent } from '../engine/engine.ts';
import type { Machine } from '../machine/machine.ts';
import { planFixes } from '../recipes/index.ts';
import { laterNotes } from '../report/later.ts';
import { counts, overallStatus } from '../report/status.ts';
import { docsFor } from '../findings/index.ts';
import type { Cause, CheckRow, Fix, FixStatus, Report } from '../report/schema.ts';
import { diagnose, type Diagnosis } from './diagnose.ts';
import type { DiagnosisOptions } from './options.ts';
import { isBetter } from './proof.ts';

export interface FixOptions {
  /** Show what would be done, and do nothing. */
  dryRun: boolean;
  /** Recipe ids given with --fix-only; empty means all. */
  onlyRecipes: string[];
  options: DiagnosisOptions;
  /** Shows the plans and asks; false means declined. */
  consent: (plans: Plan[]) => Promise<boolean>;
  observe: (event: EngineEvent) => void;
}

/**
 * Mends what the diagnosis found: plan, consent, apply with a journal, diagnose again from where it failed, and keep
 * it only when the probe is better; otherwise everything is taken back. Returns the report of the final state, with
 * what was done. Never throws for what a change does; a machine without a writer gets a dry run.
 */
export async function fix(machine: Machine, diagnosis: Diagnosis, how: FixOptions): Promise<Report> {
  const { report, situation } = diagnosis;
  const { plans, refusals } = await planFixes(
    situation,
    [...report.causes, ...offered(report, how.onlyRecipes)],
    how.onlyRecipes,
  );
  const refused = refusals.map(refusedFix);
  if (plans.length === 0) return { ...report, fixes: refused };
  const described = async (status: FixStatus, receipt?: string, notes: string[] = []): Promise<Fix[]> => [
    ...(await Promise.all(plans.map((plan) => toFix(plan, statusOf(plan, status), receipt, notes)))),
    ...refused,
  ];
  if (how.dryRun || !machine.writer) return { ...report, fixes: await described('planned') };
  if (!(await how.consent(plans))) return { ...report, fixes: await described('declined') };

  const applied = await applyPlans(machine, plans, {
    onProgress: (words) => how.observe({ type: 'progress', words }),
  });
  if (applied.status !== 'applied')
    return {
      ...(await diagnose(machine, how.options, how.observe)).report,
      fixes: await described(applied.status, applied.receipt, [applied.reason]),
    };

  // What counts only once a person did the rest proves nothing now, and is no reason to take anything back.
  const provable = plans.filter((plan) => plan.later === undefined);
  const after =
    provable.length === 0
      ? (await diagnose(machine, how.options, how.observe)).report
      : await diagnoseSettled(machine, how, report);
  const verdict = provable.length === 0 ? { better: true as const } : isBetter(report, after, provable);
  if (verdict.better) {
    const fixes = await described(
      'verified',
      applied.receipt,
      provable.length === 0 ? [] : nextSteps(report.causes),
    );
    return withPersistence({ ...after, fixes }, plans, how.options);
  }
  const taken = await undo(machine, applied.receipt);
  const status = taken.status === 'undone' ? 'rolled-back' : 'failed';
  const final = await diagnose(machine, how.options, how.observe);
  return { ...final.report, fixes: await described(status, applied.receipt, [verdict.reason]) };
}

/** What is no cause of anybody's trouble and has a recipe for who asks for it by name. */
function offered({ checks, causes }: Report, asked: readonly string[]): Cause[] {
  return checks.flatMap(({ code, status, recipe, subject, summary }): Cause[] => {
    if (code === 'model-missing' && status === 'warn' && asked.includes('pull-model'))
      return [{ code, subject, summary, affects: [], recipe: 'pull-model' }];
    if (code === 'exposed' && !causes.some((cause) => cause.code === code))
      return [{ code, subject, summary, affects: [], recipe: 'guard-port' }];
    if ((code === 'not-persistent' || code === 'stale-rule') && recipe !== null)
      return [{ code, subject, summary, affects: [], recipe }];
    return [];
  });
}

/** A restarted server needs a moment: looked at again until it is better or does not get better any more. */
async function diagnoseSettled(machine: Machine, how: FixOptions, before: Report): Promise<Report> {
  // Whether it is better is what is asked here: other ways than the clients' own say nothing of that.
  const options: DiagnosisOptions = { ...how.options, compare: 'none' };
  let latest = (await diagnose(machine, options, how.observe)).report;
  for (let attempt = 0; attempt < 5 && startingUp(latest, before); attempt += 1) {
    await machine.writer?.sleep(1000);
    latest = (await diagnose(machine, options, how.observe)).report;
  }
  return latest;
}

/** The server does not answer on its own host yet: nothing can be proved before it does. */
function startingUp(report: Report, before: Report): boolean {
  const row = (of: Report): CheckRow | undefined => of.checks.find((check) => check.id === 'ollama-api');
  const now = row(report);
  return now !== undefined && now.status !== 'pass' && before.skipped.every((id) => id !== 'ollama-api');
}

async function toFix(
  plan: Plan,
  status: FixStatus,
  receipt: string | undefined,
  notes: string[],
): Promise<Fix> {
  return {
    recipe: plan.recipe,
    status,
    ...(receipt === undefined ? {} : { receipt }),
    changes: await Promise.all(plan.changes.map((change) => toReported(change))),
    notes: [...accessNotes(plan), ...plan.notes, ...laterNotes(plan), ...notes],
  };
}

/** A verified fix is one that was proved; one that waits for a person is applied. */
function statusOf(plan: Plan, status: FixStatus): FixStatus {
  return status === 'verified' && plan.later !== undefined ? 'applied' : status;
}

function accessNotes(plan: Plan): string[] {
  if (plan.gainsAccess.length === 0) return [];
  return [
    `gains access: ${plan.gainsAccess.join(', ')}`,
    'Ollama has no authentication: whoever reaches it can run, pull and delete models',
  ];
}

function refusedFix(refusal: Refusal): Fix {
  return {
    recipe: refusal.recipe,
    status: 'declined',
    changes: [],
    notes: [refusal.reason, ...refusal.instructions],
  };
}

/** Applications keep what they learned of the server: what makes each look again is printed and never run. */
function nextSteps(causes: readonly Cause[]): string[] {
  const names = [...new Set(causes.flatMap((cause) => cause.affects))]
    .filter((subject) => subject.startsWith('container:'))
    .map((subject) => subject.slice('container:'.length));
  return names.map(
    (name) => `if ${name} still shows an old state, let it look again: docker restart ${name}`,
  );
}

/** A fix that a reboot would undo is verified, and says so. */
function withPersistence(report: Report, plans: readonly Plan[], options: DiagnosisOptions): Report {
  const told = new Set(
    report.checks.filter((row) => row.code === 'not-persistent').flatMap((row) => row.instructions),
  );
  const losses = plans
    .flatMap((plan) => (plan.notPersistent ? [plan.notPersistent] : []))
    .filter((loss) => !loss.instructions.every((line) => told.has(line)));
  const isSaid = report.checks.some((row) => row.code === 'not-persistent' && row.recipe === null);
  if (losses.length === 0 || isSaid) return report;
  const rows = losses.map(
    (loss): CheckRow => ({
      id: 'persistence',
      subject: 'host',
      status: 'warn',
      code: 'not-persistent',
      summary: loss.summary,
      evidence: [],
      recipe: null,
      instructions: loss.instructions,
      matters: false,
      durationMs: 0,
      docs: docsFor('not-persistent'),
    }),
  );
  const checks = [...report.checks.filter((row) => row.id !== 'persistence' || row.recipe !== null), ...rows];
  return { ...report, checks, counts: counts(checks), status: overallStatus(checks, options.failOn) };
}
