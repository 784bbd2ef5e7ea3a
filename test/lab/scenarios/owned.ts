import type { Disk } from '../host/disk.ts';
import { bootHost, type LabHost } from '../host/lab-host.ts';
import { incidentContainer } from './incident.ts';
import { installOllama } from './ollama-service.ts';

export interface OwnedPlan {
  name: string;
  owner: 'ufw' | 'firewalld' | 'nftables';
  bind?: 'loopback' | 'all';
  /** More files for the disk, after the owner's own. */
  setup?: (disk: Disk) => Promise<void>;
}

/** What a person has in /etc/nftables.conf on a server: everything that is not named is dropped. */
const nftablesConf = `#!/usr/sbin/nft -f

flush ruleset

table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;

		iifname "lo" accept
		ct state { established, related } accept  # answers
		ct state invalid drop
		meta l4proto { icmp, ipv6-icmp } accept
		tcp dport 22 accept
		tcp dport 11434 counter drop
	}
}
`;

/** The container and the network of the incident, on a host whose rules belong to ufw, firewalld or nftables.service. */
export async function ownedHost(plan: OwnedPlan): Promise<LabHost> {
  const { owner, bind = 'all' } = plan;
  const host = await bootHost({
    name: plan.name,
    layer: owner === 'nftables' ? 'plain' : owner,
    setup: async (disk) => {
      const address = bind === 'all' ? '0.0.0.0' : '127.0.0.1';
      await installOllama(disk, { serviceLines: [`Environment="OLLAMA_HOST=${address}:11434"`] });
      if (owner === 'nftables') await disk.write('/etc/nftables.conf', nftablesConf, 0o755);
      await disk.enable(`${owner}.service`);
      await plan.setup?.(disk);
    },
  });
  try {
    if (owner === 'ufw') await host.must(['ufw', '--force', 'enable']);
    await incidentContainer(host);
    return host;
  } catch (error) {
    await host.stop();
    throw error;
  }
}
