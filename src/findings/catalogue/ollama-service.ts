import type { Group } from '../entry.ts';

/** Codes of the check `ollama-service`: whether Ollama is set up to run here, and runs as it was told to. */
export const ollamaService = {
  'not-installed': {
    title: 'Ollama is not installed here',
    meaning:
      'Nothing answers where Ollama should be, and no service, program or container that could be it was found on this host. A client can only be served by an Ollama somewhere else.',
    look: [
      {
        on: 'linux',
        command: 'systemctl status ollama; command -v ollama',
        tells: 'neither a unit nor a program is found',
      },
      {
        on: 'macos',
        command: 'ls /Applications/Ollama.app; command -v ollama',
        tells: 'neither the app nor the program is found',
      },
      { command: 'curl http://127.0.0.1:11434/api/version', tells: 'refused: nobody listens' },
    ],
    mend: 'Install it from https://ollama.com/download, or give the client the URL of the machine that runs it. If it listens elsewhere, say where with --url.',
    recipes: [],
  },
  'not-running': {
    title: 'Ollama is installed, and not running',
    meaning:
      'Ollama is set up on this host, but its service is stopped, so every connection to its port is refused. That looks to a client just like a wrong address.',
    look: [
      { on: 'linux', command: 'systemctl status ollama', tells: 'Active: inactive (dead), or failed' },
      { on: 'macos', command: 'pgrep -fl ollama', tells: 'no process' },
      { on: 'windows', command: 'tasklist /fi "imagename eq ollama.exe"', tells: 'no process' },
    ],
    mend: 'Start it: `systemctl enable --now ollama` on Linux, the Ollama app elsewhere. If it stops again, its log says why: `journalctl -u ollama -e`.',
    recipes: ['start-service'],
  },
  'crash-loop': {
    title: 'Ollama starts, fails, and starts again',
    meaning:
      'The service manager starts Ollama over and over, and each time it ends within seconds. For the moments it lives a client may even get through; mostly it is refused. The reason stands in its log, near the end of each try.',
    look: [
      {
        on: 'linux',
        command: 'systemctl show ollama -p NRestarts -p ExecMainStatus',
        tells: 'a number of restarts that grows',
      },
      { on: 'linux', command: 'journalctl -u ollama -n 50', tells: 'the same error before each restart' },
    ],
    mend: 'Mend what the log names. Often it is an entry of OLLAMA_ORIGINS without `http://` or `*` (Ollama panics on it), a models folder its user may not write, or a port below 1024, which `OLLAMA_HOST=http://0.0.0.0` means without saying so; that port has a recipe, and so has an entry of which it is plain what was meant.',
    recipes: ['set-port', 'bind-all-interfaces', 'mend-origins'],
  },
  'config-ignored': {
    title: 'A setting of Ollama is written, and not in force',
    meaning:
      'A line says what Ollama should do, and the service manager skips it: it has typographic quotes, stands outside [Service], or was never read since the file changed (a reload, then a restart, are needed). Ollama runs with what it had before, or with its default, which is loopback only.',
    look: [
      {
        on: 'linux',
        command: 'systemctl show ollama -p Environment -p NeedDaemonReload',
        tells: 'the value is missing, or NeedDaemonReload=yes',
      },
      {
        on: 'linux',
        command: 'systemd-analyze verify ollama.service',
        tells: 'Invalid environment assignment, ignoring, or Assignment outside of section',
      },
    ],
    mend: 'Write the setting where it counts: `systemctl edit ollama.service`, a line `[Service]`, then `Environment="OLLAMA_HOST=…"` with plain quotes; then `systemctl daemon-reload` and `systemctl restart ollama`.',
    recipes: ['bind-all-interfaces'],
  },
  'config-overridden': {
    title: 'A setting of Ollama is overridden by another one',
    meaning:
      'The same variable is set in more than one place, and the one you see is not the one that wins. In systemd a later Environment= line beats an earlier one, drop-ins come after the unit in the order of their names, and an EnvironmentFile= beats both.',
    look: [
      { on: 'linux', command: 'systemctl cat ollama', tells: 'OLLAMA_HOST more than once; the last counts' },
      {
        on: 'linux',
        command: 'systemctl show ollama -p Environment -p EnvironmentFiles',
        tells: 'the value in force, and files that beat it',
      },
    ],
    mend: 'Keep the setting in one place: remove the line that should not win, or change it there, then `systemctl daemon-reload` and `systemctl restart ollama`.',
    recipes: ['bind-all-interfaces'],
  },
} as const satisfies Group;
