import { serviceEvidence } from '../../facts/service.ts';
import type { OllamaService } from '../../facts/service.ts';
import type { Looked } from '../../facts/looked.ts';
import type { Machine, RunResult } from '../../machine/machine.ts';
import type { Evidence } from '../../report/schema.ts';
import { runFailure } from './run-failure.ts';
import { runningServers } from './starters/running.ts';
import { askOpenrc, readOpenrcService } from './starters/openrc.ts';
import { askRunit, readRunitService } from './starters/runit.ts';
import { readService } from './systemd/services.ts';
import { existingUnits, showUnits } from './systemd/show-units.ts';
import { userServices } from './systemd/user-services.ts';

/** install.sh, Arch, openSUSE and Gentoo call it `ollama`, Fedora's COPR `ollamad`, the snap as below. */
const systemUnits = ['ollama.service', 'ollamad.service', 'snap.ollama.listener.service'] as const;

/**
 * Everything here that starts Ollama or has started it, running ones first: units of the system and of the user, and
 * where none of them runs, what the running servers themselves tell of how they were started. `absent` where there is
 * nothing of the kind; its evidence then says whether the program is installed.
 */
export async function lookAtServices(machine: Machine): Promise<Looked<OllamaService[]>> {
  const [system, users] = await Promise.all([machine.run(showUnits(systemUnits)), userServices(machine)]);
  const units = system.outcome === 'exited' && system.exitCode === 0 ? existingUnits(system.stdout) : [];
  const found = [...(await Promise.all(units.map((unit) => readService(machine, unit)))), ...users];
  const evidence = found.flatMap((one) => one.evidence);
  const services = found.map(({ service }) => service);
  if (!services.some(({ state, pid }) => state === 'running' && pid !== undefined)) {
    const running = await runningServers(machine, services);
    services.push(...running.services);
    evidence.push(...running.evidence);
    if (services.length === 0) {
      const kept = await ofOthers(machine);
      services.push(...kept);
      evidence.push(...kept.map(asEvidence));
    }
  }
  if (services.length === 0) return withoutService(machine, system, evidence);
  const rank = ({ state }: OllamaService): number => (state === 'running' ? 0 : 1);
  return { state: 'seen', value: services.toSorted((one, other) => rank(one) - rank(other)), evidence };
}

/** A service that OpenRC or runit keeps and does not run now; either may be there beside systemd. */
async function ofOthers(machine: Machine): Promise<OllamaService[]> {
  const [openrc, runit] = await Promise.all([
    readOpenrcService(machine, 'ollama'),
    readRunitService(machine, 'ollama'),
  ]);
  const found = [
    ...(openrc ? [askOpenrc(machine, openrc)] : []),
    ...(runit ? [askRunit(machine, runit)] : []),
  ];
  return Promise.all(found);
}

function asEvidence({ manager, name, state, definition }: OllamaService): Evidence {
  return {
    source: definition ?? name,
    text: `a service of ${manager === 'openrc' ? 'OpenRC' : manager}, ${state}`,
  };
}

/** Nothing that starts it, and no server that runs: whether the program is installed. */
async function withoutService(
  machine: Machine,
  system: RunResult,
  servers: readonly Evidence[],
): Promise<Looked<OllamaService[]>> {
  const programs = ['/usr/local/bin/ollama', '/usr/bin/ollama', '/bin/ollama', '/snap/bin/ollama'] as const;
  const listing = await machine.run({
    argv: ['ls', '-1', ...programs, `${machine.identity.home}/.local/bin/ollama`],
  });
  const evidence: Evidence[] = [{ source: 'systemctl show ollama.service', text: unitInWords(system) }];
  const program = listing.outcome === 'exited' ? listing.stdout.split('\n').find(Boolean) : undefined;
  if (program !== undefined) evidence.push({ source: serviceEvidence.program, text: program });
  evidence.push(...servers);
  if (
    system.outcome === 'not-found' ||
    (system.outcome === 'exited' && (system.exitCode === 0 || !isSystemd(system)))
  )
    return { state: 'absent', evidence };
  return {
    state: 'unavailable',
    reason: `systemd could not be asked for ollama.service: ${runFailure('systemctl', system)}`,
    help: 'try `systemctl status ollama`',
    ...(system.outcome === 'denied' && { denied: true }),
  };
}

/** False where there is no systemctl, or the first process is not systemd (a container, WSL without it, OpenRC, runit). */
function isSystemd(system: RunResult): boolean {
  if (system.outcome === 'not-found') return false;
  return system.outcome !== 'exited' || system.exitCode === 0 || !isWithoutSystemd(system.stderr);
}

/** What systemctl says there. */
function isWithoutSystemd(stderr: string): boolean {
  return /not been booted with systemd|Failed to connect to (?:system |system scope )?bus/iu.test(stderr);
}

function unitInWords(system: RunResult): string {
  if (system.outcome === 'exited' && system.exitCode === 0) return 'systemd knows no such unit';
  if (system.outcome === 'exited' && isWithoutSystemd(system.stderr))
    return 'this system was not started by systemd';
  return runFailure('systemctl', system);
}
