import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import { settingInForce } from '../facts/in-force.ts';
import type { OllamaService, Setting } from '../facts/service.ts';
import { commandsFor } from '../findings/service-commands.ts';
import { type HostSetting, parseOllamaHost } from '../ollama/host-setting.ts';
import type { Evidence } from '../report/schema.ts';
import { portOf } from './bind-address.ts';
import { allWays, sufferers } from './clients.ts';

/**
 * Settings of OLLAMA_HOST that were written and do not count: ignored by the manager, beaten by another one, or not
 * read since they were written. They are causes only while what they asked for would have let a client in that is kept
 * out; a drop-in that wins over the unit is how it should be.
 */
export async function settingFindings(facts: Facts, service: OllamaService): Promise<Finding[]> {
  // What a quadlet tells its container is not what this host listens on.
  if (service.manager === 'quadlet') return [];
  const inForce = parseOllamaHost(service.processHost ? service.processHost.value : service.configuredHost);
  const findings: Finding[] = [];
  const shut = sufferers(await allWays(facts));
  const suffering = shut.map((way) => way.client.subject);
  const ports = shut.flatMap(({ client }) => (client.url === undefined ? [] : [portOf(client.url)]));
  for (const setting of service.settings) {
    if (setting.variable !== 'OLLAMA_HOST' || setting.status === 'in-force') continue;
    const wanted = parseOllamaHost(setting.value);
    if (wouldHelp(wanted, inForce, ports)) findings.push(lostSetting(service, setting, suffering));
    else if (
      setting.status === 'ignored' &&
      setting.value !== '' &&
      wanted.listensOn.kind !== inForce.listensOn.kind
    )
      findings.push(lostSetting(service, setting, []));
  }
  const pending = notReadYet(service, inForce, { suffering, ports });
  const port = portThatIsNone(service);
  return [...findings, ...(pending ? [pending] : []), ...(port ? [port] : [])];
}

/** A port that Ollama cannot use: it takes its default, and says so in its log alone. */
function portThatIsNone(service: OllamaService): Finding | undefined {
  const { badPort, port, listensOn } = parseOllamaHost(service.configuredHost);
  const setting = settingInForce(service.settings, 'OLLAMA_HOST');
  // With such an address it does not start, and that is said.
  if (badPort === undefined || !setting || listensOn.kind === 'invalid') return undefined;
  return {
    status: 'warn',
    code: 'config-ignored',
    summary: `${setting.file}:${setting.line} says ${setting.value}: "${badPort}" is no port, and Ollama takes ${port} in its place`,
    evidence: [written(setting)],
    instructions: [
      `write a port from 1 to 65535 there, or leave it out for 11434`,
      ...makeItCount(service, setting),
    ],
  };
}

/**
 * Whether a client may be kept out by the one and would be let in by the other.
 * @param ports what clients that are kept out ask for; none where nobody is: then only the addresses tell
 */
function wouldHelp(wanted: HostSetting, inForce: HostSetting, ports: readonly number[]): boolean {
  if (wanted.listensOn.kind !== 'all') return false;
  const opens = inForce.listensOn.kind !== 'all';
  if (ports.length === 0) return opens;
  return (opens || wanted.port !== inForce.port) && ports.includes(wanted.port);
}

function lostSetting(service: OllamaService, setting: Setting, affects: string[]): Finding {
  const ignored = setting.status === 'ignored';
  const place = `${setting.file}:${setting.line}`;
  const winner = settingInForce(service.settings, setting.variable);
  const loses = winner
    ? `${place} (${setting.value}) loses to ${winner.file}:${winner.line} (${winner.value})`
    : `${place} does not count: ${setting.because ?? 'another setting wins'}`;
  return {
    status: affects.length > 0 ? 'fail' : 'warn',
    code: ignored ? 'config-ignored' : 'config-overridden',
    summary: ignored ? `${place} is ignored: ${setting.because ?? 'it is not a valid assignment'}` : loses,
    evidence: [
      written(setting),
      ...(winner && `${winner.file}:${winner.line}` !== place
        ? [{ ...written(winner), text: `${winner.text} (in force)` }]
        : []),
    ],
    instructions: [
      ignored
        ? whereItCounts(service, setting)
        : winner
          ? `keep one of the two: change or remove ${winner.file}:${winner.line}`
          : `remove what takes it away: ${setting.because ?? 'the other setting'}`,
      ...makeItCount(service, setting),
    ],
    affects,
  };
}

