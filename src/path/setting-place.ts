import type { OllamaService } from '../facts/service.ts';

/**
 * Whether there is a file of its own for what this service is told, which its manager reads at every start and no
 * upgrade rewrites: a drop-in of systemd's (a user's own and Homebrew's unit on Linux too: `brew services` writes the
 * unit anew and leaves the folder of drop-ins alone), and OpenRC's /etc/conf.d.
 */
export function hasSettingPlace({ manager, definition }: OllamaService): boolean {
  if (manager === 'brew-services') return definition?.endsWith('.plist') === false;
  return manager === 'systemd' || manager === 'systemd-user' || manager === 'openrc';
}
