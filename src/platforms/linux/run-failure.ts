import type { RunResult } from '../../machine/machine.ts';

/** Why a command gave nothing to read, as a clause: `nft is not installed`, `nft was not allowed: …`. */
export function runFailure(program: string, result: RunResult): string {
  switch (result.outcome) {
    case 'exited': {
      const words = result.stderr.trim().split('\n')[0] ?? '';
      if (result.exitCode === 0) return `${program} printed something that cannot be read`;
      return `${program} ended with ${result.exitCode}${words === '' ? '' : `: ${words.slice(0, 200)}`}`;
    }
    case 'not-found':
      return `${program} is not installed`;
    case 'denied':
      return `${program} may not be run by this user`;
    case 'timed-out':
      return `${program} did not end in time`;
    case 'failed':
      return `${program} could not be run: ${result.message}`;
    case 'not-recorded':
    default:
      return `${program} is not in the recording`;
  }
}
