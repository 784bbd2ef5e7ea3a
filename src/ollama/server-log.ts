import type { ServiceFailure } from '../facts/service.ts';

/** What a server's log says, as far as the doctor understands it. */
export interface ServerLog {
  /** The lines understood, oldest first, without what they say of other variables. At most 20. */
  lines: string[];
  /** OLLAMA_HOST of the last start as the server itself logged it: `http://0.0.0.0:11434`. */
  configuredHost?: string;
  /** The address of the last start's `Listening on`: `[::]:11434`, `127.0.0.1:11434`. */
  listeningOn?: string;
  /** Why the last start failed; absent when it came to listen. */
  failure?: ServiceFailure;
  /** Why the one before it failed, where the last start has come to nothing yet; also when systemd gave up by then. */
  recentFailure?: ServiceFailure;
}

const maxLines = 20;

/**
 * Words of a log that say why a server does not run, in the order they are looked for. Ollama's own are from its source
 * (cmd/cmd.go, server/routes.go, gin-contrib/cors), systemd's from src/core/ of its source.
 */
const failures: readonly [ServiceFailure['kind'], RegExp][] = [
  ['port-in-use', /bind: address already in use|Only one usage of each socket address/u],
  ['bad-origins', /panic: (?:bad origin|only one \* is allowed)/u],
  ['low-port', /listen tcp .*bind: permission denied/u],
  [
    'bad-address',
    /bind: cannot assign requested address|listen tcp\S* ?lookup .*(?:no such host|misbehaving|server)/u,
  ],
  ['bad-address', /listen tcp\b.*(?:lookup |too many colons|missing port|invalid)/u],
  ['missing-library', /error while loading shared libraries/u],
  [
    'missing-binary',
    /Failed at step EXEC|Failed to (?:locate executable|execute)|Unable to locate executable|status=203\/EXEC/u,
  ],
  ['missing-user', /Failed to determine user credentials|Failed at step (?:USER|GROUP)|status=21[67]\//u],
  [
    'out-of-memory',
    /result 'oom-kill'|killed by the OOM killer|fatal error: (?:runtime: )?(?:out of memory|cannot allocate memory|failed to reserve page summary memory)/u,
  ],
  [
    'permission',
    /permission denied|read-only file system|Failed at step (?:CHDIR|STATE_DIRECTORY|NAMESPACE)|status=200\/CHDIR/iu,
  ],
  // systemd stops a service by TERM itself.
  ['killed', /Main process exited, code=(?:killed|dumped), status=(?!15\/)\d+\/[A-Z]+/u],
  ['other', /Failed to load environment files|^panic: |^Error: /u],
];

/** What systemd logs around one run of a service; what failed before it is history. */
const newAttempt = /^(?:Start(?:ed|ing)|Stopp(?:ed|ing)) |: Scheduled restart job/u;

const understood =
  /Listening on |server config|invalid port|Invalid environment assignment|Assignment outside of section|Unknown key|Missing '='|Start request repeated too quickly|Main process exited|Failed with result/u;

/**
 * Reads the log of `ollama serve` and of what starts it (`journalctl -o cat`, server.log), oldest line first. Bounded by
 * the text given; never throws.
 */
export function readServerLog(text: string): ServerLog {
  const log: ServerLog = { lines: [] };
  const lines = new Set<string>();
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\p{Cc}+/gu, ' ').trim();
    const host = /msg="server config" env="map\[.*?\bOLLAMA_HOST:([^\s\]]*)/u.exec(line)?.[1];
    const listening = /Listening on (\S+?) \(version/u.exec(line)?.[1];
    const kind = line.startsWith('[GIN]')
      ? undefined
      : failures.find(([, pattern]) => pattern.test(line))?.[0];
    if (host !== undefined) log.configuredHost = host;
    if (listening !== undefined) log.listeningOn = listening;
    if (newAttempt.test(line) && log.failure) {
      log.recentFailure = log.failure;
      delete log.failure;
    }
    if (listening !== undefined) {
      delete log.failure;
      delete log.recentFailure;
    }
    if (kind === undefined && !understood.test(line) && !newAttempt.test(line)) continue;
    const shown = host === undefined ? line.slice(0, 300) : `server config: ${ollamaVariables(line)}`;
    // The same line comes again with every attempt.
    lines.delete(shown);
    lines.add(shown);
    // What comes first is the reason, what follows is what others make of it.
    if (kind !== undefined && (!log.failure || certainty(kind) > certainty(log.failure.kind))) {
      log.failure = { kind, line: shown };
    }
  }
  log.lines = [...lines].slice(-maxLines);
  return log;
}

/** A reason says more than the signal, the signal more than a line nobody here understands. */
function certainty(kind: ServiceFailure['kind']): number {
  return kind === 'other' ? 0 : kind === 'killed' ? 1 : 2;
}

/** Of the environment that Ollama logs at its start, what decides how it is reached; proxies may hold passwords. */
function ollamaVariables(line: string): string {
  const wanted = /\b(?:OLLAMA_HOST:[^\s\]]*|OLLAMA_ORIGINS:\[[^\]]*\]|OLLAMA_MODELS:[^\s\]]*)/gu;
  return [...line.matchAll(wanted)].map(([match]) => match).join(' ');
}
