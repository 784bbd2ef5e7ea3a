import type { Report } from '../../../src/report/schema.ts';
import { imageTarballs } from '../host/images.ts';
import { bootHost, type LabHost, prepareLab } from '../host/index.ts';
import { installOllama } from './ollama-service.ts';
import { somebodysSecret } from './recorded-state.ts';

export const unit = '/etc/systemd/system/ollama.service';
const address = '192.0.2.10';

/** A minute: a machine that does much else besides must cut nothing off. */
export const checks = ['--only', 'ollama-service,bind-address,port-owner', '--timeout', '60000'];

/** Scripts that succeed when something listens on Ollama's port, nobody does, it answers from outside of loopback. */
export const listens = `ss -Hltn 'sport = :11434' | grep -q .`;
export const gone = `! ss -Hltn 'sport = :11434' | grep -q .`;
export const everywhere = `curl -sf http://${address}:11434/ >/dev/null`;

/** Where the tarball of the image `app:1` lies in the host, for `podman import`. */
export const imageTarball = '/var/tmp/app.tar';

/**
 * A host with all starters of Ollama there are here, a service of install.sh's kind that does not run, and a container
 * that asks this host for Ollama.
 */
export async function startersHost(name: string): Promise<LabHost> {
  await prepareLab(['starters']);
  const { 'app:1': image } = await imageTarballs();
  const host = await bootHost({
    name,
    layer: 'starters',
    binds: [{ from: image, to: imageTarball, readOnly: true }],
    setup: async (disk) => {
      await installOllama(disk, {
        serviceLines: [`Environment=HF_TOKEN=${somebodysSecret}`, 'EnvironmentFile=-/etc/sysconfig/ollama'],
        enabled: false,
      });
      await disk.write('/etc/insserv.conf', '');
      // No control group for processes to count in, as in scenarios/runtimes.ts.
      const podman = '[containers]\npids_limit=0\n[engine]\nevents_logger="file"\n';
      await disk.write('/etc/containers/containers.conf', podman);
    },
  });
  await host.docker.runContainer({
    name: 'web',
    image: 'app:1',
    env: { OLLAMA_URL: 'http://host.docker.internal:11434' },
    extraHosts: ['host.docker.internal:host-gateway'],
  });
  return host;
}

/** Waits until a script of a host succeeds: 40 seconds and the time it takes itself. */
export async function until(host: LabHost, script: string): Promise<void> {
  await host.must(['sh', '-c', `for i in $(seq 200); do ${script} && exit 0; sleep 0.2; done; exit 1`]);
}

/** The first row of a check. */
export function row(report: Report, id: string): Report['checks'][number] {
  const found = report.checks.find((check) => check.id === id);
  if (!found) throw new Error(`no row of ${id}: ${JSON.stringify(report)}`);
  return found;
}
