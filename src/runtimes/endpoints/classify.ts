import type { RuntimeName, RuntimeProduct } from '../../facts/containers.ts';
import type { PlatformName } from '../../machine/machine.ts';
import { fields, list, texts, words } from '../docker/fields.ts';

/** What `/version` says of an engine. */
export interface EngineVersion {
  runtime: RuntimeName;
  /** `26.1.5+dfsg1`, `5.4.2`; empty when it says none. */
  version: string;
  apiVersion: string;
}

/**
 * Docker or Podman, from the answer to `/version`.
 *
 * Podman's Docker-compatible socket looks like Docker everywhere else (`/info` gives the distribution's name as its
 * operating system): only the component "Podman Engine" tells. undefined when the answer is no engine's at all.
 */
export function readVersion(answer: unknown): EngineVersion | undefined {
  const version = fields(answer);
  const components = list(version['Components']).map((item) => words(fields(item)['Name']) ?? '');
  const apiVersion = words(version['ApiVersion']);
  if (apiVersion === undefined) return undefined;
  return {
    runtime: components.some((name) => /podman/iu.test(name)) ? 'podman' : 'docker',
    version: words(version['Version']) ?? '',
    apiVersion,
  };
}

/** What `/info` says of how an engine is packaged. */
export interface EngineInfo {
  product: RuntimeProduct;
  rootless: boolean;
  /** The daemon's own id: the same behind two sockets. Empty where there is none (Podman). */
  daemonId: string;
  /**
   * What Docker lays its rules with: `iptables`, `nftables`, either with `+firewalld` (Engine API 1.49, FirewallInfo).
   * Absent where it says none.
   */
  firewallBackend?: string;
}

/**
 * Classifies an engine by its `/info`. The order matters: Rancher Desktop's VM is a Lima one, and Docker Desktop's
 * and OrbStack's engines say nothing of themselves but here.
 *
 * @param address `tcp` engines elsewhere are `remote`: what this host can see says nothing about them. Podman on a
 *   platform that is not Linux runs in a VM.
 */
export function readInfo(
  runtime: RuntimeName,
  answer: unknown,
  address: { local: boolean; platform?: PlatformName },
): EngineInfo {
  const info = fields(answer);
  const rootless = texts(info['SecurityOptions']).some((option) => option.includes('name=rootless'));
  const id = words(info['ID']) ?? '';
  const backend = words(fields(info['FirewallBackend'])['Driver']);
  const isBackend = backend !== undefined && /^[a-z]+(?:\+[a-z]+)?$/u.test(backend);
  const base = { rootless, daemonId: id, ...(isBackend ? { firewallBackend: backend } : {}) };
  if (runtime === 'podman') {
    const inVm = address.platform !== undefined && address.platform !== 'linux';
    return { product: inVm ? 'podman-machine' : 'podman', ...base };
  }
  const labels = texts(info['Labels']);
  const system = words(info['OperatingSystem']) ?? '';
  const name = words(info['Name']) ?? '';
  const kernel = words(info['KernelVersion']) ?? '';
  return {
    product: dockerProduct({
      labels,
      system,
      name,
      kernel,
      local: address.local,
      empty: system === '' && name === '',
    }),
    ...base,
  };
}

function dockerProduct(of: {
  labels: string[];
  system: string;
  name: string;
  kernel: string;
  local: boolean;
  empty: boolean;
}): RuntimeProduct {
  if (of.labels.some((label) => label.startsWith('cloud.docker.run.'))) return 'remote';
  if (
    of.system === 'Docker Desktop' ||
    of.labels.some((label) => label.startsWith('com.docker.desktop.address='))
  ) {
    return 'docker-desktop';
  }
  if (of.system === 'OrbStack' || of.name === 'orbstack' || /orbstack/iu.test(of.kernel)) return 'orbstack';
  if (of.name === 'lima-rancher-desktop' || of.system.includes('Rancher Desktop')) return 'rancher-desktop';
  if (of.name.startsWith('colima')) return 'colima';
  if (of.name.startsWith('lima-')) return 'lima';
  if (!of.local) return 'remote';
  return of.empty ? 'unknown' : 'docker-engine';
}
