import type { Command } from 'commander';
import type { Undone } from '../../changes/index.ts';
import { renderJson } from '../../report/json.ts';
import { tool } from '../../report/tool.ts';
import { suggestion } from '../closest.ts';
import { usage } from '../failure.ts';
import { severalValues } from '../options/words.ts';
import type { Outcome } from '../program.ts';
import { screenOf } from '../terminal/screen.ts';
import { type OpenMachine, print, type World } from '../world.ts';

interface Typed {
  list?: true;
  keep?: string[];
  json?: true;
  color: boolean;
}

/** `ollama-doctor undo [RECEIPT]`: takes back what a fix changed. */
export function addUndo(program: Command, world: World, outcome: Outcome): void {
  program
    .command('undo [receipt]')
    .description('take back what a fix changed: the latest, or the named one')
    .option('--list', 'what there is to take back')
    .option(
      '--keep <file>',
      'leave this file as it is, as somebody changed it since',
      severalValues('--keep'),
    )
    .option('--json', 'as JSON')
    .option('--no-color', 'without colours')
    .allowExcessArguments(false)
    .action(async (receipt: string | undefined, typed: Typed) => {
      if (typed.list && receipt !== undefined) throw usage('--list takes no receipt');
      const machine = await world.openMachine(world.signal);
      try {
        outcome.exitCode = typed.list
          ? await list(machine, typed, world)
          : await takeBack(machine, receipt, typed, world);
      } finally {
        world.changing.now = false;
        machine.dispose();
      }
    });
}

async function list(machine: OpenMachine, typed: Typed, world: World): Promise<number> {
  const { listReceipts } = await import('../../changes/index.ts');
  const all = await listReceipts(machine);
  if (typed.json) {
    const receipts = all.receipts.map(({ at, ...receipt }) => ({
      ...receipt,
      ...(at === undefined ? {} : { at: new Date(at).toISOString() }),
    }));
    await print(world.stdout, renderJson({ schemaVersion: 1, tool, ...all, receipts }));
    return 0;
  }
  const { receiptList } = await import('../../report/human/undo.ts');
  await print(world.stdout, `${receiptList(all, await screen(typed, world)).join('\n')}\n`);
  return 0;
}

async function takeBack(
  machine: OpenMachine,
  receipt: string | undefined,
  typed: Typed,
  world: World,
): Promise<number> {
  const { undo } = await import('../../changes/index.ts');
  // Half of it taken back is worse than all or nothing.
  world.changing.now = true;
  const undone = await undo(machine, receipt, { keep: typed.keep ?? [] });
  world.changing.now = false;
  if (undone.status === 'unknown-receipt') {
    const hint = undone.known.length === 0 ? 'there are none' : suggestion(undone.receipt, undone.known);
    throw usage(`there is no receipt '${undone.receipt}'`, hint);
  }
  if (typed.json) {
    await print(world.stdout, renderJson({ schemaVersion: 1, tool, ...undone }));
  } else {
    const { undoLines } = await import('../../report/human/undo.ts');
    await print(world.stdout, `${undoLines(undone, await screen(typed, world)).join('\n')}\n`);
  }
  return exitCodeOf(undone);
}

/** Nothing to take back is fine, unless there is something that this user may not see. */
function exitCodeOf(undone: Undone): number {
  if (undone.status === 'undone') return 0;
  if (undone.status === 'nothing') return 'unavailable' in undone && undone.unavailable !== undefined ? 1 : 0;
  return 1;
}

function screen(typed: Typed, world: World) {
  return screenOf(world, world.stdout, { color: typed.color });
}
