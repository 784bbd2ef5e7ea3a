import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openReplay } from '../../src/machine/replay.ts';
import { runWith } from './world-of-values.ts';

it('shows in the README what the program really prints of the recorded incident', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const shown = /```console\n\$ node bin\/ollama-doctor\.js (.*)\n([^]*?)```/u.exec(
    readme.replaceAll('\r\n', '\n'),
  );
  expect(shown?.[1]).toBe('--replay fixtures/incident');
  const replay = await openReplay(fileURLToPath(new URL('../../fixtures/incident', import.meta.url)));
  const { stdout } = await runWith(['--replay', 'fixtures/incident'], {
    replays: { 'fixtures/incident': replay },
  });
  expect(shown?.[2]).toBe(stdout);
});
