import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorDocumentSchema } from '../../src/report/schema.ts';
import { buildProgram } from './built-program.ts';

const execute = promisify(execFile);

let folder = '';
let bin = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ollama-doctor-bad-'));
  bin = await buildProgram(join(folder, 'program'));
  await writeFile(join(folder, 'cut.json'), '{"recordingVersion": 1, "entries": [');
  await writeFile(join(folder, 'newer.json'), '{"recordingVersion": 999}');
  await writeFile(join(folder, 'other.json'), '{"hello": "world"}');
  await writeFile(join(folder, 'empty.json'), '');
  await writeFile(join(folder, 'locked.json'), '{}');
  await chmod(join(folder, 'locked.json'), 0o000);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the built program with no terminal, in the folder of the files above. */
async function doctor(words: readonly string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await execute(process.execPath, [bin, ...words], { cwd: folder, env: {} });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as Ended;
    return { code, stdout, stderr };
  }
}

const bad: [string, string[], string | RegExp][] = [
  ['an unknown command', ['chekc'], "there is no command 'chekc'; did you mean check?"],
  [
    'an origin with a star, which no browser sends',
    ['--origin', 'http://*'],
    "--origin takes a page's origin, not 'http://*'",
  ],
  ['an unknown command like none', ['make-coffee'], "there is no command 'make-coffee'; one of: check, fix"],
  [
    'a command after its options',
    ['--quiet', 'fix'],
    'the command goes before its options: ollama-doctor fix',
  ],
  ['help about nothing', ['help', 'nosuch'], 'there is no such command'],
  ['a word too many', ['fix', 'everything'], /too many arguments/u],
  ['an unknown option', ['--jsn'], "unknown option '--jsn'; did you mean --json?"],
  ['an unknown option of fix', ['fix', '--dryrun'], "unknown option '--dryrun'; did you mean --dry-run?"],
  ['an unknown check', ['--only', 'firewal'], "there is no check 'firewal'; did you mean firewall?"],
  ['an unknown check among others', ['--skip', 'models,bind-adress'], 'did you mean bind-address?'],
  ['an empty check', ['--only', ''], '--only needs a value'],
  [
    'a model that is an address',
    ['--require-model', 'http://x/y'],
    "--require-model takes a model's name, not 'http://x/y'",
  ],
  ['a comma too many', ['--only', 'models,'], '--only needs a value'],
  ['no check left', ['--only', 'models', '--skip', 'models'], '--only and --skip leave no check'],
  ['an option without its value', ['--only'], "option '--only <check>' argument missing"],
  [
    'a timeout that is no number',
    ['--timeout', 'soon'],
    "--timeout takes milliseconds from 1 to 3600000, not 'soon'",
  ],
  ['a timeout with a unit', ['--timeout', '10s'], 'for ten seconds: 10000'],
  ['a timeout of nothing', ['--timeout', '0'], '--timeout takes milliseconds'],
  ['a negative timeout', ['--timeout', '-5'], '--timeout takes milliseconds'],
  ['a timeout for ever', ['--timeout', 'Infinity'], '--timeout takes milliseconds'],
  ['an unknown format', ['--format', 'jsno'], "--format does not know 'jsno'; did you mean json?"],
  ['quiet and verbose', ['--quiet', '--verbose'], '--quiet and --verbose contradict each other'],
  ['an unknown runtime', ['--runtime', 'dokcer'], 'did you mean docker?'],
  ['an unknown status to fail on', ['--fail-on', 'warning'], "--fail-on does not know 'warning'"],
  ['a URL that is none', ['--url', 'http://'], "--url takes an http URL, not 'http://'"],
  ['a URL of another kind', ['--url', 'ftp://host'], '--url takes an http URL'],
  ['a range that is none', ['--require-version', 'newest'], '--require-version takes a range of versions'],
  [
    'an output in no folder',
    ['--output', 'none/report.txt'],
    '--output none/report.txt cannot be written: its folder does not exist',
  ],
  ['an output that is a folder', ['--output', '.'], 'it is a folder'],
  ['a recording in no folder', ['--record', 'none/r.json'], '--record none/r.json cannot be written'],
  ['a fix that nobody can agree to', ['--fix'], 'add --yes to agree'],
  ['fix that nobody can agree to', ['fix'], 'add --yes to agree'],
  ['a fix without input', ['fix', '--no-input'], 'add --yes to agree'],
  ['consent to nothing', ['--yes'], '--yes is for a fix; add --fix'],
  ['an unknown recipe', ['fix', '--yes', '--fix-only', 'start-servise'], 'did you mean start-service?'],
  ['a recipe for no fix', ['--fix-only', 'start-service'], '--fix-only is for a fix'],
  ['a fix of a recording', ['--fix', '--yes', '--replay', 'cut.json'], 'add --dry-run'],
  ['a recording of a replay', ['--record', 'a', '--replay', 'cut.json'], 'a replay cannot be recorded'],
  ['an unknown receipt', ['undo', '20200101-000000-abcd'], "there is no receipt '20200101-000000-abcd'"],
  ['a receipt that is a path', ['undo', '../../etc'], "there is no receipt '../../etc'"],
  ['a list of one receipt', ['undo', '--list', '20200101-000000-abcd'], '--list takes no receipt'],
  ['an unknown finding', ['explain', 'bind-lopback'], 'did you mean bind-loopback?'],
  ['half a packet', ['firewall', '--in', 'eth0'], '--src, --dst missing'],
];

const unplayable: [string, string, string | RegExp][] = [
  ['one that is not there', 'gone.json', 'there is no gone.json'],
  ['one that is cut off', 'cut.json', 'cut off'],
  ['one of a newer version', 'newer.json', /newer|version/u],
  ['something else', 'other.json', 'no recording'],
  ['an empty file', 'empty.json', 'cannot be replayed'],
  ['a folder without an index', '.', 'recording.json'],
];

describe('bad input', () => {
  it.concurrent.each(bad)('%s is told in one line', async (_, words, message) => {
    const ended = await doctor(words);
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toMatch(/^ollama-doctor: [^\n]+\n$/u);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toMatch(/^\s+at /mu);
  });

  it.concurrent.each(bad.filter(([, words]) => !words.includes('--format')))(
    '%s is one document with --json',
    async (_, words) => {
      const ended = await doctor(
        ['check', 'fix', 'undo', 'explain', 'firewall'].includes(words[0] ?? '')
          ? [...words, '--json']
          : ['--json', ...words],
      );
      expect(ended.code).toBe(2);
      const { error } = errorDocumentSchema.parse(JSON.parse(ended.stdout));
      expect(error.code).toBe('usage');
      expect(ended.stderr).toContain(error.message);
    },
  );

  it('two formats at once is told as JSON, as that was asked for too', async () => {
    const ended = await doctor(['--json', '--format', 'junit']);
    expect(ended.code).toBe(2);
    const { error } = errorDocumentSchema.parse(JSON.parse(ended.stdout));
    expect(error.message).toBe('--json and --format junit contradict each other');
  });

  it.concurrent.each(unplayable)('a replay of %s is told in one line', async (_, path, message) => {
    const ended = await doctor(['--replay', path]);
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toMatch(/^ollama-doctor: [^\n]+\n$/u);
    expect(ended.stderr).toMatch(message);
  });

  it.concurrent.each(unplayable)('a replay of %s is one document with --json', async (_, path) => {
    const ended = await doctor(['--replay', path, '--json']);
    expect(ended.code).toBe(2);
    expect(errorDocumentSchema.parse(JSON.parse(ended.stdout)).error.code).toBe('replay');
  });
});
