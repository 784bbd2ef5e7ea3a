import type { Argv, Change, Plan } from '../../changes/change.ts';
import { typed } from '../../changes/typed.ts';
import type { Cure } from '../judge/finding.ts';
import type { EditedProject } from './edit-project.ts';

/**
 * The edits of a project as a plan: one change a file. A container keeps the environment it was made with, so the plan
 * says what makes it again; it is run only when that was asked for in so many words.
 *
 * @param cures the causes it mends: `url-localhost@container:web`
 * @param command `docker compose -f FILE … up -d`, to which the names of services are added
 */
export function editPlan(
  edited: EditedProject,
  cures: string[],
  command: Argv,
  recreate: boolean,
): Plan | undefined {
  if (edited.files.length === 0) return undefined;
  const services = servicesOf(edited);
  const again: Argv = [...command, ...services];
  const files = edited.files.map(
    ({ path, before, after }): Change => ({
      kind: 'file',
      summary: summaryOf(edited.done),
      path,
      before,
      after,
      attributes: { mode: 0o644 },
      thenRun: [],
      thenRunOnUndo: [],
      elevated: false,
    }),
  );
  const recreation: Change = {
    kind: 'command',
    summary: `stop, remove and make again: ${services.join(', ')}`,
    apply: again,
    // Undo makes no container again: that is asked for in so many words, or not done.
    undo: [],
    diff: '',
    elevated: false,
  };
  return {
    recipe: edited.done.some((cure) => cure.kind === 'set-url') ? 'set-client-url' : 'add-host-gateway',
    cures,
    changes: [...files, ...(recreate ? [recreation] : [])],
    gainsAccess: [],
    notes: [
      ...(edited.alsoChanged.length === 0
        ? []
        : [`the same lines count for ${edited.alsoChanged.join(', ')} too`]),
      ...(recreate
        ? [`undo puts the file back, and leaves the container as it is: then type ${typed(again)} once more`]
        : []),
    ],
  };
}

/** Services that must be made again for it to count. */
export function servicesOf(edited: EditedProject): string[] {
  return [...new Set([...edited.done.map((cure) => cure.service), ...edited.alsoChanged])];
}

function summaryOf(done: readonly Cure[]): string {
  const parts = done.map((cure) =>
    cure.kind === 'set-url'
      ? `${cure.setting} of ${cure.service} is ${cure.to}`
      : `${cure.service} knows ${cure.host}`,
  );
  const unique = [...new Set(parts)];
  return unique.length > 3
    ? `${unique.slice(0, 3).join('; ')}; and ${unique.length - 3} more`
    : unique.join('; ');
}
