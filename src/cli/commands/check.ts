import type { Command } from 'commander';
import { usage } from '../failure.ts';
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
    const commands = program.commands.map((each) => each.name());
    if (word !== undefined && commands.includes(word)) {
      throw usage(`the command goes before its options: ollama-doctor ${word} …`);
    }
    if (word !== undefined) throw noSuchCommand(word, commands);
    outcome.exitCode = await runDiagnosis(typed, world);
  });
}
