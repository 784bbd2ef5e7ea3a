import { parse, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import type { Argv, Plan } from '../../changes/change.ts';
import { typed as asTyped } from '../../changes/typed.ts';
import type { ComposeQuestion } from '../../diagnosis/examine-compose.ts';
import type { Machine } from '../../machine/machine.ts';
import { renderJson } from '../../report/json.ts';
import type { ComposeReport } from '../../report/compose.ts';
import { usage } from '../failure.ts';
import { oneValue } from '../options/words.ts';
import type { Outcome } from '../program.ts';
import { ask as askPerson, canAsk } from '../terminal/ask.ts';
import { screenOf } from '../terminal/screen.ts';
import { print, type World } from '../world.ts';

interface Typed {
  file?: string[];
  envFile?: string[];
  profile?: string[];
  json?: true;
  color: boolean;
  verbose?: true;
  fix?: true;
  dryRun?: true;
  yes?: true;
  input: boolean;
  recreate?: true;
}

/** `ollama-doctor compose [FILE]`: Ollama URLs, names of the host and ports in a compose project, before it is started. */
export function addCompose(program: Command, world: World, outcome: Outcome): void {
  program
    .command('compose [file]')
    .description('check a compose file and its .env for Ollama URLs, extra_hosts, port clashes')
    .option('-f, --file <file>', 'a compose file; several are laid over one another', several('--file'))
    .option('--env-file <file>', 'variables from this file in place of .env', several('--env-file'))
    .option(
      '--profile <name>',
      'judge the services of this profile alone, and those of none',
      several('--profile'),
    )
    .option('--fix', 'edit the lines concerned, after asking; undo takes it back')
    .option('--dry-run', 'show what a fix would change, and change nothing')
    .option('--yes', 'edit without asking')
    .option('--no-input', 'never ask anything')
    .option('--recreate', 'with --fix: also make the containers concerned again (docker compose up -d)')
    .option('--json', 'as JSON')
    .option('--verbose', 'every warning of compose itself')
    .option('--no-color', 'without colours')
    .allowExcessArguments(false)
    .action(async (file: string | undefined, typed: Typed) => {
      if (file !== undefined && typed.file) throw usage('give the files by -f alone, or one file without it');
      const machine = await world.openMachine(world.signal);
      try {
        outcome.exitCode = await examine(machine, file, typed, world);
      } finally {
        machine.dispose();
      }
    });
}

/** Takes an option's value each time it is given; a name of a file may hold a comma. */
function several(option: string): (value: string, before: string[] | undefined) => string[] {
  const one = oneValue(option);
  return (value, before = []) => [...before, one(value)];
}

async function examine(
  machine: Machine,
  file: string | undefined,
  typed: Typed,
  world: World,
): Promise<number> {
  const fixing = wantsFix(typed, world);
  const folder = process.cwd();
  const question: ComposeQuestion = {
    folder,
    files: typed.file ?? [],
    envFiles: (typed.envFile ?? []).map((path) => resolve(folder, path)),
    profiles: typed.profile ?? [],
    shell: world.env,
    ...(file === undefined ? {} : { file }),
  };
  const path = (whole: string): string => shown(folder, whole);
  const { examineCompose } = await import('../../diagnosis/examine-compose.ts');
  const { composeReport } = await import('../../report/compose.ts');
  const report = await understood(folder, async () => {
    const examined = await examineCompose(machine, question);
    if (fixing === 'no') return composeReport(examined, nothing, path);
    const { fixCompose } = await import('../../diagnosis/fix-compose.ts');
    try {
      const fixed = await fixCompose(machine, question, examined, {
        dryRun: fixing === 'dry',
        recreate: typed.recreate === true,
        compose: composeWords(examined.request.files.map(path), typed, file),
        consent: async (plan) => {
          const agreed =
            typed.yes === true || (await ask(composeReport(examined, nothing, path), plan, typed, world));
          world.changing.now = agreed;
          return agreed;
        },
      });
      return composeReport(fixed.examination, fixed, path);
    } finally {
      world.changing.now = false;
    }
  });
  await show(report, again(file, typed), { ...typed, fixing }, world);
  return report.status === 'healthy' ? 0 : 1;
}

const nothing = { fixes: [], next: [] };

/** Whether to mend. Throws a usage failure for what cannot be done as it was asked. */
function wantsFix(typed: Typed, world: World): 'no' | 'dry' | 'yes' {
  if (typed.dryRun) return 'dry';
  if (!typed.fix) {
    const lonely = typed.yes ? '--yes' : typed.recreate ? '--recreate' : undefined;
    if (lonely !== undefined) throw usage(`${lonely} is for a fix`, 'add --fix or --dry-run');
    return 'no';
  }
  if (!typed.yes && (!typed.input || !canAsk(world)))
    throw usage(
      'nobody can be asked here before something is changed',
      'add --yes to agree, or --dry-run to look',
    );
  return 'yes';
}

/** The words of `docker compose` for the same project. */
function composeWords(files: readonly string[], typed: Typed, file: string | undefined): Argv {
  const named = typed.file !== undefined || file !== undefined ? files.flatMap((path) => ['-f', path]) : [];
  const more = [
    ...(typed.envFile ?? []).flatMap((path) => ['--env-file', path]),
    ...(typed.profile ?? []).flatMap((name) => ['--profile', name]),
  ];
  return ['docker', 'compose', ...named, ...more];
}

/** Shows what was found and what would be changed on standard error, and asks. */
async function ask(report: ComposeReport, plan: Plan, typed: Typed, world: World): Promise<boolean> {
  const { composeLines } = await import('../../report/human/compose.ts');
  const { consentText } = await import('../../report/human/consent.ts');
  const screen = await screenOf(world, world.stderr, { color: typed.color, fixing: 'unseen' });
  const lines = [...composeLines(report, undefined, screen), ...consentText([plan], screen)];
  await print(world.stderr, `${lines.join('\n')}\n`);
  return askPerson(world, '    Change this?');
}

/** What cannot be understood is a failure of what was typed: the file, or its name. */
async function understood<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const { ComposeProblem } = await import('../../compose/problem.ts');
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ComposeProblem)) throw error;
    throw usage(
      folder === parse(folder).root ? error.message : error.message.replaceAll(`${folder}${sep}`, ''),
      error.hint,
    );
  }
}

