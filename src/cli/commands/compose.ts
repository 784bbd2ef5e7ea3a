import { relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { typed as asTyped } from '../../changes/typed.ts';
import type { Machine } from '../../machine/machine.ts';
import { renderJson } from '../../report/json.ts';
import type { ComposeReport } from '../../report/compose.ts';
import { usage } from '../failure.ts';
import { oneValue } from '../options/words.ts';
import type { Outcome } from '../program.ts';
import { screenOf } from '../terminal/screen.ts';
import { print, type World } from '../world.ts';

interface Typed {
  file?: string[];
  envFile?: string[];
  profile?: string[];
  json?: true;
  color: boolean;
  verbose?: true;
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
  const folder = process.cwd();
  const examined = await understood(folder, async () => {
    const { examineCompose } = await import('../../diagnosis/examine-compose.ts');
    return examineCompose(machine, {
      folder,
      files: typed.file ?? [],
      envFiles: (typed.envFile ?? []).map((path) => resolve(folder, path)),
      profiles: typed.profile ?? [],
      shell: world.env,
      ...(file === undefined ? {} : { file }),
    });
  });
  const { composeReport } = await import('../../report/compose.ts');
  const { project, findings, clients, servers, notes } = examined;
  const report = {
    ...composeReport(project, findings, { clients, servers }, (path) => shown(folder, path)),
    notes,
  };
  await show(report, again(file, typed), typed, world);
  return report.status === 'healthy' ? 0 : 1;
}

/** What cannot be understood is a failure of what was typed: the file, or its name. */
async function understood<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const { ComposeProblem } = await import('../../compose/problem.ts');
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ComposeProblem)) throw error;
    throw usage(error.message.replaceAll(`${folder}${sep}`, ''), error.hint);
  }
}

/** A path as one would write it here. */
function shown(folder: string, path: string): string {
  const short = relative(folder, path);
  return short === '' || short.startsWith('..') ? path : short;
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

async function show(report: ComposeReport, words: string, typed: Typed, world: World): Promise<void> {
  if (typed.json) return print(world.stdout, renderJson(report));
  const { composeLines } = await import('../../report/human/compose.ts');
  const screen = await screenOf(world, world.stdout, {
    color: typed.color,
    detail: typed.verbose ? 'verbose' : 'normal',
  });
  return print(world.stdout, `${composeLines(report, words, screen).join('\n')}\n`);
}
