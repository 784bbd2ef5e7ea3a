/** How an Ollama server is started on this host, what it was told, and what it does. Filled by a platform. */
export interface OllamaService {
  manager: ServiceManager;
  /** The name its manager knows it by: `ollama.service`, `sh.brew.ollama`. */
  name: string;
  /** How a server without a service manager was started, in words that stand behind `started`: `by hand, in tmux`. */
  startedBy?: string;
  /** The user it runs as, or whose own service it is, where that is known. */
  user?: string;
  state: 'running' | 'stopped' | 'failed' | 'crash-loop' | 'starting' | 'unknown';
  /** Starts at boot or login. */
  startsAtBoot: boolean | 'masked' | 'unknown';
  /** Of a user's own service: whether that user's manager starts at boot, and not first as the user logs in. */
  lingers?: boolean;
  /** The main process, when it runs. */
  pid?: number;
  /** True when the manager no longer tries to start it (systemd's start limit). */
  gaveUp?: boolean;
  /** Restarts that the manager counted (systemd's NRestarts). */
  restarts?: number;
  /** Exit status of the last run, when it ended by itself. */
  lastExitStatus?: number;
  /** Every place that says something about an OLLAMA_ variable, in the order its manager reads them. */
  settings: Setting[];
  /** The value of OLLAMA_HOST that the configuration on disk gives; undefined when nothing sets it. */
  configuredHost?: string;
  /** It may be told what no file here says: a file could not be read, or a script starts the server. */
  mayBeToldElsewhere?: true;
  /** What the running process has: present when its environment could be read. `value` is absent when unset there. */
  processHost?: { value?: string; source: string };
  /** Files changed since the manager read them (systemd's NeedDaemonReload). */
  needsReload: boolean;
  /** The file that defines the service, and the additions to it in the order they apply. */
  definition?: string;
  dropIns: string[];
  /** For a quadlet: the line that publishes its port on this host. */
  publishedBy?: { file: string; line: number; text: string };
  /** Last log lines, oldest first, only those the doctor understands (listening, server config, errors, panics). */
  log: string[];
  /** Why it is not running, read from the log, when it is clear. Also where it is between two attempts. */
  failure?: ServiceFailure;
}

export type ServiceManager =
  | 'systemd'
  | 'systemd-user'
  | 'launchd'
  | 'brew-services'
  | 'mac-app'
  | 'windows-app'
  | 'windows-service'
  | 'openrc'
  | 'runit'
  | 'snap'
  | 'nixos'
  /** A container that systemd starts from a Podman quadlet (podman-systemd.unit(5)). */
  | 'quadlet'
  /** No manager: a shell, a terminal multiplexer, cron, or a supervisor that the doctor knows by name alone. */
  | 'by-hand';

export interface ServiceFailure {
  kind:
    | 'port-in-use'
    | 'bad-origins'
    | 'permission'
    | 'low-port'
    | 'bad-address'
    | 'missing-binary'
    | 'missing-library'
    | 'missing-user'
    | 'out-of-memory'
    /** Ended by a signal, and nobody said why. */
    | 'killed'
    | 'other';
  /** The log line that says so. */
  line: string;
}

/** One assignment of one variable in one place. */
export interface Setting {
  variable: string;
  value: string;
  /** `/etc/systemd/system/ollama.service`, with the line from 1. */
  file: string;
  line: number;
  /** The line as it stands in the file. */
  text: string;
  kind: 'environment' | 'environment-file';
  status: 'in-force' | 'overridden' | 'ignored';
  /** For `overridden`: what won (`FILE:LINE`); for `ignored`: why the manager ignores it. */
  because?: string;
}

/**
 * Sources of the evidence that comes with "no service here": whether the program is installed all the same (`text` is
 * its path), and each server that runs without one, started by hand or in a container (`text` is process id and command
 * line).
 */
export const serviceEvidence = {
  program: 'installed program',
  process: 'running process',
  containerProcess: 'running process in a container',
} as const;
