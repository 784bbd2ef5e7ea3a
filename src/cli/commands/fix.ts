import type { Command } from 'commander';
import { addDiagnosisOptions, type TypedOptions } from '../options/diagnosis.ts';
import type { Outcome } from '../program.ts';
import { runDiagnosis } from '../run-diagnosis.ts';
import type { World } from '../world.ts';

/** `ollama-doctor fix`: the same as `check --fix`. */
export function addFix(program: Command, world: World, outcome: Outcome): void {
  const fix = program
    .command('fix')
    .description('mend what is found, after asking')
    .allowExcessArguments(false);
  addDiagnosisOptions(fix, true).action(async (typed: TypedOptions) => {
    outcome.exitCode = await runDiagnosis({ ...typed, fix: true }, world);
  });
}
