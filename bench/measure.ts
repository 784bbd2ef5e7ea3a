import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

/** A program to time as a whole process. */
export interface Timed {
  name: string;
  argv: readonly [string, ...string[]];
}

/** Whole-process times in milliseconds, in the order they were taken. */
export interface Timings {
  name: string;
  milliseconds: number[];
  median: number;
}

/**
 * Runs the programs in turn (A B A B …), so that a machine whose speed drifts slows them all alike, after one run
 * each that is not counted. Exit codes are not judged. Throws when a program cannot be started.
 */
export function timeInTurn(programs: readonly Timed[], runs: number): Timings[] {
  const taken = programs.map((): number[] => []);
  for (let run = -1; run < runs; run += 1) {
    for (const [index, program] of programs.entries()) {
      const [command, ...args] = program.argv;
      const started = performance.now();
      const result = spawnSync(command, args, { stdio: 'ignore' });
      if (result.error) throw result.error;
      if (run >= 0) taken[index]?.push(performance.now() - started);
    }
  }
  return programs.map(({ name }, index) => {
    const milliseconds = taken[index] ?? [];
    return { name, milliseconds, median: median(milliseconds) };
  });
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Prints each with its median, and the ratio of the first to every other. */
export function printRatios(title: string, timings: readonly Timings[]): void {
  console.log(`\n${title}`);
  const first = timings[0];
  for (const one of timings) {
    const spread = `${Math.min(...one.milliseconds).toFixed(0)}–${Math.max(...one.milliseconds).toFixed(0)}`;
    const ratio = one === first || !first ? '' : `  ratio ${(first.median / one.median).toFixed(2)}`;
    console.log(`  ${one.name.padEnd(46)} median ${one.median.toFixed(0)} ms (${spread})${ratio}`);
  }
}
