import type { DiagnosisOptions } from '../diagnosis/options.ts';
import type { Machine } from '../machine/machine.ts';
import { exitCode } from '../report/status.ts';
import type { Report } from '../report/schema.ts';
import { askForConsent } from './consent.ts';
import { assertWritable, deliver } from './deliver.ts';
import { usage } from './failure.ts';
import { chosenDetail, chosenFormat, diagnosisOptions, type TypedOptions } from './options/diagnosis.ts';
import { repeated } from './options/repeated.ts';
import { openRecorded } from './recorded.ts';
import { render } from './render.ts';
import { suggestion } from './closest.ts';
import { canAsk } from './terminal/ask.ts';
import { type Progress, showProgress } from './terminal/progress.ts';
import { screenOf } from './terminal/screen.ts';
import type { World } from './world.ts';

/** Diagnoses, mends when asked to, writes the report, and returns the exit code that goes with it. */
export async function runDiagnosis(typed: TypedOptions, world: World): Promise<number> {
  const options = diagnosisOptions(typed);
  const format = chosenFormat(typed);
  const detail = chosenDetail(typed);
  const fixing = wantsFix(typed, world);
  if (typed.output !== undefined) await assertWritable('--output', typed.output);

  const opened = await openRecorded(typed, world);
  const progress = showProgress(world, detail !== 'quiet');
  let report: Report;
  try {
    report = await examine(opened.machine, options, { typed, fixing, world, progress });
  } finally {
    progress.pause();
    await opened.close();
  }
  const screen = () =>
    screenOf(world, typed.output === undefined ? world.stdout : { write: () => undefined }, {
      color: typed.color,
      detail,
      again: repeated(typed),
      ...(typed.replay === undefined ? {} : { replay: typed.replay }),
      ...(fixing === 'no' ? {} : { fixing: fixing === 'yes' && !typed.yes ? 'agreed' : 'unseen' }),
    });
  await deliver(await render(report, format, screen), typed.output, world);
  return exitCode(report.status);
}

interface Examination {
  typed: TypedOptions;
  fixing: 'no' | 'dry' | 'yes';
  world: World;
  progress: Progress;
}

async function examine(machine: Machine, options: DiagnosisOptions, how: Examination): Promise<Report> {
  const { diagnose } = await import('../diagnosis/diagnose.ts');
  const { UnknownContainerError } = await import('../diagnosis/known-containers.ts');
  const { typed, fixing, world, progress } = how;
  const observe = progress.observe.bind(progress);
  try {
    const diagnosis = await diagnose(machine, options, observe);
    if (fixing === 'no') return diagnosis.report;
    const { fix } = await import('../diagnosis/fix.ts');
    return await fix(machine, diagnosis, {
      dryRun: fixing === 'dry',
      onlyRecipes: typed.fixOnly ?? [],
      options,
      observe,
      consent: async (plans) => {
        progress.pause();
        const agreed = typed.yes === true || (await askForConsent(diagnosis.report, plans, typed, world));
        world.changing.now = agreed;
        if (agreed) progress.resume('mending');
        return agreed;
      },
    });
  } catch (error) {
    if (!(error instanceof UnknownContainerError)) throw error;
    const [name = ''] = error.containers;
    throw usage(error.message, error.known.length === 0 ? '' : suggestion(name, error.known));
  } finally {
    world.changing.now = false;
  }
}

/** Whether to mend. Throws a usage failure for what cannot be done as it was asked. */
function wantsFix(typed: TypedOptions, world: World): Examination['fixing'] {
  if (typed.dryRun) return 'dry';
  if (!typed.fix) {
    const lonely = typed.yes
      ? '--yes'
      : typed.fixOnly
        ? '--fix-only'
        : typed.recreate
          ? '--recreate'
          : undefined;
    if (lonely !== undefined) throw usage(`${lonely} is for a fix`, 'add --fix or --dry-run');
    return 'no';
  }
  if (typed.replay !== undefined) {
    throw usage('a recording cannot be mended', 'add --dry-run to see what a fix would change');
  }
  if (!typed.yes && (!typed.input || !canAsk(world))) {
    throw usage(
      'nobody can be asked here before something is changed',
      'add --yes to agree, or --dry-run to look',
    );
  }
  return 'yes';
}
