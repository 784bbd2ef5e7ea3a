import { createTwoFilesPatch } from 'diff';
import type { Change } from '../changes/change.ts';
import { typed } from '../changes/typed.ts';
import type { ReportedChange } from './schema.ts';

/** A change with its exact difference and its commands as a person would type them. */
export function reportedChange(change: Change): ReportedChange {
  if (change.kind === 'pull') {
    const command = `OLLAMA_HOST=${change.url} ollama pull ${change.model}`;
    return { kind: 'command', summary: change.summary, diff: '', commands: [command], elevated: false };
  }
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
  // Without the lines that introduce a file among many.
  return patch.slice(patch.indexOf('--- ')).trimEnd();
}
