import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openReplay } from '../src/machine/replay.ts';
import type { Report } from '../src/report/schema.ts';
import { runWith } from './cli/world-of-values.ts';
import { type AnswerState, preparedStates, standingStates, wrongIn } from './lab/scenarios/answer-states.ts';

const folder = new URL('../fixtures/recorded-answers/', import.meta.url);
const states: Record<string, AnswerState> = { ...standingStates, ...preparedStates };

async function replayed(name: string, words: readonly string[]): Promise<Report> {
  const machine = await openReplay(fileURLToPath(new URL(`${name}.json`, folder)));
  const { stdout } = await runWith(['--json', '--replay', 'it', ...words], { replays: { it: machine } });
  return JSON.parse(stdout) as Report;
}

describe('what answered on a real host, recorded there', () => {
  test.each(Object.entries(states))('%s', async (name, state) => {
    expect(wrongIn(await replayed(name, state.words), state)).toEqual([]);
  });

  test('every recording has its state', async () => {
    expect((await readdir(folder)).toSorted()).toEqual(
      Object.keys(states)
        .map((name) => `${name}.json`)
        .toSorted(),
    );
  });
});