function whereItCounts(service: OllamaService, setting: Setting): string {
  const value = setting.value === '' ? '0.0.0.0:11434' : setting.value;
  if (service.manager === 'openrc' || service.manager === 'runit')
    return `write it so that the server gets it: export OLLAMA_HOST=${value}`;
  return `write it where it counts, with plain quotes and below [Service]: Environment="OLLAMA_HOST=${value}"`;
}

/** What is on disk asks for other addresses or another port than the running server has. */
function notReadYet(
  service: OllamaService,
  inForce: HostSetting,
  { suffering, ports }: { suffering: string[]; ports: number[] },
): Finding | undefined {
  if (service.state !== 'running' || !service.processHost) return undefined;
  const wanted = parseOllamaHost(service.configuredHost);
  if (service.mayBeToldElsewhere && !service.needsReload) return undefined;
  if (service.manager === 'by-hand' || listening(wanted) === listening(inForce)) return undefined;
  // The log of a server has the address that a name had when it started.
  if (wanted.listensOn.kind === 'name' && !service.processHost.source.startsWith('/proc/')) return undefined;
  const setting = settingInForce(service.settings, 'OLLAMA_HOST');
  // What no file says may come from the manager's own environment or a start script, and waits for nothing.
  if (!setting && (!service.needsReload || service.configuredHost !== undefined)) return undefined;
  const affects = wouldHelp(wanted, inForce, ports) ? suffering : [];
  const told = setting
    ? `${setting.file}:${setting.line} says ${setting.value}`
    : `nothing sets OLLAMA_HOST any more (it would listen on ${listening(wanted)})`;
  const since = service.needsReload ? 'neither reloaded nor restarted' : 'not restarted';
  return {
    status: affects.length > 0 ? 'fail' : 'warn',
    code: 'config-ignored',
    summary: `${told}, and the running server has ${service.processHost.value ?? 'the default, 127.0.0.1:11434'}: it was ${since} since that was written`,
    evidence: [
      ...(setting ? [written(setting)] : []),
      {
        source: service.processHost.source,
        text: `OLLAMA_HOST${service.processHost.value === undefined ? ' is not set' : `=${service.processHost.value}`}`,
      },
      ...(service.needsReload
        ? [{ source: `systemctl show ${service.name} -p NeedDaemonReload`, text: 'NeedDaemonReload=yes' }]
        : []),
    ],
    instructions: makeItCount(service, setting),
    affects,
  };
}

function written(setting: Setting): Evidence {
  return { source: `${setting.file}:${setting.line}`, text: setting.text };
}

function makeItCount(service: OllamaService, setting: Setting | undefined): string[] {
  const { restart } = commandsFor(service);
  const isUnit = service.manager === 'systemd' || service.manager === 'systemd-user';
  const reload =
    service.user === undefined ? 'sudo systemctl daemon-reload' : 'systemctl --user daemon-reload';
  return isUnit && setting?.kind !== 'environment-file' ? [reload, restart] : [restart];
}

/** Where a server with this setting listens, in one text that is the same for settings that mean the same. */
function listening({ listensOn, port }: HostSetting): string {
  if (listensOn.kind === 'all') return `every address, port ${port}`;
  if (listensOn.kind === 'name') return `${listensOn.name}:${port}`;
  if (listensOn.kind === 'invalid') return `"${listensOn.text}":${port}`;
  return `${listensOn.address}:${port}`;
}
