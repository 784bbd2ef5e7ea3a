import { spawn } from 'node:child_process';
import { access, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram, copyBin } from './built-program.ts';

let folder = '';
let bin = '';
/** Accepts connections and never says a word. */
let silent: Server;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ollama-doctor-process-'));
  bin = await buildProgram(join(folder, 'program'));
  silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  silent.close();
  await rm(folder, { recursive: true, force: true });
});

function start(words: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [bin, ...words], { env: { HOME: folder, ...env }, stdio: 'pipe' });
  const ended = { code: undefined as number | null | undefined, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (ended.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (ended.stderr += chunk.toString()));
  const end = new Promise<typeof ended>((resolve) => {
    child.on('close', (code) => resolve({ ...ended, code }));
  });
  return { child, end };
}

describe('the built program', () => {
  it('says its version', async () => {
    const { version } = JSON.parse(await readFile(join(folder, 'program', 'package.json'), 'utf8'));
    expect(await start(['--version']).end).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    expect(await start(['-V']).end).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('has a help with every command and every option of the default one', async () => {
    const { code, stdout } = await start(['--help']).end;
    expect(code).toBe(0);
    for (const word of [
      'check',
      'fix',
      'undo',
      'explain',
      'firewall',
      '--dry-run',
      '--replay',
      '--fail-on',
    ]) {
      expect(stdout).toContain(word);
    }
  });

  it('carries the licences of what is built into it', async () => {
    const text = await readFile(join(folder, 'program', 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    for (const name of ['commander', 'chalk', 'dockerode', 'undici'])
      expect(text).toMatch(new RegExp(`^${name} \\d`, 'mu'));
    expect(text).not.toMatch(/^ssh2 \d/mu);
  });

  it('ends with 130 and without a result when it is interrupted', async () => {
    const { port } = silent.address() as { port: number };
    const { child, end } = start(['--timeout', '60000', '--json'], {
      DOCKER_HOST: `tcp://127.0.0.1:${port}`,
    });
    await new Promise<void>((resolve) => silent.once('connection', () => resolve()));
    child.kill('SIGINT');
    expect(await end).toMatchObject({ code: 130, stdout: '' });
  });

  it('ends quietly when its reader goes away', async () => {
    const { child, end } = start(['explain']);
    child.stdout.destroy();
    expect((await end).stderr).toBe('');
  });

  it.runIf(process.platform === 'linux')('says in one line that a full disk took no result', async () => {
    const full = await open('/dev/full', 'w');
    const child = spawn(process.execPath, [bin, 'explain'], { stdio: ['ignore', full.fd, 'pipe'] });
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    await full.close();
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ollama-doctor: the result cannot be written: ENOSPC[^\n]*\n$/u);
  });

  it('says before it writes a recording that addresses stay in it', async () => {
    const path = join(folder, 'recording.json');
    const { stderr } = await start(['--record', path, '--only', 'models', '--quiet']).end;
    expect(stderr).toMatch(
      /^ollama-doctor: recording to .*Addresses .* stay in it.*secrets are left out\.\n$/u,
    );
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ recordingVersion: expect.anything() });
  });

  it('replays what it recorded, with the same report', async () => {
    const path = join(folder, 'again.json');
    const first = await start(['--record', path, '--json']).end;
    const again = await start(['--replay', path, '--json']).end;
    expect(again.code).toBe(first.code);
    const checks = (text: string) =>
      JSON.parse(text).checks.map((row: { durationMs: number }) => ({ ...row, durationMs: 0 }));
    expect(checks(again.stdout)).toEqual(checks(first.stdout));
  });
});

describe('the bin without a built program', () => {
  it('says in one line how to build it', async () => {
    const unbuilt = await copyBin(join(folder, 'unbuilt'));
    const child = spawn(process.execPath, [unbuilt, '--json'], { stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(2);
    expect(stderr).toBe('ollama-doctor: not built yet; run `npm run build` in its folder\n');
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      error: { code: 'internal', message: 'not built yet' },
    });
  });

  it('knows its version all the same', async () => {
    const unbuilt = await copyBin(join(folder, 'versioned'));
    await expect(access(join(folder, 'versioned', 'dist'))).rejects.toThrow('ENOENT');
    const child = spawn(process.execPath, [unbuilt, '--version'], { stdio: 'pipe' });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(0);
  });
});
