// Decides about one packet by rulesets of growing size, each time in a process of its own, so that times are those of a
// first and only run and memory is what one run needs. The engine is bundled as in the built program. Prints; judges
// nothing.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { median, timeInTurn } from '../measure.ts';
import { ruleset, type Shape, SHAPES } from './rulesets.ts';

const SIZES = [100, 1_000, 10_000, 100_000];
const RUNS = 5;

const child = fileURLToPath(new URL('child.js', import.meta.url));
const source = fileURLToPath(new URL('../../src/firewall/index.ts', import.meta.url));
const program = fileURLToPath(new URL('../../bin/ollama-doctor.js', import.meta.url));

interface Run {
  ms: number;
  own: number | null;
  peakMb: number;
}

/** The runs' least and middle values: the least is what the work takes where nothing else runs beside it. */
interface Summary {
  least: number;
  middle: number;
  own: number;
  peakMb: number;
}

function runs(what: 'decide' | 'json' | 'nothing', engine: string, file: string, format: string): Summary {
  const taken = Array.from({ length: RUNS }, (): Run => {
    const args = [child, what, engine, file, format];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Run;
  });
  const least = (of: (run: Run) => number) => Math.min(...taken.map(of));
  return {
    least: least(({ ms }) => ms),
    middle: median(taken.map(({ ms }) => ms)),
    own: least(({ own }) => own ?? Number.NaN),
    peakMb: least(({ peakMb }) => peakMb),
  };
}

async function bundleEngine(folder: string): Promise<string> {
  const engine = join(folder, 'engine.mjs');
  const bundle = await rolldown({ input: source, platform: 'node' });
  await bundle.write({ file: engine, format: 'esm' });
  await bundle.close();
  return engine;
}

const column = (value: number, width: number, digits = 1): string => value.toFixed(digits).padStart(width);

function printShapes(folder: string, engine: string): void {
  console.log(`
firewall: one verdict, the first of a process (${RUNS} processes; budget: under 100 ms for 10,000 rules)
  least, median: by the clock; cpu: the least time its thread was on a processor, whatever else the machine does
  growth: against a tenth of the rules (10 is linear); JSON.parse: cpu against that of parsing the same text alone
  MB: over a process that reads nothing (budget: under 300 for 100,000 rules)`);
  console.log('shape       rules   least  median     cpu  growth  JSON.parse    MB');
  const empty = join(folder, 'empty');
  writeFileSync(empty, '');
  const bare = runs('nothing', engine, empty, 'nft-json');
  for (const shape of SHAPES) {
    let previous = Number.NaN;
    for (const n of SIZES) {
      const { format, text } = ruleset(shape, n);
      const file = join(folder, `${shape}-${n}`);
      writeFileSync(file, text);
      const run = runs('decide', engine, file, format);
      const json = format === 'nft-json' ? runs('json', engine, file, format).own : Number.NaN;
      const growth = Number.isNaN(previous) ? '-' : (run.least / previous).toFixed(1);
      const ratio = Number.isNaN(json) ? '-' : `x ${(run.own / json).toFixed(2)}`;
      console.log(
        `${shape.padEnd(11)} ${String(n).padStart(6)} ${column(run.least, 7)} ${column(run.middle, 7)} ${column(run.own, 7)} ${growth.padStart(7)} ${ratio.padStart(11)} ${column(run.peakMb - bare.peakMb, 5, 0)}`,
      );
      previous = run.least;
    }
  }
}

/** The whole command on saved rulesets of 10,000 rules, against bare node. */
function printCommand(folder: string): void {
  const command = (shape: Shape): [string, ...string[]] => [
    process.execPath,
    program,
    'firewall',
    '--in=br-x',
    '--src=172.18.0.2',
    '--dst=172.18.0.1',
    '--ruleset',
    `${ruleset(shape, 1).format}:${join(folder, `${shape}-10000`)}`,
  ];
  const bare = { name: 'node -e 0', argv: [process.execPath, '-e', '0'] as const };
  const commands = SHAPES.map((shape) => ({ name: shape, argv: command(shape) }));
  const [node, ...timings] = timeInTurn([bare, ...commands], RUNS);
  console.log(
    '\nollama-doctor firewall --ruleset FILE with 10,000 rules, the whole process against bare node',
  );
  for (const { name, median: middle, milliseconds } of timings)
    console.log(
      `  ${name.padEnd(11)} median ${column(middle, 4, 0)} ms, least ${column(Math.min(...milliseconds), 4, 0)}  x ${(middle / (node?.median ?? Number.NaN)).toFixed(2)}`,
    );
}

/** Prints time, growth, and memory for each shape and size, and what the whole command takes. */
export async function benchFirewall(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ollama-doctor-bench-'));
  try {
    printShapes(folder, await bundleEngine(folder));
    printCommand(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
