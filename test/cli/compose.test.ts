import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ComposeReport } from '../../src/report/compose.ts';
import { simulate, type SimulationScript } from '../../src/machine/simulated.ts';
import { type Ran, runWith } from './world-of-values.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/compose', import.meta.url));

/** The files of a written project, as they are on a machine that has them in /p. */
async function project(name: string): Promise<Record<string, string>> {
  const folder = join(fixtures, name);
  const names = await readdir(folder);
  const texts = await Promise.all(
    names.map(async (file) => [`/p/${file}`, await readFile(join(folder, file), 'utf8')] as const),
  );
  return Object.fromEntries(texts);
}

describe('ollama-doctor compose', () => {
  it.each([
    ['open-webui', 'docker-compose.yaml', 1, ['url-localhost open-webui 16']],
    ['n8n-starter', 'docker-compose.yml', 0, ['start-order ollama-pull-llama-cpu 87']],
    ['dify', 'docker-compose.yaml', 1, ['dns-missing api 5', 'dns-missing worker 5']],
    ['archon', 'docker-compose.yml', 1, ['url-localhost archon-server 11']],
    ['agent', 'compose.yaml', 1, ['url-localhost agent 4']],
  ])('finds in a file like that of %s what is wrong', async (name, file, exitCode, expected) => {
    const ran = await runWith(['compose', `/p/${file}`, '--json'], {
      machine: { files: await project(name) },
    });
    const report = JSON.parse(ran.stdout) as ComposeReport;
    expect(report.findings.map((one) => `${one.code} ${one.service} ${one.line}`)).toEqual(expected);
    expect(report).toMatchObject({ schemaVersion: 1, tool: { name: 'ollama-doctor' } });
    expect(ran).toMatchObject({ exitCode, stderr: '', disposed: true });
  });

  it('shows file, line and text, and what to write', async () => {
    const ran = await runWith(['compose', '/p/compose.yaml'], { machine: { files: await project('agent') } });
    expect(ran.stdout).toContain('✗ /p/compose.yaml: 1 problem');
    expect(ran.stdout).toContain('│ /p/compose.yaml:4\n');
    expect(ran.stdout).toContain('environment: {STIGMER_LLM_BASE_URL: "http://localhost:11434"}');
    expect(ran.stdout).toContain('set STIGMER_LLM_BASE_URL to http://ollama:11434');
    expect(ran.stdout).toContain('ollama-doctor compose /p/compose.yaml --fix --dry-run');
  });

  it('has one line for a file in which nothing is wrong', async () => {
    const text =
      'services: {ollama: {image: ollama/ollama}, web: {environment: ["OLLAMA_URL=http://ollama:11434"]}}';
    const ran = await runWith(['compose', '/p/compose.yaml'], {
      machine: { files: { '/p/compose.yaml': text } },
    });
    expect(ran).toMatchObject({
      exitCode: 0,
      stdout: '  ✓ /p/compose.yaml: nothing is wrong with the Ollama URL of web\n',
    });
    const none = await runWith(['compose', '/p/compose.yaml'], {
      machine: { files: { '/p/compose.yaml': 'services: {web: {image: x}}' } },
    });
    expect(none).toMatchObject({ exitCode: 0, stdout: '  ✓ /p/compose.yaml: no service names an Ollama\n' });
  });

  it('reads the override beside a default file, and the files given by -f alone', async () => {
    const files = {
      '/p/compose.yaml': 'services: {web: {environment: ["OLLAMA_URL=http://localhost:11434"]}}',
      '/p/compose.override.yaml': 'services: {web: {network_mode: host}}',
    };
    expect((await runWith(['compose', '/p/compose.yaml'], { machine: { files } })).exitCode).toBe(0);
    expect((await runWith(['compose', '-f', '/p/compose.yaml'], { machine: { files } })).exitCode).toBe(1);
    const both = ['-f', '/p/compose.yaml', '-f', '/p/compose.override.yaml'];
    expect((await runWith(['compose', ...both], { machine: { files } })).exitCode).toBe(0);
  });

  it('takes variables from the shell, from --env-file, and judges by --profile', async () => {
    const files = {
      '/p/compose.yaml':
        'services: {web: {profiles: [x], environment: ["OLLAMA_URL=$U"]}, y: {profiles: [y]}}',
      '/p/a.env': 'U=http://localhost:11434',
    };
    const exitCode = async (words: string[], env = {}): Promise<number> =>
      (await runWith(['compose', '/p/compose.yaml', ...words], { machine: { files }, env })).exitCode;
    expect(await exitCode([])).toBe(0);
    expect(await exitCode([], { U: 'localhost:11434' })).toBe(1);
    expect(await exitCode(['--env-file', '/p/a.env'])).toBe(1);
    expect(await exitCode(['--env-file', '/p/a.env', '--profile', 'y'])).toBe(0);
    expect(await exitCode(['--profile', 'z'])).toBe(2);
  });

  it('shows no secret that stands on the same line', async () => {
    const text =
      'services: {web: {environment: {OPENAI_API_KEY: sk-123, OLLAMA_URL: "http://me:pw@localhost:11434"}}}';
    const ran = await runWith(['compose', '/p/c.yaml', '--json'], {
      machine: { files: { '/p/c.yaml': text } },
    });
    expect(ran.exitCode).toBe(1);
    expect(ran.stdout).not.toMatch(/sk-123|pw@/u);
  });

  it.each([
    [
      'broken YAML',
      { '/p/c.yaml': 'services:\n  web: {image: [\n' },
      /^ollama-doctor: \/p\/c\.yaml:\d+:\d+: not valid YAML/u,
    ],
    ['an empty file', { '/p/c.yaml': '' }, 'ollama-doctor: /p/c.yaml is empty\n'],
    ['no file', {}, 'ollama-doctor: there is no compose file /p/c.yaml\n'],
    [
      'a folder',
      { '/p/c.yaml/compose.yml': 'x' },
      'it is a folder; the compose file in it is /p/c.yaml/compose.yml',
    ],
    ['a file that may not be read', { '/p/c.yaml': 'denied' }, 'permission denied'],
    ['binary garbage', { '/p/c.yaml': 'PK\u{3}\u{4}\0\0' }, '/p/c.yaml is no text; name a compose file'],
    [
      'another YAML file',
      { '/p/c.yaml': 'on: push\njobs: {}\n' },
      'it has no services (its keys are on, jobs)',
    ],
    [
      'a broken .env',
      { '/p/c.yaml': 'services: {}', '/p/.env': '=x\n' },
      '/p/.env:1:1: this is no line of an env file',
    ],
  ])('says of %s what it is, on one line', async (_, files, message) => {
    const ran = await runWith(['compose', '/p/c.yaml', '--json'], { machine: { files } });
    expect(ran.exitCode).toBe(2);
    expect(ran.stderr).toMatch(message);
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({ schemaVersion: 1, error: { code: 'usage' } });
  });
});

