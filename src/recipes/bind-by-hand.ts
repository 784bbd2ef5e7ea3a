import type { Container } from '../facts/containers.ts';
import type { OllamaService } from '../facts/service.ts';
import { joinHostPort } from '../ollama/go-host-port.ts';
import { commandsFor, managerInWords } from '../findings/service-commands.ts';
import { setByHand } from '../findings/set-by-hand.ts';

/**
 * How a person has Ollama listen on every address where a program cannot change it safely, with the warning that goes
 * with it. Where each manager keeps the variable: the project's own pages and each package's files.
 */
export function bindByHand(
  service: OllamaService | undefined,
  port: number,
  host = '0.0.0.0',
): { reason: string; instructions: string[] } {
  const value = joinHostPort(host, port);
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
    case 'openrc':
    case 'runit':
      return {
        reason: reasonOf(service),
        instructions: [...setByHand(service, { variable: 'OLLAMA_HOST', value }), close],
      };
    case 'quadlet':
      return {
        reason: `${service.name} is made from ${service.definition ?? 'a .container file'}, and what is written into the unit is lost`,
        instructions: [
          `in ${service.definition ?? 'the .container file'}, section [Container]: PublishPort=${port}:11434, and no OLLAMA_HOST but 0.0.0.0:11434`,
          `${service.user === undefined ? 'sudo systemctl' : `${asUser(service)}systemctl --user`} daemon-reload`,
          commandsFor(service).restart,
          close,
        ],
      };
    case 'by-hand':
      return {
        reason: `Ollama was started ${managerInWords(service)}, so there is no place of its own for its settings`,
        instructions: [
          `end it (${service.pid === undefined ? 'see ps' : `kill ${service.pid}`}) and start it again the same way with OLLAMA_HOST=${value} in front: OLLAMA_HOST=${value} ollama serve`,
          'what should last is a service: https://docs.ollama.com/linux says how',
          close,
        ],
      };
    case 'nixos':
      return {
        reason: 'on NixOS the configuration is generated, and a file written here would be lost',
        instructions: [
          `in configuration.nix: services.ollama.host = "${host}"; services.ollama.port = ${port};`,
          'sudo nixos-rebuild switch',
          'leave services.ollama.openFirewall off, and let in the containers only: networking.firewall.extraInputRules',
        ],
      };
    case 'snap':
      return {
        reason: 'the snap sets OLLAMA_HOST itself, so a drop-in would not count',
        instructions: [`sudo snap set ollama host=${value}`, close],
      };
    case 'brew-services':
      if (service.definition?.endsWith('.plist') !== true)
        return {
          reason: reasonOf(service),
          instructions: [...setByHand(service, { variable: 'OLLAMA_HOST', value }), close],
        };
      return onMacOs(value, close);
    case 'launchd':
    case 'mac-app':
      return onMacOs(value, close);
    case 'windows-app':
    case 'windows-service':
      return {
        reason: 'this version does not change settings on Windows',
        instructions: [`setx OLLAMA_HOST ${value}, then quit Ollama and start it again`, close],
      };
  }
}

function onMacOs(value: string, close: string): { reason: string; instructions: string[] } {
  return {
    reason: 'this version does not change settings on macOS',
    instructions: [
      `launchctl setenv OLLAMA_HOST ${value}, then start Ollama again (Docker Desktop needs none of this)`,
      close,
    ],
  };
}

function asUser({ user }: OllamaService): string {
  return user === undefined ? '' : `as ${user}: `;
}

/** Why a program leaves the setting alone there. */
function reasonOf({ manager, name, user }: OllamaService): string {
  if (manager === 'openrc') return `what listens was not started by ${name}`;
  if (manager === 'runit')
    return `${name}'s run script is a program of its own, which no other program rewrites`;
  const own = `${name} is ${user === undefined ? 'a user' : user}'s own service`;
  const how = user === undefined ? '' : `: run it as ${user}, with sudo, to have it done`;
  return `${own}, and nothing is written below another user's home${how}`;
}

/**
 * How a person publishes a container's port at every address. The published port is opened by the engine's own rules,
 * past those of INPUT, so who may come in is said with it (docs.docker.com, packet filtering and firewalls).
 */
export function publishByHand(
  { name, ports, compose }: Container,
  port: number,
): { reason: string; instructions: string[] } {
  const inside = ports.find(({ hostPort }) => hostPort === port)?.containerPort ?? 11_434;
  const where = [...new Set(ports.filter(({ hostPort }) => hostPort === port).map((one) => one.hostAddress))];
  return {
    reason: `the container ${name} publishes port ${port} at ${where.join(', ')} only, and no container is made anew by a program`,
    instructions: [
      'best: put both containers on one network, and ask for the server by its name there, which needs no published port',
      compose
        ? `or, in the compose file, under ports of ${compose.service}: "${port}:${inside}"; then: docker compose up -d ${compose.service}`
        : `or make it anew with -p ${port}:${inside}`,
      `a port published so is open to everybody who reaches this host, past the rules of INPUT: Ollama has no authentication`,
    ],
  };
}
