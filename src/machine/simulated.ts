import { Buffer } from 'node:buffer';
import type {
  ConnectRequest,
  ConnectResult,
  HttpRequest,
  HttpResult,
  Identity,
  ListResult,
  Machine,
  NetworkFailure,
  ReadOptions,
  ReadResult,
  ResolveResult,
  RunRequest,
  RunResult,
} from './machine.ts';
import { memoryWriter } from './simulated/memory-writer.ts';
import { memoryFiles } from './simulated/memory-files.ts';
import type { FileScript, MemoryFiles } from './simulated/memory-files.ts';

/** One answer, or one for each time it is asked (the last one stays), or a function of what was asked. */
type Script<Request, Answer> =
  | Answer
  | readonly Answer[]
  | ((request: Request, machine: Simulated) => Answer);

/**
 * Standard output of a program that exited with 0, or what differs from that. The texts `not-found` and `denied` are
 * those outcomes.
 */
export type RunScript =
  | string
  | { stdout?: string; stderr?: string; exitCode?: number; truncated?: boolean }
  | RunResult;

type ConnectScript = 'connected' | NetworkFailure | ConnectResult;
type ResolveScript = readonly string[] | ResolveResult;
/** A status with a body (JSON when not a string), or another outcome by its name. */
export type HttpScript =
  | {
      status: number;
      body?: unknown;
      headers?: Record<string, string>;
      address?: string;
      bodyTruncated?: boolean;
    }
  | NetworkFailure
  | HttpResult;

export interface SimulationScript {
  vantage?: string;
  identity?: Partial<Identity>;
  /** Milliseconds since 1970, or a clock. Default: 2026-01-01, standing still. */
  now?: number | (() => number);
  /** By command line, its arguments joined with one blank: `{'iptables-save -c': text}`. Others are `not-found`. */
  run?:
    | Record<string, Script<RunRequest, RunScript>>
    | ((request: RunRequest, machine: Simulated) => RunScript);
  /** By path: the text, or `{text, mode, uid, gid}`, or `'denied'`. Other paths are absent. Folders follow from the paths. */
  files?: Record<string, FileScript>;
  /** By `host:port`. Others are refused. */
  connect?: Record<string, Script<ConnectRequest, ConnectScript>>;
  /** By name. Others are not found. Literal addresses resolve to themselves. */
  resolve?: Record<string, Script<string, ResolveScript>>;
  /**
   * By `METHOD URL`, `URL` (any method), or for a local socket `METHOD SOCKETPATH PATH?QUERY`, `SOCKETPATH PATH?QUERY`.
   * Others are refused.
   */
  request?: Record<string, Script<HttpRequest, HttpScript>>;
  /** Machines given for {@link Machine.enter} in place of built ones, by vantage point. */
  inside?: Record<string, Machine>;
  /** False leaves `writer` undefined, as in a replay. */
  writable?: boolean;
}

/** A machine made from values, which remembers what it was asked. */
export interface Simulated extends Machine {
  /** Its files as they are now; handlers of commands may change them. */
  readonly files: MemoryFiles;
  /** Everything asked, in order: `run ss -ltn`, `read /etc/hosts`, `GET http://…`; changes as `change …`, `write …`. */
  readonly asked: string[];
  /** Command lines that the writer ran, in order. */
  readonly changes: string[];
}

const newYear2026 = Date.UTC(2026, 0, 1);

/** What a simulated machine is unless told otherwise: root on a plain Linux host. */
export const simulatedIdentity: Identity = {
  platform: 'linux',
  environment: 'native',
  arch: 'x64',
  release: '6.12.0',
  hostname: 'lab',
  elevated: true,
  user: 'root',
  uid: 0,
  home: '/root',
  env: {},
};

