import { settingInForce } from '../facts/in-force.ts';
import type { OllamaService } from '../facts/service.ts';
import { commandsFor } from './service-commands.ts';

/**
 * How a person gives a server another value of one of its variables, by who starts it. Where each manager keeps them:
 * the project's own pages and each package's files.
 * @param service undefined where no service here starts it
 */
export function setByHand(
  service: OllamaService | undefined,
  { variable, value }: { variable: string; value: string },
): string[] {
  const assigned = `${variable}=${value}`;
  if (!service)
    return [
      `give the server ${assigned}, and start it again; a container is made anew with -e ${assigned}, or with that line under environment: of its compose file`,
    ];
  const { restart } = commandsFor(service);
  const known = settingInForce(service.settings, variable);
  const as = service.user === undefined ? '' : `as ${service.user}: `;
  switch (service.manager) {
    case 'systemd':
    case 'systemd-user': {
      const own = service.manager === 'systemd-user';
      if (known?.kind === 'environment-file')
        return [`change line ${known.line} of ${known.file} to: ${assigned}`, restart];
      const later = known === undefined ? '' : `, and take line ${known.line} of ${known.file} out`;
      return [
        `${own ? `${as}systemctl --user` : 'sudo systemctl'} edit ${service.name}, with the lines: [Service] and Environment="${assigned}"${later}`,
        restart,
      ];
    }
    case 'quadlet':
      return [
        `in ${service.definition ?? 'the .container file'}, section [Container]: Environment=${assigned}`,
        service.user === undefined ? 'sudo systemctl daemon-reload' : `${as}systemctl --user daemon-reload`,
        restart,
      ];
    case 'nixos':
      return [
        `in configuration.nix: services.ollama.environmentVariables.${variable} = "${value}";`,
        'sudo nixos-rebuild switch',
      ];
    case 'snap':
      return [`sudo snap set ollama ${variable.replace(/^OLLAMA_/u, '').toLowerCase()}=${value}`];
    case 'openrc':
    case 'runit':
      return [lineForShell(service, { variable, value }), restart];
    case 'brew-services':
      return [
        `${as}put the line ${assigned} without quotes into ~/.homebrew/services/ollama.env ($XDG_CONFIG_HOME/homebrew/services/ollama.env where that is set; Homebrew 6.0.15 and later)`,
        ...(service.definition?.endsWith('.plist') === true
          ? []
          : [
              `with an older Homebrew: systemctl --user edit ${service.name}, with the lines: [Service] and Environment="${assigned}"; then systemctl --user restart ${service.name}`,
            ]),
        'brew services restart ollama',
      ];
    case 'launchd':
    case 'mac-app':
      return [`launchctl setenv ${variable} "${value}"`, restart];
    case 'windows-app':
    case 'windows-service':
      return [`setx ${variable} "${value}", then quit Ollama and start it again`];
    case 'by-hand':
      return [`${restart}, with ${assigned} in front: ${assigned} ollama serve`];
  }
}

/** The line of a shell's file to change where one is in force, otherwise the line to add. */
function lineForShell(
  { name, manager, definition, settings }: OllamaService,
  { variable, value }: { variable: string; value: string },
): string {
  const known = settingInForce(settings, variable);
  if (known?.file.endsWith(`/env/${variable}`) === true) return `write ${value} into ${known.file}`;
  if (known) return `change line ${known.line} of ${known.file} to: export ${variable}=${value}`;
  return manager === 'openrc'
    ? `add to /etc/conf.d/${name}: export ${variable}=${value}`
    : `add to ${definition ?? `/etc/sv/${name}/run`}, ahead of exec: export ${variable}=${value}`;
}
