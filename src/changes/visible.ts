import type { Machine, RunResult } from '../machine/machine.ts';
import type { Argv, Visible } from './change.ts';

/** Reading a ruleset of a large host takes a while. */
const lookingMs = 15_000;
const lookingBytes = 32 * 1024 * 1024;

/** `unknown` where the command could not be asked; never taken for a no. */
export type Seen = 'yes' | 'no' | 'unknown';

/** Whether the change is in force, as its command shows it now. */
export async function isVisible(machine: Machine, visible: Visible): Promise<Seen> {
  const result = await machine.run({ argv: visible.argv, timeoutMs: lookingMs, maxBytes: lookingBytes });
  if (!hasAnswered(result, visible.argv)) return 'unknown';
  const isThere = asLines(result.stdout).includes(withoutCounters(visible.line));
  if (!visible.absent) return isThere ? 'yes' : 'no';
  // Of an owner that is stopped no rule is in force, and none is missing.
  return isThere || result.exitCode !== 0 ? 'no' : 'yes';
}

/**
 * Output as lines that can be compared with another time's: trimmed, without packet counters, empty lines left out.
 * Undefined where the command could not be asked to the end.
 */
export async function linesOf(machine: Machine, argv: Argv): Promise<string[] | undefined> {
  const result = await machine.run({ argv, timeoutMs: lookingMs, maxBytes: lookingBytes });
  if (!hasAnswered(result, argv)) return undefined;
  return asLines(result.stdout);
}

function asLines(output: string): string[] {
  return output.split('\n').map(withoutCounters).filter(Boolean);
}

/** `systemctl is-active` and `is-enabled` tell a no by their exit code too (systemctl(1)); others that fail have not looked. */
function hasAnswered(result: RunResult, argv: Argv): result is RunResult & { outcome: 'exited' } {
  if (result.outcome !== 'exited' || result.truncated) return false;
  if (result.exitCode === 0) return true;
  // With firewalld stopped none of its live rules is in force (252: NOT_RUNNING, firewall-cmd(1)).
  if (argv[0]?.startsWith('firewall-'))
    return result.exitCode === 252 || result.stderr.includes('INVALID_ZONE');
  // A chain or table that is gone has none of its rules.
  if (argv[0] === 'nft') return result.stderr.includes('No such file or directory');
  // The verb stands behind the words that choose a user's own manager.
  const verb = argv.slice(1).find((word) => !word.startsWith('--')) ?? '';
  return argv[0] === 'systemctl' && verb.startsWith('is-') && result.stdout.trim() !== '';
}

/** A line without the `[12:720]` that iptables-save puts before a rule and after a chain. */
export function withoutCounters(line: string): string {
  return line
    .trim()
    .replace(/^\[\d+:\d+\]\s*/u, '')
    .replace(/\s*\[\d+:\d+\]$/u, '');
}
