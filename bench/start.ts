import { fileURLToPath } from 'node:url';
import { printRatios, timeInTurn } from './measure.ts';

const bin = fileURLToPath(new URL('../bin/ollama-doctor.js', import.meta.url));

/** How long it takes to say its version, against Node doing nothing. Budget: 30 ms more. */
export function benchStart(): void {
  const timings = timeInTurn(
    [
      { name: 'ollama-doctor --version', argv: [process.execPath, bin, '--version'] },
      { name: 'node -e 0', argv: [process.execPath, '-e', '0'] },
    ],
    15,
  );
  printRatios('start', timings);
  const [own, bare] = timings;
  if (own && bare) console.log(`  ${(own.median - bare.median).toFixed(0)} ms more than bare node`);
}
