import { hostAccessOf } from '../runtimes/knowledge/index.ts';
import type { Container } from '../facts/containers.ts';
import { gatewaysOf, mainAddress, throughOwnProcess, throughProxy } from './target.ts';
import { namesOfServers, type Surroundings } from './ways-to-ollama.ts';

/** A way to be laid beside the others: what it is called for people, and the base URL to ask at. */
export interface ComparedWay {
  name: string;
  url: string;
}

/** More than this would be no table for people, and each costs an exec. */
const most = 14;

/**
 * Every way by which a container might be told to reach an Ollama, whether or not it makes sense on its runtime: so that
 * whoever was told one of them elsewhere sees where it ends. Those that the client is set up with come first.
 */
export function waysToCompare(container: Container, around: Surroundings): ComparedWay[] {
  const { configured, network, server } = around;
  const { port } = server;
  const at = (name: string, host: string): ComparedWay => ({ name, url: base(host, port) });
  const hosts = (network?.addresses ?? []).filter((own) => own.up && own.scope === 'global');
  const docker0 = hosts.filter((own) => own.interface === 'docker0');
  const main = [mainAddress(network, false), mainAddress(network, true)].filter((one) => one !== undefined);
  const gateways = container.networks.flatMap((own) =>
    gatewaysOf(own, network).map((gateway) => at(`gateway of ${own.name}`, gateway)),
  );
  const written = container.extraHosts.flatMap((line) => /^([^:=]+)[:=]/u.exec(line)?.[1] ?? []);
  const known = throughOwnProcess(container) ? (hostAccessOf(container)?.addresses ?? []) : [];
  const ways = [
    ...configured.map((url) => ({ name: 'its own URL', url })),
    ...namesOfServers(container, around).map((url) => ({ name: 'service alias', url })),
    at('localhost', 'localhost'),
    at('host.docker.internal', 'host.docker.internal'),
    at('host.containers.internal', 'host.containers.internal'),
    at('gateway.docker.internal', 'gateway.docker.internal'),
    ...written.map((name) => at(name, name)),
    ...known
      .slice(0, 1)
      .map((address) => at(`this host for ${hostAccessOf(container)?.title ?? ''}`, address)),
    ...gateways,
    // What a VM's container would meet at addresses of this host says nothing of its way.
    ...(throughProxy(container) ? [] : docker0.map((own) => at('docker0', own.address))),
    ...main.map((address) => at('this host', address)),
  ];
  const seen = new Set<string>();
  return ways
    .filter(({ url }) => {
      const key = url.toLowerCase();
      if (seen.has(key) || !URL.canParse(url)) return false;
      seen.add(key);
      return true;
    })
    .slice(0, most);
}

function base(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
