import { bootHost, type LabHost } from '../host/lab-host.ts';
import type { Disk } from '../host/disk.ts';
import { installOllama } from './ollama-service.ts';

export interface IncidentPlan {
  name: string;
  /** What the unit's OLLAMA_HOST says: 127.0.0.1:11434, or 0.0.0.0:11434. */
  bind?: 'loopback' | 'all';
  /**
   * `drop`: INPUT drops by policy and port 11434 by two rules; `allow`: the same with the container's subnet
   * accepted before them; `none`: no rules at all, and nothing installed that would load any.
   */
  rules?: 'drop' | 'allow' | 'none';
  service?: 'running' | 'stopped';
  /** More files for the disk, after the incident's own. */
  setup?: (disk: Disk) => Promise<void>;
}

export const incident = {
  container: 'archon-server',
  network: 'archon_default',
  subnet: '172.18.0.0/16',
  url: 'http://host.docker.internal:11434',
  rulesFile: '/etc/iptables/rules.v4',
  port: 11434,
} as const;

/** The rules of the incident as a person wrote them, in the form iptables-restore(8) reads. */
function incidentRules(rules: 'drop' | 'allow'): string {
  return `${[
    '# Written by the administrator; loaded at boot by netfilter-persistent.',
    '*filter',
    ':INPUT DROP [0:0]',
    ':FORWARD ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    '-A INPUT -i lo -j ACCEPT',
    '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
    ...(rules === 'allow' ? [`-A INPUT -s ${incident.subnet} -p tcp -m tcp --dport 11434 -j ACCEPT`] : []),
    '-A INPUT -i eth0 -p tcp -m tcp --dport 11434 -j DROP',
    '-A INPUT -p tcp -m tcp --dport 11434 -j DROP',
    'COMMIT',
  ].join('\n')}\n`;
}

/**
 * Boots the host of the incident, or one of its neighbours: Ollama as a systemd service, iptables rules that
 * netfilter-persistent loads at boot, and the container `archon-server` that wants Ollama at host.docker.internal.
 * All of it comes back after a reboot.
 */
export async function incidentHost(plan: IncidentPlan): Promise<LabHost> {
  const { bind = 'loopback', rules = 'drop', service = 'running' } = plan;
  const address = bind === 'all' ? '0.0.0.0' : '127.0.0.1';
  const host = await bootHost({
    name: plan.name,
    layer: rules === 'none' ? 'plain' : 'iptables-persistent',
    setup: async (disk) => {
      await installOllama(disk, {
        serviceLines: [`Environment="OLLAMA_HOST=${address}:11434"`],
        enabled: service === 'running',
      });
      if (rules !== 'none') await disk.write(incident.rulesFile, incidentRules(rules), 0o640);
      await plan.setup?.(disk);
    },
  });
  try {
    await incidentContainer(host);
    return host;
  } catch (error) {
    await host.stop();
    throw error;
  }
}

/** The container of the incident and its network, made anew. */
export async function incidentContainer(host: LabHost): Promise<void> {
  const { container, network, subnet, url } = incident;
  await host.docker.createNetwork({ name: network, subnet, project: 'archon' });
  await host.docker.runContainer({
    name: container,
    image: 'app:1',
    network,
    env: { OLLAMA_URL: url },
    extraHosts: ['host.docker.internal:host-gateway'],
    compose: { project: 'archon', service: container },
    restart: 'unless-stopped',
  });
}

/** Waits until the container and Ollama are there again, as after a reboot. */
export async function settled(host: LabHost): Promise<void> {
  const up = `for i in $(seq 100); do curl -sf localhost:11434/ >/dev/null && docker exec ${incident.container} true && exit 0; sleep 0.2; done; exit 1`;
  await host.must(['sh', '-c', up]);
}
