import type { Machine, RunResult, Writer } from '../machine/machine.ts';
import { type Argv, type Change, type CommandChange, handleWord } from './change.ts';
import { StepError } from './file-step.ts';
import { typed } from './typed.ts';
import { isVisible, linesOf } from './visible.ts';

/** Stopping a service may take systemd's whole TimeoutStopSec, 90 seconds unless set otherwise (systemd.service(5)). */
const changingMs = 150_000;

/** Runs commands in order, each of which must succeed. Throws a StepError with what the tool said. */
export async function runAll(writer: Writer, commands: readonly Argv[]): Promise<void> {
  for (const argv of commands) {
    const trouble = troubleOf(await runOne(writer, argv));
    if (trouble !== undefined) throw new StepError(`${typed(argv)}: ${trouble}`);
  }
}

/**
 * The same when taking back: a service that was removed since needs no restart (systemctl's exit status 5, LSB's
 * "program is not installed", is what it gives for a unit that is not there).
 */
export async function runAllOnUndo(writer: Writer, commands: readonly Argv[]): Promise<void> {
  for (const argv of commands) {
    const result = await runOne(writer, argv);
    if (argv[0] === 'systemctl' && result.outcome === 'exited' && result.exitCode === 5) continue;
    const trouble = troubleOf(result);
    if (trouble !== undefined) throw new StepError(`${typed(argv)}: ${trouble}`);
  }
}

/**
 * Runs one command. systemd refuses the sixth start within ten seconds and leaves the service down (StartLimitBurst in
 * systemd.unit(5)); a fix and its undo soon after one another get there, so its count is begun anew then.
 */
async function runOne(writer: Writer, argv: Argv): Promise<RunResult> {
  const result = await writer.run({ argv, timeoutMs: changingMs });
  const [tool, ...words] = argv;
  const whose = words.filter((word) => word.startsWith('--'));
  const [verb = '', unit] = words.filter((word) => !word.startsWith('--'));
  if (tool !== 'systemctl' || !['start', 'restart', 'try-restart'].includes(verb) || unit === undefined)
    return result;
  if (result.outcome !== 'exited' || result.exitCode === 0 || !result.stderr.includes('reset-failed'))
    return result;
  await writer.run({ argv: ['systemctl', ...whose, 'reset-failed', unit], timeoutMs: changingMs });
  return writer.run({ argv: ['systemctl', ...whose, 'start', unit], timeoutMs: changingMs });
}

/** What went wrong, or undefined when the tool says that all went well. */
function troubleOf(result: RunResult): string | undefined {
  switch (result.outcome) {
    case 'exited': {
      if (result.exitCode === 0) return undefined;
      const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-3).join('; ');
      return said === '' ? `exit status ${result.exitCode}` : `exit status ${result.exitCode}: ${said}`;
    }
    case 'not-found':
      return 'the program is not here';
    case 'denied':
      return 'permission denied';
    case 'timed-out':
      return 'it did not end in time';
    case 'failed':
      return result.message;
    case 'not-recorded':
      return 'not recorded';
  }
}

/** Makes a command's change and looks whether it is in force, whatever its exit status. Throws a StepError. */
export async function makeCommand(machine: Machine, writer: Writer, change: CommandChange): Promise<void> {
  const trouble = troubleOf(await runOne(writer, change.apply));
  const command = typed(change.apply);
  if (!change.inForce) {
    if (trouble !== undefined) throw new StepError(`${command}: ${trouble}`);
    return;
  }
  const seen = await isVisible(machine, change.inForce);
  if (seen === 'yes') return;
  const outcome = seen === 'no' ? 'it is not in force' : 'whether it is in force could not be read';
  throw new StepError(`${command}: ${trouble ?? outcome}`);
}

/** Takes a command's change back for as long as it is in force, and what it left. Throws a StepError when it stays. */
export async function takeBackCommand(
  machine: Machine,
  writer: Writer,
  change: CommandChange,
): Promise<void> {
  await takeBackForce(machine, writer, change);
  const { leftover } = change;
  if (!leftover) return;
  const lines = await linesOf(machine, leftover.argv);
  if (lines?.every((line) => line.startsWith('#') || leftover.lines.includes(line)))
    await writer.run({ argv: leftover.remove, timeoutMs: changingMs });
}

async function takeBackForce(machine: Machine, writer: Writer, change: CommandChange): Promise<void> {
  if (change.undo.length === 0) return;
  if (!change.inForce) return runAll(writer, change.undo);
  for (let times = 0; times < 8; times += 1) {
    const seen = await isVisible(machine, change.inForce);
    if (seen === 'no') return;
    if (seen === 'unknown')
      throw new StepError(`${typed(change.inForce.argv)} could not be asked whether it is still in force`);
    for (const words of change.undo) {
      const argv = await withHandle(machine, words, change);
      if (!argv) continue;
      const result = await writer.run({ argv, timeoutMs: changingMs });
      const trouble = troubleOf(result);
      // Decided by what is seen next; only a tool that could not be started at all ends it here.
      if (trouble !== undefined && result.outcome !== 'exited')
        throw new StepError(`${typed(argv)}: ${trouble}`);
    }
  }
  if ((await isVisible(machine, change.inForce)) !== 'no')
    throw new StepError(`${change.undo.map(typed).join('; ')}: it is still in force`);
}

/** The words of an undo with the rule's handle as it is now; undefined where the rule is not there. */
async function withHandle(machine: Machine, argv: Argv, change: CommandChange): Promise<Argv | undefined> {
  if (!argv.includes(handleWord) || !change.handleFrom || !change.inForce) return argv;
  const wanted = `${change.inForce.line} # handle `;
  const line = (await linesOf(machine, change.handleFrom))?.find((one) => one.startsWith(wanted));
  if (line === undefined) return undefined;
  const [program, ...rest] = argv;
  return [program, ...rest.map((word) => (word === handleWord ? line.slice(wanted.length) : word))];
}

/** One line for people about what a step changes. */
export function named(change: Change): string {
  if (change.kind === 'pull') return `${change.summary} on ${change.url}`;
  return change.kind === 'file' ? `${change.path} (${change.summary})` : typed(change.apply);
}
