import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLiveMachine } from '../../src/machine/live.ts';
import type { LiveMachine } from '../../src/machine/live.ts';
import { decode } from '../../src/machine/live/output.ts';
import { findProgram, searchFolders } from '../../src/machine/live/program.ts';

const node = process.execPath;
const posix = process.platform !== 'win32';

let machine: LiveMachine;
beforeEach(() => {
  machine = openLiveMachine();
});
afterEach(() => machine.dispose());

/** Waits until a process runs no more. A dead one that nobody reaped yet (no init in a container) counts as gone. */
async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 400; tries += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    const state = await machine.read(`/proc/${pid}/stat`);
    if (state.outcome === 'read' && /\) Z /.test(state.text)) return true;
    await new Promise((done) => {
      setTimeout(done, 25);
    });
  }
  return false;
}

describe('running a program', () => {
  it('gives output, errors and exit code apart', async () => {
    const script = 'process.stdout.write("out"); process.stderr.write("err"); process.exitCode = 3';
    expect(await machine.run({ argv: [node, '-e', script] })).toEqual({
      outcome: 'exited',
      exitCode: 3,
      stdout: 'out',
      stderr: 'err',
      truncated: false,
    });
  });

  it('hands arguments over word for word, with no shell in between', async () => {
    const odd = ['$HOME', '`id`', 'a b', '"', '*', '; exit 9'];
    const result = await machine.run({
      argv: [node, '-p', 'JSON.stringify(process.argv.slice(1))', '--', ...odd],
    });
    expect(JSON.parse((result as { stdout: string }).stdout)).toEqual(odd);
  });

  it('gives a program its input, and speaks English to it', async () => {
    const script =
      'process.stdin.pipe(process.stdout); process.stderr.write(process.env.LC_ALL + process.env.WSL_UTF8)';
    const result = await machine.run({ argv: [node, '-e', script], input: 'hällo', env: { WSL_UTF8: '1' } });
    expect(result).toMatchObject({ stdout: 'hällo', stderr: 'C1' });
  });

  it('says not-found of a program that is nowhere', async () => {
    expect(await machine.run({ argv: ['ollama-doctor-no-such-tool'] })).toEqual({ outcome: 'not-found' });
    expect(await machine.run({ argv: ['/no/such/tool'] })).toEqual({ outcome: 'not-found' });
  });

  it.runIf(posix)('says denied of a file that is not executable', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'machine-'));
    await writeFile(join(folder, 'tool'), 'x');
    await chmod(join(folder, 'tool'), 0o644);
    expect(await machine.run({ argv: [join(folder, 'tool')] })).toEqual({ outcome: 'denied' });
    await rm(folder, { recursive: true });
  });

  it('keeps the first bytes of a flood, throws the rest away, and says so', async () => {
    const script = 'process.stdout.write("x".repeat(3_000_000))';
    const result = await machine.run({ argv: [node, '-e', script], maxBytes: 1000 });
    expect(result).toEqual({
      outcome: 'exited',
      exitCode: 0,
      stdout: 'x'.repeat(1000),
      stderr: '',
      truncated: true,
    });
  });

  it('does not call output truncated that just fits', async () => {
    const result = await machine.run({ argv: [node, '-e', 'process.stdout.write("12345")'], maxBytes: 5 });
    expect(result).toMatchObject({ stdout: '12345', truncated: false });
  });

  it.runIf(posix)('ends a program at its deadline together with what it started', async () => {
    const startedAt = performance.now();
    const argv: [string, ...string[]] = ['sh', '-c', 'sleep 60 & echo $!; echo $$; wait'];
    const result = await machine.run({ argv, timeoutMs: 300 });
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(result.outcome).toBe('timed-out');
    const pids = (result as { stdout: string }).stdout.trim().split('\n').map(Number);
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(await isGone(pid)).toBe(true);
  });

  it.runIf(posix)('ends a program that will not hear of SIGTERM', async () => {
    const argv: [string, ...string[]] = ['sh', '-c', 'trap "" TERM; echo $$; while :; do sleep 1; done'];
    const result = await machine.run({ argv, timeoutMs: 1500 });
    expect(result.outcome).toBe('timed-out');
    const pid = Number((result as { stdout: string }).stdout);
    expect(pid).toBeGreaterThan(1);
    expect(await isGone(pid)).toBe(true);
  });

  it.runIf(posix)('does not wait for a daemon that holds the output open', async () => {
    const startedAt = performance.now();
    const result = await machine.run({ argv: ['sh', '-c', 'sleep 30 & echo started'], timeoutMs: 40_000 });
    expect(result).toMatchObject({ outcome: 'exited', exitCode: 0, stdout: 'started\n' });
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  it.runIf(posix)('says how a program ended that was killed by another', async () => {
    const result = await machine.run({ argv: ['sh', '-c', 'kill -9 $$'] });
    expect(result).toEqual({ outcome: 'failed', message: 'ended by SIGKILL' });
  });

  it('ends what runs when the machine is disposed of, and starts nothing more', async () => {
    const pending = machine.run({ argv: [node, '-e', 'setInterval(() => {}, 1000)'], timeoutMs: 20_000 });
    await new Promise((done) => {
      setTimeout(done, 300);
    });
    machine.dispose();
    expect((await pending).outcome).toBe('failed');
    expect(await machine.run({ argv: [node, '-e', '0'] })).toEqual({
      outcome: 'failed',
      message: 'interrupted',
    });
  });

  it('lets the writer go on after an interrupt, so that a fix can be taken back', async () => {
    const interrupt = new AbortController();
    const interrupted = openLiveMachine({ signal: interrupt.signal });
    interrupt.abort();
    expect((await interrupted.run({ argv: [node, '-e', '0'] })).outcome).toBe('failed');
    expect(await interrupted.writer?.run({ argv: [node, '-e', '0'] })).toMatchObject({ exitCode: 0 });
    interrupted.dispose();
  });
});

