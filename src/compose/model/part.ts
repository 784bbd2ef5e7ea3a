import type { Span } from '../source.ts';
import type { Tree } from '../yaml/tree.ts';
import type { ExtraHost, Port, Service, Setting, Written } from './model.ts';

/** What one file says of a service: keys it does not have are absent. Parts are laid over one another. */
export interface ServicePart {
  tree: Tree;
  key: Span;
  image?: string;
  builds?: boolean;
  containerName?: string;
  profiles?: string[];
  networkMode?: Written;
  networks?: Map<string, { aliases: string[]; at: Span }>;
  environment?: Map<string, Setting>;
  /** Settings of env files; `environment` of any file wins over them. */
  fileEnvironment?: Map<string, Setting>;
  extraHosts?: ExtraHost[];
  ports?: Port[];
  dependsOn?: Map<string, { condition: string; required: boolean; at: Span }>;
  links?: { service: string; alias: string }[];
  healthcheck?: { disabled: boolean; test: string[]; at: Span };
  command?: Written[];
  entrypoint?: Written[];
  /** Keys with `!reset` or `!override`: what files before say of them does not count. */
  cleared: ReadonlySet<string>;
}

/**
 * Lays one part over another by compose's rules (compose-spec 13-merge.md): single values are replaced, maps are
 * merged, lists put one behind the other; commands are replaced as a whole, ports and names of hosts are one each.
 */
export function laidOver(below: ServicePart, above: ServicePart): ServicePart {
  const kept = without(below, above.cleared);
  const dependsOn = mergedMaps(kept.dependsOn, above.dependsOn);
  const networks = mergedMaps(kept.networks, above.networks);
  const environment = mergedMaps(kept.environment, above.environment);
  const fileEnvironment = mergedMaps(kept.fileEnvironment, above.fileEnvironment);
  const extraHosts = joined(kept.extraHosts, above.extraHosts, (host) => `${host.name} ${host.address}`);
  const ports = joined(kept.ports, above.ports, portKey);
  const links = joined(kept.links, above.links, (link) => link.alias);
  const profiles = joined(kept.profiles, above.profiles, (profile) => profile);
  return {
    ...kept,
    ...above,
    ...(networks && { networks }),
    ...(environment && { environment }),
    ...(fileEnvironment && { fileEnvironment }),
    ...(dependsOn && { dependsOn }),
    ...(extraHosts && { extraHosts }),
    ...(ports && { ports }),
    ...(links && { links }),
    ...(profiles && { profiles }),
  };
}

const fieldsOfKeys: Record<string, keyof ServicePart> = {
  environment: 'environment',
  env_file: 'fileEnvironment',
  extra_hosts: 'extraHosts',
  ports: 'ports',
  depends_on: 'dependsOn',
  links: 'links',
  networks: 'networks',
  network_mode: 'networkMode',
  profiles: 'profiles',
  command: 'command',
  entrypoint: 'entrypoint',
  healthcheck: 'healthcheck',
  image: 'image',
  build: 'builds',
  container_name: 'containerName',
};

function without(part: ServicePart, cleared: ReadonlySet<string>): ServicePart {
  const copy = { ...part };
  for (const key of cleared) {
    const field = fieldsOfKeys[key];
    if (field !== undefined) delete (copy as Partial<ServicePart>)[field];
  }
  return copy;
}

function mergedMaps<T>(below?: Map<string, T>, above?: Map<string, T>): Map<string, T> | undefined {
  return below || above ? new Map([...(below ?? []), ...(above ?? [])]) : undefined;
}

function joined<T>(below: T[] | undefined, above: T[] | undefined, key: (one: T) => string): T[] | undefined {
  if (!below || !above) return above ?? below;
  return [...new Map([...below, ...above].map((one) => [key(one), one])).values()];
}

/** Ports are the same when address, both ports and protocol are (compose-go override/uncity.go). */
function portKey(port: Port): string {
  const published = port.published ? `${port.published.from}-${port.published.to}` : '';
  return `${port.hostAddress}|${published}|${port.target.from}-${port.target.to}|${port.protocol}`;
}

/** A part as a whole service. */
export function asService(name: string, part: ServicePart): Service {
  const environment = new Map([...(part.fileEnvironment ?? []), ...(part.environment ?? [])]);
  return {
    name,
    tree: part.tree,
    key: part.key,
    image: part.image ?? '',
    builds: part.builds ?? false,
    ...(part.containerName === undefined ? {} : { containerName: part.containerName }),
    profiles: part.profiles ?? [],
    ...(part.networkMode ? { networkMode: part.networkMode } : {}),
    networks: part.networks ?? new Map(part.networkMode ? [] : [['default', { aliases: [], at: part.key }]]),
    environment,
    extraHosts: part.extraHosts ?? [],
    ports: part.ports ?? [],
    dependsOn: part.dependsOn ?? new Map(),
    links: part.links ?? [],
    ...(part.healthcheck ? { healthcheck: part.healthcheck } : {}),
    argv: [...(part.entrypoint ?? []), ...(part.command ?? [])],
  };
}
