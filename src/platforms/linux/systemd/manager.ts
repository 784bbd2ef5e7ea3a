import type { ServiceManager } from '../../../facts/service.ts';
import { property } from './show.ts';
import type { UnitProperties } from './show.ts';
import type { UnitSource } from './unit-environment.ts';

/**
 * Who keeps the settings of a unit. systemd starts it in any case; what is written beside a generated unit is lost, or
 * does not count: snapd's launcher sets OLLAMA_HOST itself, Homebrew writes the unit anew with every `brew services`,
 * a quadlet's unit is made from its `.container` file, and NixOS' units lie in its store.
 */
export function managerOf(
  unit: UnitProperties,
  sources: readonly UnitSource[],
  manager: 'systemd' | 'systemd-user',
): ServiceManager {
  const name = property(unit, 'Id') ?? '';
  if (name.startsWith('snap.')) return 'snap';
  if (/^(?:homebrew|sh\.brew)\./u.test(name)) return 'brew-services';
  if (property(unit, 'SourcePath')?.endsWith('.container')) return 'quadlet';
  if (sources.some(({ text }) => /^\s*ExecStart\s*=\s*[-@:+!|]*"?\/nix\/store\//mu.test(text)))
    return 'nixos';
  return manager;
}
