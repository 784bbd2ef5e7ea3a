import { settingInForce } from '../../../facts/in-force.ts';
import type { OllamaService, Setting } from '../../../facts/service.ts';
import type { Machine } from '../../../machine/machine.ts';
import { letLaterWin } from '../systemd/settings.ts';
import { parseShellSettings } from './shell-settings.ts';

/** Where service folders are kept: Void's and Debian's, Artix's, and the folders that runsvdir(8) watches. */
const folders = ['/etc/sv', '/etc/runit/sv', '/var/service', '/etc/service', '/service'] as const;

/**
 * A runit service: its run script, Void's `conf` that such scripts read, and a folder `env` for `chpst -e` (chpst(8)).
 * @param name the service's name, `ollama`
 * @returns undefined where no run script of that name is found
 */
export async function readRunitService(machine: Machine, name: string): Promise<OllamaService | undefined> {
  const scripts = await Promise.all(folders.map((folder) => machine.read(`${folder}/${name}/run`)));
  const at = scripts.findIndex(({ outcome }) => outcome === 'read');
  const script = scripts[at];
  if (script?.outcome !== 'read') return undefined;
  const folder = `${folders[at] ?? folders[0]}/${name}`;
  const variable = `${folder}/env/OLLAMA_HOST`;
  const [conf, host] = await Promise.all([machine.read(`${folder}/conf`), machine.read(variable)]);
  const settings = [
    ...(conf.outcome === 'read' ? parseShellSettings(`${folder}/conf`, conf.text) : []),
    ...parseShellSettings(`${folder}/run`, script.text),
    ...(host.outcome === 'read' ? [variableFile(variable, host.text)] : []),
  ];
  letLaterWin(settings);
  const inForce = settingInForce(settings, 'OLLAMA_HOST');
  return {
    manager: 'runit',
    name,
    state: 'unknown',
    startsAtBoot: 'unknown',
    settings,
    ...(inForce && { configuredHost: inForce.value }),
    needsReload: false,
    definition: `${folder}/run`,
    dropIns: [],
    log: [],
  };
}

/** One file of an environment folder: its first line is the value (chpst(8)). */
function variableFile(file: string, text: string): Setting {
  const value = (text.split('\n')[0] ?? '').trimEnd();
  return {
    variable: 'OLLAMA_HOST',
    value,
    file,
    line: 1,
    text: value,
    kind: 'environment-file',
    status: 'in-force',
  };
}

/** What runit says of it: `run: NAME: (pid 7) 5s`, `down: NAME: 1s, normally up`, `fail: …` (sv(8)). */
export async function askRunit(machine: Machine, service: OllamaService): Promise<OllamaService> {
  const status = await machine.run({ argv: ['sv', 'status', service.name] });
  const text = status.outcome === 'exited' ? status.stdout : '';
  const state = text.startsWith('run:') ? 'running' : text.startsWith('down:') ? 'stopped' : 'unknown';
  const pid = /^run: [^(]*\(pid (\d+)\)/u.exec(text)?.[1];
  const down = state === 'stopped' && !text.includes('normally up');
  return {
    ...service,
    state,
    startsAtBoot: state === 'unknown' ? 'unknown' : !down && !text.includes('normally down'),
    ...(pid !== undefined && { pid: Number(pid) }),
  };
}
