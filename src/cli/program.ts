import { Command, CommanderError } from 'commander';
import { toolVersion } from '../report/tool.ts';
import { addCheck } from './commands/check.ts';
import { addCompose } from './commands/compose.ts';
import { addExplain } from './commands/explain.ts';
import { addFirewall } from './commands/firewall.ts';
import { addFix } from './commands/fix.ts';
import { addUndo } from './commands/undo.ts';
import { addUrl } from './commands/url.ts';
import { reportFailure, usage } from './failure.ts';
import { print, type World } from './world.ts';

/**
 * Runs what was typed (without `node` and the script) and returns the exit code. Everything that goes wrong has been
 * said on standard error by then, and with --json on standard output too. Never throws.
 */
export async function run(words: readonly string[], world: World): Promise<number> {
  const written: Promise<void>[] = [];
  const state = { exitCode: 0 };
  const program = describe(world, state, (text) => void written.push(print(world.stdout, text)));
  try {
    await program.parseAsync(words, { from: 'user' });
    return state.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    await reportFailure(asUsage(error), wantsJson(words), world);
    return 2;
  } finally {
    await Promise.all(written);
  }
}

/** What a command sets once it is done. */
export interface Outcome {
  exitCode: number;
}

function describe(world: World, outcome: Outcome, writeOut: (text: string) => void): Command {
  const program = new Command('ollama-doctor')
    .description(
      'Finds out why a container cannot reach Ollama, says why with evidence, and mends it when asked.',
    )
    .version(toolVersion, '-V, --version', 'the version of this program')
    .helpOption('-h, --help', 'this text')
    .helpCommand('help [command]', 'the options of a command')
    .enablePositionalOptions();
  addCheck(program, world, outcome);
  addFix(program, world, outcome);
  addUndo(program, world, outcome);
  addUrl(program, world, outcome);
  addExplain(program, world, outcome);
  addCompose(program, world, outcome);
  addFirewall(program, world, outcome);
  program.addHelpText('after', () => `\n${defaultOptionsHelp(program)}\n${moreHelp}`);
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showSuggestionAfterError(true)
      // Commander wraps no column under 40 on its own, which is what a terminal of 60 leaves.
      .configureHelp({ minWidthToWrap: 20 })
      // Told once, by reportFailure.
      .configureOutput({ writeOut, writeErr: () => undefined, outputError: () => undefined });
  }
  return program;
}

const moreHelp = `Options that may be given several times take one value each,
or several with commas.
Exit codes: 0 healthy, 1 problems, 3 could not tell,
2 usage or no report, 130 interrupted.`;

/** The options of the command that runs when none is named. */
function defaultOptionsHelp(program: Command): string {
  const check = program.commands.find((command) => command.name() === 'check');
  const options = check?.helpInformation().split(/^Options:\n/mu)[1] ?? '';
  return `Options of check and fix:\n${options}`;
}

/** Commander's complaint as a usage failure of one line; anything else as it is. */
function asUsage(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.code === 'commander.help') return usage('there is no such command', 'see ollama-doctor --help');
  const [message = '', hint = ''] = error.message.replace(/^error: /u, '').split('\n');
  return usage(message, hint.replace(/^\((.*)\)$/u, '$1').replace(/^Did/u, 'did'));
}

/** Whether JSON was asked for, seen without understanding the rest. */
export function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  const options = end === -1 ? words : words.slice(0, end);
  return options.some(
    (word, index) =>
      word === '--json' || word === '--format=json' || (word === '--format' && options[index + 1] === 'json'),
  );
}
