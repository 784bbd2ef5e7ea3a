import { spawn } from 'node:child_process';

export interface ExecResult {
  stdout: string;
  stderr: string;
  /** The exit code; 128 + the signal's number when a signal ended it; 124 when `timeoutMs` ran out. */
  exitCode: number;
}

export interface RunOptions {
  input?: string;
  /** The whole environment of the command; the caller's own when left out. */
  env?: Record<string, string>;
  cwd?: string;
  timeoutMs?: number;
}

/** A command that still runs: `kill` signals its whole process group, `done` never rejects. */
export interface Running {
  pid: number;
  kill: (signal?: NodeJS.Signals) => void;
  done: Promise<ExecResult>;
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGPIPE: 13,
  SIGTERM: 15,
};

/**
 * Starts a command in a process group of its own.
 * Throws when there is no such program; after that nothing throws.
 */
export function start(argv: readonly string[], options: RunOptions = {}): Running {
  const [file, ...args] = argv;
  if (file === undefined) throw new Error('start: an empty command');
  const child = spawn(file, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const kill = (signal: NodeJS.Signals = 'SIGKILL'): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It ended by itself in the meantime.
    }
  };
  const done = new Promise<ExecResult>((resolve) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let timedOut = false;
    let settled = false;
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            kill();
          }, options.timeoutMs);
    const settle = (exitCode: number): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      resolve({ stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), exitCode });
    };
    const codeOf = (code: number | null, signal: NodeJS.Signals | null): number =>
      timedOut ? 124 : (code ?? 128 + (signal === null ? 0 : (signalNumbers[signal] ?? 0)));
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => {
      // It did not want its input.
    });
    child.on('error', (error) => {
      err.push(Buffer.from(String(error)));
      settle(127);
    });
    child.on('close', (code, signal) => settle(codeOf(code, signal)));
    // A daemon it left behind may hold the pipes open for good.
    child.on('exit', (code, signal) => setTimeout(() => settle(codeOf(code, signal)), 500).unref());
    child.stdin.end(options.input ?? '');
  });
  return { pid: child.pid ?? -1, kill, done };
}

/** Runs a command to its end. Never throws: a program that is missing is exit code 127. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<ExecResult> {
  return start(argv, options).done;
}

/** Runs a command and returns its standard output. Throws, with what it printed, when it fails. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await run(argv, options);
  if (result.exitCode !== 0) {
    throw new Error(
      `${argv.join(' ')}: exit ${result.exitCode}\n${result.stdout.slice(-2000)}\n${result.stderr.slice(-2000)}`,
    );
  }
  return result.stdout;
}
