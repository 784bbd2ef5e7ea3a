/**
 * The one door to the outside. Everything that leaves the process (commands, files, sockets, names, HTTP) goes
 * through a {@link Machine}, so that a diagnosis can be recorded, replayed and tested with values.
 *
 * No method here throws for what the outside does: a missing tool, a refused connection or a hung command is a
 * result with an `outcome`. `not-recorded` comes only from a replay and means "could not look".
 */
export interface Machine {
  /** Where this machine stands: `host`, or a place inside it such as `container:web`. Part of a recording's keys. */
  readonly vantage: string;
  readonly identity: Identity;
  /** Runs a program by argument list, never through a shell, and waits for it. For looking only: changes go through {@link writer}. */
  run(request: RunRequest): Promise<RunResult>;
  /** Reads a text file (UTF-8; bytes that are not become U+FFFD). */
  read(path: string, options?: ReadOptions): Promise<ReadResult>;
  /** Names in a directory, sorted. */
  list(path: string): Promise<ListResult>;
  /** Opens a TCP connection and closes it. */
  connect(request: ConnectRequest): Promise<ConnectResult>;
  /** All addresses of a name as the system's own resolver gives them (hosts file included). */
  resolve(request: ResolveRequest): Promise<ResolveResult>;
  /** One HTTP request over TCP or a local socket. Follows no redirect and uses no proxy but the one named. */
  request(request: HttpRequest): Promise<HttpResult>;
  /** The clock, in milliseconds since 1970; a replay answers with the recorded time. */
  now(): number;
  /**
   * A machine reached through this one. `build` makes it from what it may use of this machine; a replay never calls
   * it, as what the inner machine saw is in the recording under `vantage`.
   */
  enter(vantage: string, build: (outside: Machine) => Machine): Machine;
  /** What may change the machine, or undefined where nothing may be changed (a replay). */
  readonly writer: Writer | undefined;
}

export type PlatformName = 'linux' | 'darwin' | 'win32';

/** Who and where the process is; recorded, so that a replay anywhere gives the same report. */
export interface Identity {
  platform: PlatformName;
  /** `native`, `wsl1`, `wsl2`, or `container` when the doctor itself runs in one. */
  environment: 'native' | 'wsl1' | 'wsl2' | 'container';
  arch: string;
  /** Kernel release (`uname -r`). */
  release: string;
  hostname: string;
  /** True for root, or an elevated token on Windows. */
  elevated: boolean;
  user: string;
  /** -1 where the platform has no numeric ids. */
  uid: number;
  home: string;
  /** The variables the doctor reads (see environment-variables.ts), and no others. */
  env: Readonly<Record<string, string>>;
  /** The user behind sudo, when there is one. */
  invokedBy?: { user: string; uid: number; home: string };
}

export interface RunRequest {
  /** Program and arguments. The program is looked up on PATH, and in the system's sbin folders. */
  argv: readonly [string, ...string[]];
  input?: string;
  /** Deadline in milliseconds; default 5000. */
  timeoutMs?: number;
  /** Bytes kept of each stream; default 4 MiB (32 MiB for rulesets is asked for by the caller). */
  maxBytes?: number;
  /** Variables added to the environment; LC_ALL=C is always set. */
  env?: Readonly<Record<string, string>>;
}

export type RunResult =
  | {
      outcome: 'exited';
      exitCode: number;
      stdout: string;
      stderr: string;
      /** True when output was cut off at maxBytes. */
      truncated: boolean;
    }
  | { outcome: 'not-found' }
  | { outcome: 'denied' }
  | { outcome: 'timed-out'; stdout: string; stderr: string }
  | { outcome: 'failed'; message: string }
  | NotRecorded;

export interface ReadOptions {
  /** Bytes read at the most; default 4 MiB. */
  maxBytes?: number;
}

export type ReadResult =
  | { outcome: 'read'; text: string; truncated: boolean }
  | { outcome: 'absent' }
  | { outcome: 'denied' }
  | { outcome: 'failed'; message: string }
  | NotRecorded;

export type ListResult =
  | { outcome: 'listed'; names: string[] }
  | { outcome: 'absent' }
  | { outcome: 'denied' }
  | { outcome: 'failed'; message: string }
  | NotRecorded;

export interface ConnectRequest {
  host: string;
  port: number;
  /** Default 3500 ms: an IPv6 reject shows only at the second SYN, one second in. */
  timeoutMs?: number;
}

/**
 * How an attempt to talk to a TCP server failed. `unavailable` means that the attempt could not be made (no tool in
 * the container, no permission), which says nothing about the server.
 */
export type NetworkFailure =
  | 'refused'
  | 'timeout'
  | 'host-unreachable'
  | 'network-unreachable'
  | 'reset'
  | 'name-not-found'
  | 'tls-mismatch'
  | 'not-http'
  | 'failed'
  | 'unavailable';

