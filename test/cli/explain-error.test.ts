import { describe, expect, it } from 'vitest';
import { runWith } from './world-of-values.ts';

describe('explain --error', () => {
  it('says what a message makes one suspect, that it is a suspicion, and what to run', async () => {
    const { exitCode, stdout } = await runWith([
      'explain',
      '--error',
      'connect ECONNREFUSED 172.17.0.1:11434',
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ {2}connect ECONNREFUSED 172\.17\.0\.1:11434\n/u);
    expect(stdout).toMatch(/bind-loopback +Ollama is set to loopback only\n/u);
    expect(stdout).toContain('ollama-doctor --container NAME');
    expect(stdout).toContain('ollama-doctor explain bind-loopback');
    expect(stdout).toContain('seen in open-webui/open-webui#209');
    expect(stdout).toContain('not a diagnosis');
  });

  it('has one document with --json', async () => {
    const { exitCode, stdout } = await runWith(['explain', '--json', '--error', 'model "x:1b" not found']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      verdict: 'suspicion',
      matches: [
        {
          error: 'model-missing',
          line: 'model "x:1b" not found',
          suspicions: [
            { code: 'model-missing', title: 'A model that was asked for is not there' },
            { code: 'no-models' },
          ],
          run: ['ollama-doctor --require-model MODEL', 'ollama-doctor explain model-missing'],
          source: 'ollama/ollama#1144',
        },
      ],
    });
  });

  it('sends to a model that is made to answer where the model could not be run', async () => {
    const text = 'model requires more system memory (8.0 GiB) than is available (3.1 GiB)';
    const { stdout } = await runWith(['explain', '--error', text]);
    expect(stdout).toContain('ollama-doctor --generate MODEL');
    expect(stdout).not.toContain('--require-model');
  });

  it.each([
    ['-', ['--error', '-']],
    ['a pipe and no text', ['--error']],
  ])('reads a log on standard input with %s', async (_, words) => {
    const { exitCode, stdout } = await runWith(['explain', ...words, '--json'], {
      piped: 'ok\nTypeError: fetch failed\n[cause]: connect ECONNREFUSED 127.0.0.1:11434\n',
    });
    expect(exitCode).toBe(0);
    const names = JSON.parse(stdout).matches.map(({ error }: { error: string }) => error);
    expect(names).toEqual(['connection-refused', 'fetch-failed']);
  });

  it('says plainly that it knows no such message, and exits 1', async () => {
    const plain = await runWith(['explain', '--error', 'all is well']);
    expect([plain.exitCode, plain.stdout]).toEqual([
      1,
      'No message that is known here. `ollama-doctor --container NAME` looks from the container itself.\n',
    ]);
    const json = await runWith(['explain', '--error', 'all is well', '--json']);
    expect([json.exitCode, JSON.parse(json.stdout).matches]).toEqual([1, []]);
  });

  it.each([
    [['--error', ''], '--error needs a text'],
    [['bind-loopback', '--error', 'x'], '--error takes one text'],
  ])('refuses %j', async (words, message) => {
    const { exitCode, stdout, stderr } = await runWith(['explain', ...words]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('does not wait for a person who typed no text', async () => {
    const { exitCode, stderr } = await runWith(['explain', '--error'], { typing: '' });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--error needs a text');
  });

  it('lets no escape sequence of a log through to the terminal', async () => {
    const { stdout } = await runWith(['explain', '--error', 'fetch failed \u001b]0;title\u0007 \u202eabc']);
    for (const steering of ['\u001b', '\u0007', '\u202e']) expect(stdout).not.toContain(steering);
  });
});
