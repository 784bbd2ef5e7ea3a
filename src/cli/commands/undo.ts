import type { Command } from 'commander';
import type { Outcome } from '../program.ts';
import { usage } from '../failure.ts';
import type { World } from '../world.ts';

/** `ollama-doctor undo [RECEIPT]`: takes back what a fix changed. */
export function addUndo(program: Command, _world: World, _outcome: Outcome): void {
  program
    .command('undo [receipt]')
    .description('take back what a fix changed: the latest, or the named one')
    .option('--list', 'what can be taken back')
    .option('--json', 'as JSON')
    .option('--no-color', 'without colours')
    .allowExcessArguments(false)
    .action(async () => {
      throw usage('undo is not wired yet');
    });
}