interface Attempt {
  /** The address tried last, without a port (`172.17.0.1`), where it is known. */
  address?: string;
  /** Milliseconds until the outcome was known. */
  elapsedMs: number;
  /** How the attempt was made when not from this process, for example `docker exec web python3`. */
  via?: string;
}

/** A failed attempt: `detail` says for people what the system said, `errno` is its own name for it (`ENOENT`, `EACCES`). */
interface Failure extends Attempt {
  outcome: NetworkFailure;
  detail: string;
  errno?: string;
}

export type ConnectResult = ({ outcome: 'connected' } & Attempt) | Failure | NotRecorded;

export interface ResolveRequest {
  name: string;
  timeoutMs?: number;
}

export type ResolveResult =
  | { outcome: 'resolved'; addresses: string[]; via?: string }
  | { outcome: 'name-not-found'; detail: string; via?: string }
  | { outcome: 'timeout' | 'failed' | 'unavailable'; detail: string; via?: string }
  | NotRecorded;

export interface HttpRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS';
  /** Absolute `http:` or `https:` URL. With `socketPath` its host is only the Host header. */
  url: string;
  /** A Unix socket or a Windows named pipe to use in place of TCP. */
  socketPath?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Deadline for the whole exchange in milliseconds; default 3500. */
  timeoutMs?: number;
  /** Bytes of the body kept; default 1 MiB. The rest is not read. */
  maxBytes?: number;
  /** `base64` keeps bytes that are not text (Docker's multiplexed streams). Default `text`. */
  bodyAs?: 'text' | 'base64';
  /** A forward proxy to send it through (`http://proxy:3128`). */
  proxy?: string;
  /**
   * A plain GET of the same server that will be asked next, when this one is answered. A place where each request is
   * dear (an exec in a container) may ask both on one connection and keep the answer. No part of a recording's keys.
   */
  next?: { url: string; maxBytes?: number };
  /** The longest silence within a body, in milliseconds; without it only {@link timeoutMs} ends one. */
  idleMs?: number;
  /** Told each piece of the body as it comes. A recording tells nothing. No part of a recording's keys. */
  onText?: (text: string) => void;
  /** `tail` reads a body to its end and keeps the last bytes of it (a download's progress). Default `head`. */
  keep?: 'head' | 'tail';
  /** Whether the answer says when each piece of its body came. */
  timeline?: true;
  /**
   * Whether the user's own headers (OLLAMA_DOCTOR_HEADER) go with it, from the host alone (src/machine/own-headers.ts).
   * No part of a recording's keys.
   */
  ownHeaders?: true;
}

export type HttpResult =
  | ({
      outcome: 'answered';
      status: number;
      /** Names in lower case; repeated headers joined with `, `. */
      headers: Record<string, string>;
      body: string;
      bodyTruncated: boolean;
      /** When pieces of the body came, in milliseconds since the request, with their bytes; at most 256 of them. */
      timeline?: { ms: number; bytes: number }[];
    } & Attempt)
  | Failure
  | NotRecorded;

export interface NotRecorded {
  outcome: 'not-recorded';
  /** Of a request: URLs with the same method and path that are recorded from that place; at most three. */
  recorded?: string[];
}

/** What a fix may do to a machine. Only `src/changes/` uses it. */
export interface Writer {
  /** Runs a command that changes something. */
  run(request: RunRequest): Promise<RunResult>;
  /** Everything needed to put the path back to the byte. */
  capture(path: string): Promise<FileState>;
  /**
   * Writes by temporary file, fsync and rename in the same directory; missing parents are made (mode 0755) and named
   * in the result, outermost first. Throws a {@link WriteError} on failure.
   */
  replace(path: string, content: string, attributes: FileAttributes): Promise<{ madeDirectories: string[] }>;
  /** Removes a file; absent is fine. Throws a {@link WriteError} on failure. */
  remove(path: string): Promise<void>;
  /** Removes a directory when it is empty; otherwise does nothing. */
  removeEmptyDirectory(path: string): Promise<void>;
  /** Appends to a file and syncs it to disk before returning (journals). Mode 0600 when created. */
  appendDurably(path: string, text: string): Promise<void>;
  /** Waits. Here so that tests with a simulated machine need not. */
  sleep(milliseconds: number): Promise<void>;
}

export interface FileAttributes {
  /** Permission bits, for example 0o644. */
  mode: number;
  uid?: number;
  gid?: number;
}

export type FileState =
  | { state: 'absent' }
  | { state: 'file'; contentBase64: string; mode: number; uid: number; gid: number }
  /** A symbolic link: its target, and the state of what it points at is captured under that path. */
  | { state: 'link'; target: string }
  | { state: 'other'; what: string };

/** A write that the machine refused. The message names the path and the reason. */
export class WriteError extends Error {
  override readonly name = 'WriteError';
}
