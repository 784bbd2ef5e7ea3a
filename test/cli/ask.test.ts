import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ask, canAsk } from '../../src/cli/terminal/ask.ts';
import type { World } from '../../src/cli/world.ts';

function worldTyping(typed: string, terminal = true) {
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal });
  stdin.end(typed);
  const stderr = Object.assign(new PassThrough(), { isTTY: terminal });
  let shown = '';
  stderr.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const interrupt = new AbortController();
  const world: World = {
    stdin,
    stdout: Object.assign(new PassThrough(), { isTTY: false }),
    stderr,
    env: { TERM: 'dumb' },
    platform: 'linux',
    signal: interrupt.signal,
    changing: { now: false },
    openMachine: () => Promise.reject(new Error('not asked for')),
    openReplay: () => Promise.reject(new Error('not asked for')),
  };
  return { world, shown: () => shown, interrupt };
}

describe('the question', () => {
  it.each([
    ['y\n', true],
    ['yes\n', true],
    ['YES \n', true],
    ['n\n', false],
    ['\n', false],
    ['yep\n', false],
    ['yes please\n', false],
    ['', false],
  ])('answered with %j is %s', async (typed, agreed) => {
    const { world, shown } = worldTyping(typed);
    expect(await ask(world, 'Change this?')).toBe(agreed);
    expect(shown()).toContain('Change this? [y/N] ');
  });

  it('is a no once the user interrupted', async () => {
    const { world, interrupt } = worldTyping('y\n');
    interrupt.abort();
    expect(await ask(world, 'Change this?')).toBe(false);
  });

  it('is not asked where nobody sees it', () => {
    expect(canAsk(worldTyping('', true).world)).toBe(true);
    expect(canAsk(worldTyping('', false).world)).toBe(false);
  });
});
