import type { Command } from 'commander';
import { checkIds } from '../../findings/checks.ts';
import { defaultOptions, type DiagnosisOptions } from '../../diagnosis/options.ts';
import { suggestion } from '../closest.ts';
import { usage } from '../failure.ts';
import { httpUrl, milliseconds, pageOrigin, versionRange } from './values.ts';
import { checks, choice, modelName, modelNames, oneValue, recipeIds, severalValues } from './words.ts';

const formats = ['human', 'json', 'junit', 'sarif', 'github', 'markdown'] as const;
export type Format = (typeof formats)[number];

/** What was typed for a diagnosis or a fix, as commander names it. */
export interface TypedOptions {
  json?: true;
  format?: Format;
  output?: string;
  fix?: true;
  yes?: true;
  dryRun?: true;
  fixOnly?: string[];
  recreate?: true;
  input: boolean;
  only?: string[];
  skip?: string[];
  container?: string[];
  runtime?: 'docker' | 'podman';
  url?: string;
  origin?: string;
  requireModel?: string[];
  requireVersion?: string;
  generate?: string;
  timeout?: number;
  failOn?: 'warn' | 'fail';
  record?: string;
  replay?: string;
  pull?: true;
  verbose?: true;
  quiet?: true;
  color: boolean;
}

/** Gives a command the options of a diagnosis; `fixing` leaves out --fix, which the command is by itself. */
export function addDiagnosisOptions(command: Command, fixing: boolean): Command {
  command
    .option('--json', 'the same as --format json')
    .option('--format <format>', formats.join(', '), choice('--format', formats))
    .option('--output <file>', 'write the report to a file', oneValue('--output'));
  if (!fixing) command.option('--fix', 'mend what was found, after asking');
  return command
    .option('--yes', 'mend without asking')
    .option('--dry-run', 'show what a fix would change, and change nothing')
    .option('--fix-only <recipe>', 'carry out these recipes alone', recipeIds('--fix-only'))
    .option('--recreate', 'let a fix make compose services again (docker compose up -d)')
    .option('--no-input', 'never ask anything')
    .option('--only <check>', 'run these checks alone', checks('--only'))
    .option('--skip <check>', 'leave these checks out', checks('--skip'))
    .option('--container <name>', 'look from these containers', severalValues('--container'))
    .option('--runtime <name>', 'docker or podman', choice('--runtime', ['docker', 'podman']))
    .option('--url <url>', 'where to try Ollama from this host', httpUrl('--url'))
    .option('--origin <url>', 'ask as a page of it would (OLLAMA_ORIGINS)', pageOrigin('--origin'))
    .option('--require-model <name>', 'fail unless Ollama has it', modelNames('--require-model'))
    .option('--require-version <range>', 'fail unless Ollama is of it', versionRange('--require-version'))
    .option('--generate <model>', 'have this model answer once (2 minutes)', modelName('--generate'))
    .option(
      '--timeout <ms>',
      `milliseconds for the whole (${defaultOptions.timeoutMs})`,
      milliseconds('--timeout'),
    )
    .option('--fail-on <status>', 'warn or fail (fail)', choice('--fail-on', ['warn', 'fail']))
    .option('--record <file>', 'save what was seen, to be replayed elsewhere', oneValue('--record'))
    .option('--replay <file>', 'diagnose a recording in place of this host', oneValue('--replay'))
    .option('--pull', 'a helper image may be pulled to look from a container')
    .option('--verbose', 'every check with all of its evidence, and every way compared')
    .option('--quiet', 'the verdict alone')
    .option('--no-color', 'without colours');
}

/** What a diagnosis is to do. Throws a usage failure where the words contradict each other. */
export function diagnosisOptions(typed: TypedOptions): DiagnosisOptions {
  const only = typed.only ?? [];
  const skip = typed.skip ?? [];
  const left = (only.length === 0 ? checkIds : only).filter((id) => !skip.includes(id));
  if (left.length === 0) throw usage('--only and --skip leave no check');
  return {
    ...defaultOptions,
    only,
    skip,
    containers: typed.container ?? [],
    requireModels: typed.requireModel ?? [],
    ...timeLimits(typed),
    failOn: typed.failOn ?? defaultOptions.failOn,
    pull: typed.pull === true,
    ...(typed.recreate ? { recreate: true } : {}),
    ...(typed.verbose === true ? { compare: 'all' as const } : {}),
    ...(typed.runtime === undefined ? {} : { runtime: typed.runtime }),
    ...(typed.url === undefined ? {} : { url: typed.url }),
    ...(typed.generate === undefined ? {} : { generate: typed.generate }),
    ...(typed.origin === undefined ? {} : { origin: typed.origin }),
    ...(typed.requireVersion === undefined ? {} : { requireVersion: typed.requireVersion }),
  };
}

/** A model's answer has a time of its own, on top of what looking takes; within what --timeout says where it was given. */
function timeLimits({ timeout, generate }: TypedOptions): Pick<DiagnosisOptions, 'timeoutMs' | 'generateMs'> {
  const { timeoutMs, generateMs } = defaultOptions;
  if (generate === undefined) return { timeoutMs: timeout ?? timeoutMs, generateMs };
  if (timeout === undefined) return { timeoutMs: timeoutMs + generateMs, generateMs };
  return {
    timeoutMs: timeout,
    generateMs: Math.max(1, Math.max(timeout - timeoutMs, Math.round(timeout / 2))),
  };
}

/** The format asked for. Throws a usage failure when --json and --format differ. */
export function chosenFormat(typed: Pick<TypedOptions, 'json' | 'format'>): Format {
  if (typed.json && typed.format !== undefined && typed.format !== 'json') {
    throw usage(`--json and --format ${typed.format} contradict each other`, 'give one of them');
  }
  return typed.json ? 'json' : (typed.format ?? 'human');
}

/** How much of it. Throws a usage failure when both are asked for. */
export function chosenDetail(typed: Pick<TypedOptions, 'quiet' | 'verbose'>): 'quiet' | 'normal' | 'verbose' {
  if (typed.quiet && typed.verbose)
    throw usage('--quiet and --verbose contradict each other', 'give one of them');
  return typed.quiet ? 'quiet' : typed.verbose ? 'verbose' : 'normal';
}

/** The failure for words after a command that takes none. */
export function noSuchCommand(word: string, commands: readonly string[]): Error {
  return usage(`there is no command '${word}'`, suggestion(word, commands));
}
