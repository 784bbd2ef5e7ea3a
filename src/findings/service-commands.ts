import type { OllamaService } from '../facts/service.ts';

/** What a person types about a service, in its manager's own words. */
export interface ServiceCommands {
  start: string;
  restart: string;
  /** Absent where nothing starts it at boot by itself. */
  enable?: string;
  /** Where its last words are. */
  log?: string;
}

/** The commands for a service. Those of systemd take a unit of the system's manager for granted where none is named. */
export function commandsFor({ manager, name, user, pid, definition }: OllamaService): ServiceCommands {
  switch (manager) {
    case 'nixos':
    case 'systemd':
    case 'quadlet':
    case 'systemd-user':
      return user === undefined ? ofSystem(name) : ofUser(name, user);
    case 'brew-services':
      return {
        start: 'brew services start ollama',
        restart: 'brew services restart ollama',
        ...(definition?.endsWith('.plist') === true
          ? {}
          : { log: 'tail -n 50 "$(brew --prefix)/var/log/ollama.log"' }),
      };
    case 'openrc':
      return {
        start: `sudo rc-service ${name} start`,
        restart: `sudo rc-service ${name} restart`,
        enable: `sudo rc-update add ${name} default`,
        log: 'tail -n 50 /var/log/ollama/ollama.log',
      };
    case 'runit':
      return {
        start: `sudo sv start ${name}`,
        restart: `sudo sv restart ${name}`,
        enable: `sudo ln -s ${(definition ?? `/etc/sv/${name}/run`).replace(/\/run$/u, '')} /var/service/`,
      };
    case 'snap':
      return {
        start: 'sudo snap start ollama',
        restart: 'sudo snap restart ollama',
        enable: 'sudo snap start --enable ollama',
        log: 'sudo snap logs ollama -n 50',
      };
    case 'windows-service':
      return { start: `sc start ${name}`, restart: `sc stop ${name} && sc start ${name}` };
    case 'mac-app':
    case 'windows-app':
      return { start: 'start the Ollama app', restart: 'quit the Ollama app and start it again' };
    case 'launchd':
      return { start: `launchctl kickstart ${name}`, restart: `launchctl kickstart -k ${name}` };
    case 'by-hand':
      return {
        start: 'ollama serve',
        restart: pid === undefined ? 'ollama serve' : `kill ${pid}, then start it again as it was started`,
      };
  }
}

function ofSystem(name: string): ServiceCommands {
  return {
    start: `sudo systemctl start ${name}`,
    restart: `sudo systemctl restart ${name}`,
    enable: `sudo systemctl enable ${name}`,
    log: `journalctl -u ${name} -n 50`,
  };
}

/** A user's own manager listens to that user, and to root by `--machine` (systemctl(1)). */
function ofUser(name: string, user: string): ServiceCommands {
  return {
    start: `as ${user}: systemctl --user start ${name}`,
    restart: `as ${user}: systemctl --user restart ${name}`,
    enable: `as ${user}: systemctl --user enable ${name}; and for a start at boot: sudo loginctl enable-linger ${user}`,
    log: `as ${user}: journalctl --user -u ${name} -n 50`,
  };
}

/** Who starts it, in words that stand behind a service's name: `OpenRC`. */
export function managerInWords({ manager, user, startedBy }: OllamaService): string {
  switch (manager) {
    case 'systemd':
      return 'systemd';
    case 'systemd-user':
      return user === undefined ? "a user's own systemd" : `${user}'s own systemd`;
    case 'quadlet':
      return 'systemd, from a Podman quadlet';
    case 'nixos':
      return 'NixOS';
    case 'snap':
      return 'its snap';
    case 'openrc':
      return 'OpenRC';
    case 'runit':
      return 'runit';
    case 'brew-services':
      return user === undefined ? 'Homebrew' : `${user}'s Homebrew`;
    case 'launchd':
      return 'launchd';
    case 'mac-app':
    case 'windows-app':
      return 'the Ollama app';
    case 'windows-service':
      return 'Windows';
    case 'by-hand':
      return startedBy ?? 'by hand';
  }
}
