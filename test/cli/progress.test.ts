import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { showProgress } from '../../src/cli/terminal/progress.ts';
import type { World } from '../../src/cli/world.ts';

/** A world of which only standard error is looked at: a terminal of so many columns. */
function terminalOf(columns: number | undefined): { world: World; written: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const stderr = Object.assign(stream, { isTTY: true, columns });
  return { world: { stderr, env: {} } as unknown as World, written: () => text };
}

describe('progress', () => {
  it.each([0, undefined])(
    'is left out on a terminal of %s columns, where a spinner would never end',
    async (columns) => {
      const { world, written } = terminalOf(columns);
      const progress = showProgress(world, true);
      await new Promise((done) => setTimeout(done, 500));
      progress.pause();
      expect(written()).toBe('');
    },
  );
});
