import type { RunRequest, RunResult } from '../machine.ts';
import { collectOutput } from './output.ts';
import { findProgram, searchFolders } from './program.ts';
import type { Running } from './running.ts';

const defaultTimeoutMs = 5000;
const defaultMaxBytes = 4 * 1024 * 1024;
/** Between asking a process group to end and ending it. */
const graceMs = 300;
/** How long output may still come once the program is gone: a daemon it left behind may hold its pipes for ever. */
const lingerMs = 200;

/**
 * Runs a program by argument list in a process group of its own, so that at the deadline it goes with all its children,
 * and without a terminal, so that nothing in it can ask the user. Never throws; see {@link RunResult}.
 */
export async function runLive(request: RunRequest, running: Running): Promise<RunResult> {
  if (running.stopped()) return { outcome: 'failed', message: 'interrupted' };
  const platform = process.platform;
  const folders = searchFolders(process.env['PATH'] ?? '', platform);
  const program = await findProgram(request.argv[0], folders, platform);
  if (program.found !== 'at') return { outcome: program.found === 'denied' ? 'denied' : 'not-found' };
  try {
    return await start(program.path, folders, request, running);
  } catch (error) {
    return failure(error);
  }
}

async function start(
  path: string,
  folders: string[],
  request: RunRequest,
  running: Running,
): Promise<RunResult> {
  const { execa } = await import('execa');
  const windows = process.platform === 'win32';
  const child = execa(path, request.argv.slice(1), {
    argv0: windows ? path : request.argv[0],
    buffer: false,
    reject: false,
    stdin: request.input === undefined ? 'ignore' : 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    encoding: 'buffer',
    cwd: windows ? (process.env['SystemRoot'] ?? 'C:\\') : '/',
    env: { PATH: folders.join(windows ? ';' : ':'), ...request.env, LC_ALL: 'C' },
    detached: !windows,
    cleanup: false,
    windowsHide: true,
  });
  // Settled below through the events; with reject: false this can only fulfil, later than we care to wait.
  void Promise.resolve(child).catch(() => undefined);
  const maxBytes = request.maxBytes ?? defaultMaxBytes;
  const stdout = collectOutput(child.stdout, maxBytes);
  const stderr = collectOutput(child.stderr, maxBytes);
  child.stdin?.on('error', () => undefined);
  if (request.input !== undefined) child.stdin?.end(request.input);

  const kill = (signal: NodeJS.Signals): void => killGroup(child.pid, signal, () => child.kill(signal));
  const forget = running.add(kill);
  let late = false;
  let hardKill: NodeJS.Timeout | undefined;
  const deadline = setTimeout(() => {
    late = true;
    kill('SIGTERM');
    hardKill = setTimeout(() => kill('SIGKILL'), graceMs);
  }, request.timeoutMs ?? defaultTimeoutMs);

  const ending = await new Promise<Ending>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', (error) => resolve({ error }));
    // A setuid program (sudo) cannot be killed by a plain user: it is left behind rather than waited for.
    const giveUp = (request.timeoutMs ?? defaultTimeoutMs) + graceMs + lingerMs;
    setTimeout(() => resolve({ code: null, signal: 'SIGKILL' }), giveUp).unref();
  });
  clearTimeout(deadline);
  clearTimeout(hardKill);
  if (late) kill('SIGKILL');
  await Promise.race([Promise.all([stdout.ended, stderr.ended]), pause(lingerMs)]);
  forget();
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();

  if (late) return { outcome: 'timed-out', stdout: stdout.text(), stderr: stderr.text() };
  if ('error' in ending) return failure(ending.error);
  if (running.stopped()) return { outcome: 'failed', message: 'interrupted' };
  if (ending.code === null) return { outcome: 'failed', message: `ended by ${ending.signal ?? 'a signal'}` };
  return {
    outcome: 'exited',
    exitCode: ending.code,
    stdout: stdout.text(),
    stderr: stderr.text(),
    truncated: stdout.truncated() || stderr.truncated(),
  };
}

type Ending = { code: number | null; signal: NodeJS.Signals | null } | { error: Error };

function killGroup(pid: number | undefined, signal: NodeJS.Signals, killOne: () => void): void {
  if (pid === undefined) return;
  try {
    if (process.platform === 'win32') killOne();
    else process.kill(-pid, signal);
  } catch {
    // Gone already, or not ours to kill.
  }
}

function failure(error: unknown): RunResult {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return { outcome: 'not-found' };
  if (code === 'EACCES' || code === 'EPERM') return { outcome: 'denied' };
  return { outcome: 'failed', message: message.split('\n', 1)[0] ?? 'unknown error' };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
