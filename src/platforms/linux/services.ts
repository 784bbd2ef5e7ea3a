import { serviceEvidence } from '../../facts/service.ts';
import type { OllamaService } from '../../facts/service.ts';
import type { Looked } from '../../facts/looked.ts';
import type { Machine, RunResult } from '../../machine/machine.ts';
import { cutProcessArguments } from '../../machine/redaction/commands.ts';
import type { Evidence } from '../../report/schema.ts';
import { runFailure } from './run-failure.ts';
import { shownProperties } from './systemd/service-state.ts';
import { readService } from './systemd/services.ts';
import { parseSystemctlShow, property } from './systemd/show.ts';
import type { UnitProperties } from './systemd/show.ts';

/** install.sh, Arch, openSUSE and Gentoo call it `ollama`, Fedora's COPR `ollamad`, the snap as below. */
const systemUnits = ['ollama.service', 'ollamad.service', 'snap.ollama.listener.service'] as const;
const userUnits = ['ollama.service', 'homebrew.ollama.service'] as const;

const show = (units: readonly string[], user: readonly string[] = []): [string, ...string[]] => [
  'systemctl',
  ...user,
  'show',
  ...units,
  `--property=${shownProperties.join(',')}`,
];

/**
 * Every unit here that starts Ollama, running ones first. `absent` where systemd knows none (its evidence then says
 * whether the program is installed, and whether somebody runs it by hand), and where there is no systemd.
 */
export async function lookAtServices(machine: Machine): Promise<Looked<OllamaService[]>> {
  const [system, user] = await Promise.all([machine.run({ argv: show(systemUnits) }), userServices(machine)]);
  const units = system.outcome === 'exited' && system.exitCode === 0 ? existing(system.stdout) : [];
  const found = await Promise.all([
    ...units.map((unit) => readService(machine, unit, 'systemd')),
    ...user.map((unit) => readService(machine, unit, 'systemd-user')),
  ]);
  if (found.length > 0) {
    const running = (one: { service: OllamaService }): number => (one.service.state === 'running' ? 0 : 1);
    const ordered = found.toSorted((one, other) => running(one) - running(other));
    return {
      state: 'seen',
      value: ordered.map(({ service }) => service),
      evidence: ordered.flatMap(({ evidence }) => evidence),
    };
  }
  return withoutUnit(machine, system);
}

function existing(text: string): UnitProperties[] {
  const units = parseSystemctlShow(text).filter((unit) => {
    const load = property(unit, 'LoadState');
    return load !== undefined && load !== 'not-found';
  });
  // One unit may be asked for by several names (an alias).
  return [...new Map(units.map((unit) => [property(unit, 'Id'), unit])).values()];
}

/** The user's own units; their manager is asked only where a file says that there is something to ask for. */
async function userServices(machine: Machine): Promise<UnitProperties[]> {
  const { home, elevated } = machine.identity;
  if (elevated) return [];
  const folder = await machine.list(`${home}/.config/systemd/user`);
  if (folder.outcome !== 'listed' || !folder.names.some((name) => name.includes('ollama'))) return [];
  const shown = await machine.run({ argv: show(userUnits, ['--user']) });
  return shown.outcome === 'exited' && shown.exitCode === 0 ? existing(shown.stdout) : [];
}

/** No unit: whether the program is installed, and whether one runs that nobody manages. */
async function withoutUnit(machine: Machine, system: RunResult): Promise<Looked<OllamaService[]>> {
  const programs = ['/usr/local/bin/ollama', '/usr/bin/ollama', '/bin/ollama', '/snap/bin/ollama'] as const;
  const [listing, servers] = await Promise.all([
    machine.run({ argv: ['ls', '-1', ...programs, `${machine.identity.home}/.local/bin/ollama`] }),
    runningServers(machine),
  ]);
  const evidence: Evidence[] = [{ source: 'systemctl show ollama.service', text: unitInWords(system) }];
  const program = listing.outcome === 'exited' ? listing.stdout.split('\n').find(Boolean) : undefined;
  if (program !== undefined) evidence.push({ source: serviceEvidence.program, text: program });
  evidence.push(...servers);
  if (system.outcome === 'exited' && (system.exitCode === 0 || isWithoutSystemd(system.stderr))) {
    return { state: 'absent', evidence };
  }
  if (system.outcome === 'not-found') return { state: 'absent', evidence };
  return {
    state: 'unavailable',
    reason: `systemd could not be asked for ollama.service: ${runFailure('systemctl', system)}`,
    help: 'try `systemctl status ollama`',
    ...(system.outcome === 'denied' && { denied: true }),
  };
}

/**
 * Each `ollama serve` that runs, by pidof(1), which prints nobody's command line but gives the process ids to look at. A
 * container's processes are seen from its host as well.
 */
async function runningServers(machine: Machine): Promise<Evidence[]> {
  // `-x` finds a script too; busybox has no such option and says so.
  const all = await machine.run({ argv: ['pidof', '-x', 'ollama'] });
  const plain = all.outcome === 'exited' && all.stderr !== '';
  const found = plain ? await machine.run({ argv: ['pidof', 'ollama'] }) : all;
  const pids = found.outcome === 'exited' ? (found.stdout.match(/\b\d{1,9}\b/gu) ?? []) : [];
  const rows = await Promise.all(pids.slice(0, 10).map((pid) => serverProcess(machine, pid)));
  return rows.flat();
}

async function serverProcess(machine: Machine, pid: string): Promise<Evidence[]> {
  const [commandLine, group] = await Promise.all([
    machine.read(`/proc/${pid}/cmdline`, { maxBytes: 4096 }),
    machine.read(`/proc/${pid}/cgroup`, { maxBytes: 4096 }),
  ]);
  const words =
    commandLine.outcome === 'read' ? cutProcessArguments(commandLine.text).split('\0').filter(Boolean) : [];
  if (!words.includes('serve')) return [];
  const contained = group.outcome === 'read' && /docker|libpod|containerd|kubepods|crio/u.test(group.text);
  const source = contained ? serviceEvidence.containerProcess : serviceEvidence.process;
  return [{ source, text: `${pid} ${words.join(' ')}` }];
}

/** What systemctl says where the first process is not systemd (a container, WSL without it, OpenRC, runit). */
function isWithoutSystemd(stderr: string): boolean {
  return /not been booted with systemd|Failed to connect to (?:system |system scope )?bus/iu.test(stderr);
}

function unitInWords(system: RunResult): string {
  if (system.outcome === 'exited' && system.exitCode === 0) return 'systemd knows no such unit';
  if (system.outcome === 'exited' && isWithoutSystemd(system.stderr))
    return 'this system was not started by systemd';
  return runFailure('systemctl', system);
}
