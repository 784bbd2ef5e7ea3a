import { createTwoFilesPatch } from 'diff';
import type { Change, Plan } from '../changes/change.ts';
import type { Fix, FixStatus, ReportedChange } from './schema.ts';

/** A plan as the report shows it, with what to know before agreeing to it. `receipt` once something was changed. */
export function reportedFix(plan: Plan, status: FixStatus, receipt?: string): Fix {
  return {
    recipe: plan.recipe,
    status,
    ...(receipt === undefined ? {} : { receipt }),
    changes: plan.changes.map(reportedChange),
    notes: [...gains(plan), ...plan.notes],
  };
}

/** A change with its exact difference and its commands as a person would type them. */
export function reportedChange(change: Change): ReportedChange {
  const { kind, summary, elevated } = change;
  if (change.kind === 'command') {
    return { kind, summary, diff: change.diff, commands: [typed(change.apply)], elevated };
  }
  return { kind, summary, diff: fileDiff(change), commands: change.thenRun.map(typed), elevated };
}

function fileDiff(change: Change & { kind: 'file' }): string {
  const from = change.before === null ? '/dev/null' : change.path;
  const to = change.after === null ? '/dev/null' : change.path;
  const patch = createTwoFilesPatch(from, to, change.before ?? '', change.after ?? '', undefined, undefined, {
    context: 3,
  });
  // Without the line of equals signs that introduces each file.
  return patch.replace(/^=+\n/u, '').trimEnd();
}

function gains(plan: Plan): string[] {
  if (plan.gainsAccess.length === 0) return [];
  const names = plan.gainsAccess.map((subject) => subject.replace(/^container:/u, ''));
  return [`can reach Ollama afterwards, and could not before: ${names.join(', ')}`];
}

/** An argument list as a POSIX shell takes it; for people to read, never to be run. */
export function typed(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))
    .join(' ');
}