describe('looking a program up', () => {
  it.runIf(posix)('adds the sbin folders and leaves out folders that are relative or empty', () => {
    expect(searchFolders('/usr/bin::bin:.:/usr/sbin', 'linux')).toEqual([
      '/usr/bin',
      '/usr/sbin',
      '/usr/local/sbin',
      '/sbin',
    ]);
  });

  it('takes no batch file on Windows', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'machine-'));
    await writeFile(join(folder, 'docker.cmd'), 'x', { mode: 0o755 });
    expect(await findProgram('docker', [folder], 'win32')).toEqual({ found: 'nowhere' });
    await writeFile(join(folder, 'docker.exe'), 'x', { mode: 0o755 });
    expect(await findProgram('docker', [folder], 'win32')).toEqual({
      found: 'at',
      path: join(folder, 'docker.exe'),
    });
    await rm(folder, { recursive: true });
  });

  it.runIf(posix)(
    'passes by folders of that name, and never runs what lies under a relative path',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'machine-'));
      await mkdir(join(folder, 'ss'));
      expect(await findProgram('ss', [folder], 'linux')).toEqual({ found: 'nowhere' });
      expect(await findProgram('./run', ['/'], 'linux')).toEqual({ found: 'nowhere' });
      await rm(folder, { recursive: true });
    },
  );
});

describe('decoding output', () => {
  it('reads UTF-8, and UTF-16 as wsl.exe writes it', () => {
    expect(decode(Buffer.from('Größe\n'))).toBe('Größe\n');
    expect(decode(Buffer.from('  NAME   STATE\r\n', 'utf16le'))).toBe('  NAME   STATE\r\n');
    expect(decode(Buffer.from([0xef, 0xbb, 0xbf, 0x61]))).toBe('a');
  });

  it('does not choke on bytes that are no text', () => {
    expect(decode(Buffer.from([0x41, 0x99, 0x42]))).toBe('A\uFFFDB');
  });
});