/** Builds a machine for tests: no process, file or socket of the real one is touched. */
export function simulate(script: SimulationScript = {}): Simulated {
  const asked: string[] = [];
  const changes: string[] = [];
  const files = memoryFiles(script.files ?? {});
  const times = new Map<string, number>();

  function answer<Request, Answer>(
    scripts: Record<string, Script<Request, Answer>> | undefined,
    keys: string[],
    request: Request,
  ): Answer | undefined {
    for (const key of keys) {
      if (scripts === undefined || !Object.hasOwn(scripts, key)) continue;
      const found = scripts[key] as Script<Request, Answer>;
      if (typeof found === 'function') {
        return (found as (request: Request, machine: Simulated) => Answer)(request, machine);
      }
      if (!Array.isArray(found)) return found as Answer;
      const nth = times.get(key) ?? 0;
      times.set(key, nth + 1);
      return (found as readonly Answer[])[Math.min(nth, found.length - 1)];
    }
    return undefined;
  }

  function runScripted(request: RunRequest): RunResult {
    const line = request.argv.join(' ');
    const found =
      typeof script.run === 'function' ? script.run(request, machine) : answer(script.run, [line], request);
    return runResult(found ?? 'not-found');
  }

  const machine: Simulated = {
    vantage: script.vantage ?? 'host',
    identity: { ...simulatedIdentity, ...script.identity },
    files,
    asked,
    changes,
    async run(request: RunRequest): Promise<RunResult> {
      asked.push(`run ${request.argv.join(' ')}`);
      return runScripted(request);
    },
    async read(path: string, options: ReadOptions = {}): Promise<ReadResult> {
      asked.push(`read ${path}`);
      return files.read(path, options.maxBytes ?? Number.POSITIVE_INFINITY);
    },
    async list(path: string): Promise<ListResult> {
      asked.push(`list ${path}`);
      return files.list(path);
    },
    async connect(request: ConnectRequest): Promise<ConnectResult> {
      const target = `${request.host}:${request.port}`;
      asked.push(`connect ${target}`);
      const found = answer(script.connect, [`connect ${target}`, target], request) ?? 'refused';
      if (typeof found !== 'string') return found;
      if (found === 'connected') return { outcome: 'connected', address: request.host, elapsedMs: 1 };
      return { outcome: found, detail: found, address: request.host, elapsedMs: 1 };
    },
    async resolve({ name }): Promise<ResolveResult> {
      asked.push(`resolve ${name}`);
      if (/^[\d.]+$|:/.test(name)) return { outcome: 'resolved', addresses: [name] };
      const found = answerToResolve(script.resolve, name);
      if (found === undefined) return { outcome: 'name-not-found', detail: 'name not found (ENOTFOUND)' };
      return isAddresses(found) ? { outcome: 'resolved', addresses: [...found] } : found;
    },
    async request(request: HttpRequest): Promise<HttpResult> {
      const method = request.method ?? 'GET';
      const target = targetOf(request);
      asked.push(`${method} ${target}`);
      return httpResult(answer(script.request, [`${method} ${target}`, target], request) ?? 'refused');
    },
    now: () => (typeof script.now === 'function' ? script.now() : (script.now ?? newYear2026)),
    enter: (vantage, build) => script.inside?.[vantage] ?? build(machine),
    writer:
      script.writable === false
        ? undefined
        : memoryWriter(files, asked, (request) => {
            changes.push(request.argv.join(' '));
            return runScripted(request);
          }),
  };

  function answerToResolve(
    scripts: Record<string, Script<string, ResolveScript>> | undefined,
    name: string,
  ): ResolveScript | undefined {
    const found = scripts !== undefined && Object.hasOwn(scripts, name) ? scripts[name] : undefined;
    // A list of addresses is one answer here, not one for each time.
    if (Array.isArray(found) && isAddresses(found)) return found;
    return answer(scripts, [name], name);
  }
  return machine;
}

function isAddresses(found: unknown): found is readonly string[] {
  return Array.isArray(found) && found.every((one) => typeof one === 'string');
}

function runResult(found: RunScript): RunResult {
  if (found === 'not-found' || found === 'denied') return { outcome: found };
  if (typeof found === 'string') return runResult({ stdout: found });
  if ('outcome' in found) return found;
  return { outcome: 'exited', exitCode: 0, stdout: '', stderr: '', truncated: false, ...found };
}

function targetOf(request: HttpRequest): string {
  if (request.socketPath === undefined) return request.url;
  const url = new URL(request.url);
  return `${request.socketPath} ${url.pathname}${url.search}`;
}

function httpResult(found: HttpScript): HttpResult {
  if (typeof found === 'string') return { outcome: found, detail: found, elapsedMs: 1 };
  if ('outcome' in found) return found;
  const { status, body, headers, address, bodyTruncated } = found;
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  return {
    outcome: 'answered',
    status,
    headers: { 'content-type': type, 'content-length': String(Buffer.byteLength(text)), ...headers },
    body: text,
    bodyTruncated: bodyTruncated ?? false,
    elapsedMs: 1,
    ...(address === undefined ? {} : { address }),
  };
}