/** A path as one would write it here. */
function shown(folder: string, path: string): string {
  const short = relative(folder, path);
  // From the root folder a short path would look like one of somewhere else.
  return short === '' || short.startsWith('..') || folder === parse(folder).root ? path : short;
}

/** The words by which the same project is asked for again. */
function again(file: string | undefined, typed: Typed): string {
  const words = [
    ...(file === undefined ? [] : [file]),
    ...(typed.file ?? []).flatMap((path) => ['-f', path]),
    ...(typed.envFile ?? []).flatMap((path) => ['--env-file', path]),
    ...(typed.profile ?? []).flatMap((name) => ['--profile', name]),
  ];
  return words.length === 0 ? '' : ` ${asTyped(words)}`;
}

async function show(
  report: ComposeReport,
  words: string,
  typed: Typed & { fixing: 'no' | 'dry' | 'yes' },
  world: World,
): Promise<void> {
  if (typed.json) return print(world.stdout, renderJson(report));
  const { composeLines } = await import('../../report/human/compose.ts');
  const screen = await screenOf(world, world.stdout, {
    color: typed.color,
    detail: typed.verbose ? 'verbose' : 'normal',
    ...(typed.fixing === 'no' ? {} : { fixing: typed.fixing === 'yes' && !typed.yes ? 'agreed' : 'unseen' }),
  });
  return print(world.stdout, `${composeLines(report, words, screen).join('\n')}\n`);
}