describe('ollama-doctor compose --fix', () => {
  const text =
    'services:\n  web:\n    image: x\n    environment:\n      - OLLAMA_URL=http://localhost:11434 # copied\n  ollama:\n    image: ollama/ollama\n';
  const mended = text.replace('localhost', 'ollama');

  /** A machine that stays between two runs of the program. */
  function host(extra: Partial<SimulationScript> = {}) {
    const machine = simulate({ files: { '/p/compose.yaml': text }, ...extra });
    const doctor = (words: string[], typing?: string): Promise<Ran> =>
      runWith(words, { on: machine, ...(typing === undefined ? {} : { typing }) });
    return { machine, doctor };
  }

  it('shows the difference, asks, edits the line, says what to type, and is undone to the byte', async () => {
    const { machine, doctor } = host();
    const ran = await doctor(['compose', '/p/compose.yaml', '--fix'], 'y\n');
    expect(ran.stderr).toContain('-      - OLLAMA_URL=http://localhost:11434 # copied');
    expect(ran.stderr).toContain('+      - OLLAMA_URL=http://ollama:11434 # copied');
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toContain('docker compose -f /p/compose.yaml up -d web');
    expect(ran.stdout).toContain('ollama-doctor undo ');
    expect(machine.files.text('/p/compose.yaml')).toBe(mended);
    expect(machine.changes).toEqual([]);
    expect((await doctor(['undo'])).exitCode).toBe(0);
    expect(machine.files.text('/p/compose.yaml')).toBe(text);
  });

  it('changes nothing when it is not agreed to, for a dry run, or the second time', async () => {
    const { machine, doctor } = host();
    expect((await doctor(['compose', '/p/compose.yaml', '--fix'], 'n\n')).exitCode).toBe(1);
    const dry = await doctor(['compose', '/p/compose.yaml', '--dry-run', '--json']);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      fixes: [{ recipe: 'set-client-url', status: 'planned' }],
    });
    expect(machine.files.text('/p/compose.yaml')).toBe(text);
    await doctor(['compose', '/p/compose.yaml', '--fix', '--yes']);
    const second = await doctor(['compose', '/p/compose.yaml', '--fix', '--yes', '--json']);
    expect(JSON.parse(second.stdout)).toMatchObject({ status: 'healthy', fixes: [] });
    expect(machine.files.text('/p/compose.yaml')).toBe(mended);
  });

  it('makes the container again only with --recreate, and says so before', async () => {
    const up = 'docker compose -f /p/compose.yaml up -d web';
    const { machine, doctor } = host({ run: { [up]: '' } });
    const ran = await doctor(['compose', '/p/compose.yaml', '--fix', '--recreate'], 'y\n');
    expect(ran.stderr).toContain(`$ ${up}`);
    expect(ran.stderr).toContain('stop, remove and make again: web');
    expect(machine.changes).toEqual([up]);
    await doctor(['undo']);
    expect(machine.changes).toEqual([up]);
    expect(machine.files.text('/p/compose.yaml')).toBe(text);
  });

  it('puts the file back when the container cannot be made again', async () => {
    const { machine, doctor } = host();
    const ran = await doctor(['compose', '/p/compose.yaml', '--fix', '--yes', '--recreate', '--json']);
    expect(JSON.parse(ran.stdout)).toMatchObject({ status: 'problems', fixes: [{ status: 'rolled-back' }] });
    expect(machine.files.text('/p/compose.yaml')).toBe(text);
  });

  it.each([
    [['--fix'], 'nobody can be asked here before something is changed; add --yes to agree'],
    [['--yes'], '--yes is for a fix'],
    [['--recreate'], '--recreate is for a fix'],
    [['-f', 'a.yaml'], 'give the files by -f alone, or one file without it'],
  ])('refuses %j', async (words, message) => {
    const ran = await host().doctor(['compose', '/p/compose.yaml', ...words]);
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ran.stderr).toContain(message);
  });

  it('says what cannot be edited, and what to do in its place', async () => {
    const shell = 'services: {ollama: {image: ollama/ollama}, a: {environment: ["OLLAMA_URL=$U"]}}';
    const ran = await runWith(['compose', '/p/c.yaml', '--fix', '--yes'], {
      machine: { files: { '/p/c.yaml': shell } },
      env: { U: 'http://localhost:11434' },
    });
    expect(ran.exitCode).toBe(1);
    expect(ran.stdout).toContain('set-client-url: cannot be carried out here');
    expect(ran.stdout).toContain('U is set in the shell');
  });
});
