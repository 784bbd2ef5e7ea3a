import type { Container } from '../../facts/containers.ts';
import type { Machine } from '../../machine/machine.ts';
import { parseProbe } from '../probers/protocol.ts';
import { nodeProber } from '../probers/node.ts';
import { addressesInHosts, nameServers } from './hosts-file.ts';
import { type Job, proberArguments } from './job.ts';
import type { Way, WayResult } from './way.ts';

/**
 * From the host into the container's network namespace (nsenter(1), needs root and an engine on this kernel): works
 * for images that hold nothing but one static program. Only the network is the container's; names are therefore looked
 * up in its own hosts file, then with its own name servers.
 *
 * @param readInside reads a file of the container; undefined when it cannot be read
 */
export function namespaceWay(
  outside: Machine,
  container: Container,
  readInside: (path: string) => Promise<string | undefined>,
): Way {
  const pid = container.pid;
  let checked: Promise<string | undefined> | undefined;
  return {
    async probe(job): Promise<WayResult> {
      checked ??= obstacle(outside, container);
      const reason = await checked;
      if (reason !== undefined || pid === undefined) {
        return { state: 'impossible', reason: reason ?? 'its process is not on this kernel' };
      }
      const place = await placeOf(job, readInside);
      const argv: [string, ...string[]] = [
        'nsenter',
        '-t',
        String(pid),
        '-n',
        '--',
        process.execPath,
        '-e',
        nodeProber,
        '--',
        ...proberArguments({ ...job, host: place.host }),
        ...(place.servers === undefined ? [] : [place.servers]),
      ];
      const result = await outside.run({
        argv,
        timeoutMs: job.timeoutMs + 3000,
        maxBytes: job.maxBytes + 65_536,
      });
      if (result.outcome !== 'exited') {
        return {
          state: 'impossible',
          reason: `nsenter ${result.outcome === 'not-found' ? 'is missing' : 'failed'}`,
        };
      }
      const report = parseProbe(
        Buffer.from(result.stdout, 'utf8'),
        `prober node\n${result.stderr}`,
        job.mode,
      );
      if (report?.complete !== true)
        return { state: 'impossible', reason: `nsenter failed: ${firstLine(result.stderr)}` };
      if (place.host !== job.host) report.addresses = [place.host];
      return { state: 'reported', report, via: `nsenter into ${container.name}’s network` };
    },
  };
}

async function placeOf(
  job: Job,
  readInside: (path: string) => Promise<string | undefined>,
): Promise<{ host: string; servers?: string }> {
  if (/^[\d.]+$|:/u.test(job.host)) return { host: job.host };
  const [hosts, resolv] = await Promise.all([readInside('/etc/hosts'), readInside('/etc/resolv.conf')]);
  const [address] = addressesInHosts(hosts ?? '', job.host);
  if (address !== undefined) return { host: address };
  const servers = nameServers(resolv ?? '').filter((server) => /^[0-9a-f.:]+$/iu.test(server));
  return servers.length === 0 ? { host: job.host } : { host: job.host, servers: servers.join(',') };
}

/**
 * Why this cannot be done here; undefined when it can. A process id says nothing on another kernel or after the
 * container has gone, so the process must still name the container in its mounts or its control group.
 */
async function obstacle(outside: Machine, container: Container): Promise<string | undefined> {
  const { identity } = outside;
  const { pid, product } = container;
  if (identity.platform !== 'linux') return 'the engine runs in a VM';
  if (product !== 'docker-engine' && product !== 'podman') return 'the engine runs in a VM or elsewhere';
  if (!container.endpoint.startsWith('unix:')) return 'the engine may be on another machine';
  if (pid === undefined) return 'the engine gave no process of it';
  if (!identity.elevated) return 'entering its network from the host needs root';
  const [mounts, groups] = await Promise.all([
    outside.read(`/proc/${pid}/mountinfo`),
    outside.read(`/proc/${pid}/cgroup`),
  ]);
  const seen = [mounts, groups].map((result) => (result.outcome === 'read' ? result.text : '')).join('\n');
  if (!seen.includes(container.id)) return `process ${pid} is not the container’s`;
  return undefined;
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
