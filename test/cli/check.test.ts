import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCode } from '../../src/report/status.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { simulate, type SimulationScript } from '../../src/machine/simulated.ts';
import { runWith } from './world-of-values.ts';

/** A Mac where Ollama answers and nothing else is: as little as a diagnosis can be about. */
const answers: SimulationScript = {
  identity: { platform: 'darwin', home: '/Users/ada', user: 'ada', uid: 501, elevated: false },
  request: {
    'http://127.0.0.1:11434/': {
      status: 200,
      body: 'Ollama is running',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    },
    'http://127.0.0.1:11434/api/version': { status: 200, body: { version: '0.13.1' } },
    'http://127.0.0.1:11434/api/tags': {
      status: 200,
      body: { models: [{ name: 'llama3.2:latest', model: 'llama3.2:latest' }] },
    },
  },
};
/** The same, and nothing answers. */
const silent: SimulationScript = { ...answers, request: {} };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ollama-doctor-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a diagnosis', () => {
  it('is the command where none is named', async () => {
    const named = await runWith(['check', '--only', 'ollama-api'], { machine: answers });
    const unnamed = await runWith(['--only', 'ollama-api'], { machine: answers });
    expect(unnamed.stdout).toBe(named.stdout);
    expect(unnamed.exitCode).toBe(0);
  });

  it.each(['human', 'json', 'junit', 'sarif', 'github', 'markdown'])(
    'exits as its status says with --format %s',
    async (format) => {
      const words = ['--only', 'ollama-api', '--format', format];
      const fine = await runWith(words, { machine: answers });
      expect([fine.exitCode, fine.stderr]).toEqual([0, '']);
      expect(fine.stdout).not.toBe('');
      const without = await runWith([...words, '--container', 'web'], { machine: silent });
      const { status } = reportSchema.parse(
        JSON.parse(
          (await runWith(['--json', '--only', 'ollama-api', '--container', 'web'], { machine: silent }))
            .stdout,
        ),
      );
      expect(status).not.toBe('healthy');
      expect(without.exitCode).toBe(exitCode(status));
    },
  );

  it('prints one document with --json that is a report, and nothing on standard error', async () => {
    const ran = await runWith(['--json'], { machine: answers });
    const report = reportSchema.parse(JSON.parse(ran.stdout));
    expect(report.host.platform).toBe('darwin');
    expect(ran.stderr).toBe('');
  });

  it('names the checks that were left out', async () => {
    const ran = await runWith(['--json', '--only', 'ollama-api,models', '--skip', 'models'], {
      machine: answers,
    });
    const report = reportSchema.parse(JSON.parse(ran.stdout));
    expect(report.checks.map((row) => row.id)).toEqual(['ollama-api']);
    expect(report.skipped).toHaveLength(12);
    expect(report.skipped).toContain('models');
  });

  it('takes an option several times as well as with commas', async () => {
    const twice = await runWith(['--json', '--only', 'ollama-api', '--only', 'models'], { machine: answers });
    const commas = await runWith(['--json', '--only', 'ollama-api,models'], { machine: answers });
    const ids = (text: string) => reportSchema.parse(JSON.parse(text)).checks.map((row) => row.id);
    expect(ids(twice.stdout)).toEqual(ids(commas.stdout));
  });

  it('has one line with --quiet', async () => {
    const ran = await runWith(['--quiet', '--only', 'ollama-api'], { machine: answers });
    expect(ran.stdout).toMatch(/^ {2}✓ .+\n$/u);
  });

  it('has every row with --verbose', async () => {
    const ran = await runWith(['--verbose'], { machine: answers });
    for (const id of ['ollama-service', 'bind-address', 'persistence']) expect(ran.stdout).toContain(id);
  });

  it('draws with ASCII where the terminal has nothing else', async () => {
    const ran = await runWith(['--only', 'ollama-api'], { machine: answers, env: { LANG: 'C' } });
    expect(ran.stdout).toMatch(/^ {2}\+ /u);
  });

  it('writes to a file with --output, and nothing to standard output', async () => {
    const path = join(folder, 'report.json');
    const ran = await runWith(['--json', '--output', path], { machine: answers });
    expect([ran.exitCode, ran.stdout, ran.stderr]).toEqual([expect.any(Number), '', '']);
    expect(reportSchema.parse(JSON.parse(await readFile(path, 'utf8'))).schemaVersion).toBe(1);
  });

  it('gives the machine back', async () => {
    expect((await runWith([], { machine: answers })).disposed).toBe(true);
  });
});

describe('a replay', () => {
  const replays = { 'saved.json': simulate({ ...answers, writable: false }) };

  it('is diagnosed in place of this host', async () => {
    const ran = await runWith(['--replay', 'saved.json', '--json', '--only', 'ollama-api'], {
      replays,
      machine: silent,
    });
    expect(
      reportSchema.parse(JSON.parse(ran.stdout)).checks.find((row) => row.id === 'ollama-api')?.status,
    ).toBe('pass');
  });

  it('offers no fix that cannot be made from there', async () => {
    const ran = await runWith(['--replay', 'saved.json'], { replays });
    expect(ran.stdout).not.toContain('ollama-doctor fix\n');
  });
});

describe('an error of the doctor itself', () => {
  it('has no stack unless it is asked for, and one JSON document', async () => {
    const ran = await runWith(['--replay', 'broken', '--json']);
    expect(ran.exitCode).toBe(2);
    expect(ran.stderr).toMatch(/^ollama-doctor: an error of the doctor itself: no replay broken; .*\n$/u);
    expect(JSON.parse(ran.stdout)).toMatchObject({ schemaVersion: 1, error: { code: 'internal' } });
  });

  it('has a stack with OLLAMA_DOCTOR_DEBUG=1', async () => {
    const ran = await runWith(['--replay', 'broken'], { env: { OLLAMA_DOCTOR_DEBUG: '1' } });
    expect(ran.stderr).toMatch(/\n {4}at /u);
  });
});
