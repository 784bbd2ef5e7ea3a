import { settingInForce } from '../../../facts/in-force.ts';
import type { OllamaService } from '../../../facts/service.ts';
import type { Machine } from '../../../machine/machine.ts';
import { letLaterWin } from '../systemd/settings.ts';
import { parseShellSettings } from './shell-settings.ts';

/**
 * An OpenRC service: its script in /etc/init.d, and /etc/conf.d, which OpenRC reads first (openrc-run(8)).
 * @param name the service's name, `ollama`
 * @returns undefined where there is no such script, or it is none of OpenRC's
 */
export async function readOpenrcService(machine: Machine, name: string): Promise<OllamaService | undefined> {
  const definition = `/etc/init.d/${name}`;
  const configuration = `/etc/conf.d/${name}`;
  const [script, conf] = await Promise.all([machine.read(definition), machine.read(configuration)]);
  if (script.outcome !== 'read') return undefined;
  const settings = [
    ...(conf.outcome === 'read' ? parseShellSettings(configuration, conf.text) : []),
    ...parseShellSettings(definition, script.text),
  ];
  letLaterWin(settings);
  const host = settingInForce(settings, 'OLLAMA_HOST');
  return {
    manager: 'openrc',
    name,
    state: 'unknown',
    startsAtBoot: 'unknown',
    settings,
    ...(host && { configuredHost: host.value }),
    needsReload: false,
    definition,
    dropIns: [],
    log: [],
  };
}

/** The state that OpenRC itself keeps: exit code 0 started, 3 stopped, 32 crashed (its src/shared/rc.h and openrc-run.c). */
export async function askOpenrc(machine: Machine, service: OllamaService): Promise<OllamaService> {
  const [status, levels] = await Promise.all([
    machine.run({ argv: ['rc-service', service.name, 'status'] }),
    machine.run({ argv: ['rc-update', 'show'] }),
  ]);
  return {
    ...service,
    state: status.outcome === 'exited' ? stateOf(status.exitCode) : 'unknown',
    startsAtBoot:
      levels.outcome === 'exited' && levels.exitCode === 0
        ? isListed(levels.stdout, service.name)
        : 'unknown',
  };
}

function stateOf(exitCode: number): OllamaService['state'] {
  if (exitCode === 0) return 'running';
  if (exitCode === 3) return 'stopped';
  return exitCode === 32 ? 'failed' : 'unknown';
}

/** `rc-update show`: ` NAME | default ` (rc-update(8)). */
function isListed(text: string, name: string): boolean {
  return text.split('\n').some((line) => {
    const [service = '', levels = ''] = line.split('|');
    return service.trim() === name && levels.trim() !== '';
  });
}
