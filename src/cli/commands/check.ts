import type { Command } from 'commander';
import { addDiagnosisOptions, noSuchCommand, type TypedOptions } from '../options/diagnosis.ts';
import type { Outcome } from '../program.ts';
import { runDiagnosis } from '../run-diagnosis.ts';
import type { World } from '../world.ts';

/** `ollama-doctor [check]`: diagnoses; the command where none is named. */
export function addCheck(program: Command, world: World, outcome: Outcome): void {
  const check = program
    .command('check', { isDefault: true })
    .description('look, and say what is wrong (the default)')
    .allowExcessArguments(true);
  addDiagnosisOptions(check, false).action(async (typed: TypedOptions, command: Command) => {
    const [word] = command.args;
    if (word !== undefined) {
      throw noSuchCommand(
        word,
        program.commands.map((each) => each.name()),
      );
    }
    outcome.exitCode = await runDiagnosis(typed, world);
  });
}
