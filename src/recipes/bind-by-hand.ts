import type { OllamaService } from '../facts/service.ts';

/**
 * How a person has Ollama listen on every address where a program cannot change it safely, with the warning that goes
 * with it. Where each manager keeps the variable: the project's own pages and each package's files.
 */
export function bindByHand(
  service: OllamaService | undefined,
  port: number,
): { reason: string; instructions: string[] } {
  const value = `0.0.0.0:${port}`;
  const close = `then close port ${port} to everyone but your containers: Ollama has no authentication`;
  if (!service)
    return {
      reason: 'Ollama runs here without a service, so there is no place of its own for its settings',
      instructions: [`end it and start it again as: OLLAMA_HOST=${value} ollama serve`, close],
    };
  switch (service.manager) {
    case 'systemd':
      return {
        reason: `what listens on port ${port} was not started by ${service.name}`,
        instructions: [
          'see who listens: sudo ss -ltnp',
          `end it, then: sudo systemctl start ${service.name}`,
        ],
      };
    case 'systemd-user':
      return {
        reason: `${service.name} is a user's own service, which cannot close the port before it opens it`,
        instructions: [
          `systemctl --user edit ${service.name}, with the lines: [Service] and Environment="OLLAMA_HOST=${value}"`,
          `systemctl --user restart ${service.name}`,
          close,
        ],
      };
    case 'nixos':
      return {
        reason: 'on NixOS the configuration is generated, and a file written here would be lost',
        instructions: [
          `in configuration.nix: services.ollama.host = "0.0.0.0"; services.ollama.port = ${port};`,
          'sudo nixos-rebuild switch',
          'leave services.ollama.openFirewall off, and let in the containers only: networking.firewall.extraInputRules',
        ],
      };
    case 'snap':
      return {
        reason: 'the snap sets OLLAMA_HOST itself, so a drop-in would not count',
        instructions: [`sudo snap set ollama host=${value}`, close],
      };
    case 'openrc':
      return {
        reason: 'this version does not change OpenRC services',
        instructions: [
          `in /etc/conf.d/ollama: export OLLAMA_HOST=${value}`,
          `sudo rc-service ${service.name} restart`,
          close,
        ],
      };
    case 'runit':
      return {
        reason: 'this version does not change runit services',
        instructions: [
          `in ${service.definition ?? '/etc/sv/ollama/run'}, ahead of exec: export OLLAMA_HOST=${value}`,
          `sudo sv restart ${service.name}`,
          close,
        ],
      };
    case 'launchd':
    case 'brew-services':
    case 'mac-app':
      return {
        reason: 'this version does not change settings on macOS',
        instructions: [
          `launchctl setenv OLLAMA_HOST ${value}, then start Ollama again (Docker Desktop needs none of this)`,
          close,
        ],
      };
    case 'windows-app':
    case 'windows-service':
      return {
        reason: 'this version does not change settings on Windows',
        instructions: [`setx OLLAMA_HOST ${value}, then quit Ollama and start it again`, close],
      };
  }
}
