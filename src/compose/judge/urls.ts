import { urlFault } from '../../runtimes/clients/client-url.ts';
import type { Project, Service } from '../model/model.ts';
import { type Around, type ComposeFinding, finding } from './finding.ts';
import {
  hasUnknownNeighbours,
  hostNames,
  hostOf,
  isOwnLoopback,
  mode,
  networkOwner,
  portOf,
} from './ground.ts';
import { judgeHost } from './host-way.ts';
import { judgePath } from './paths.ts';
import { judgeService } from './service-way.ts';
import { serversBeside, setTo, suggest } from './suggest.ts';
import { servesHere, type Use, usesOf, withHost } from './uses.ts';

/** Every Ollama URL of the project that cannot work from where it is used. */
export function judgeUrls(project: Project, around: Around): ComposeFinding[] {
  return [...project.services.values()].flatMap((service) =>
    usesOf(service).flatMap((use) => judgeUse(project, around, use)),
  );
}

function judgeUse(project: Project, around: Around, use: Use): ComposeFinding[] {
  const { service, url, name, value } = use;
  if (unknown(use)) return [];
  const fault = urlFault(value, name);
  if (!url || fault !== undefined)
    return [
      finding(
        use,
        'url-invalid',
        `${name} is no URL: ${value} (${fault ?? 'it is no address'})`,
        url
          ? setTo(use, value.replaceAll(/^\s*["']+|["']+\s*$/gu, ''))
          : { instructions: ['write it as http://HOST:PORT'], cures: [] },
      ),
    ];
  const host = hostOf(url);
  const where = mode(project, service);
  if (where === 'none')
    return [
      finding(
        use,
        'route-missing',
        `${service.name} has network_mode: none, from which nobody can be reached`,
        {
          instructions: ['take network_mode: none away'],
          cures: [],
        },
      ),
    ];
  if (isOwnLoopback(host)) return loopback(project, around, use, where);
  if (hostNames.has(host)) return [...judgeHost(project, around, use), ...judgePath(use)];
  const target = targetOf(project, service, host);
  if (target) return [...judgeService(project, around, use, target), ...judgePath(use)];
  const missing = unknownName(project, around, use, host);
  return missing.length > 0 ? missing : [...httpsToPlain(use), ...judgePath(use)];
}

/** A value that hangs on a variable which is not set here says nothing. */
function unknown({ written }: Use): boolean {
  return written.variables.some((one) => one.value === undefined && !one.replaced);
}

function loopback(project: Project, around: Around, use: Use, where: string): ComposeFinding[] {
  const { service, name, value } = use;
  // Whether Docker Desktop's host networking is on cannot be seen in a file.
  if (where === 'host' || where.startsWith('container:')) return judgePath(use);
  if (beside(project, service).some(servesHere)) return judgePath(use);
  const { host } = use.url ?? { host: '' };
  return [
    finding(
      use,
      'url-localhost',
      `${name}=${value}: inside the container ${host.replace(/:\d+$/u, '')} is ${service.name} itself, where no Ollama runs`,
      suggest(project, around, use),
    ),
  ];
}

/** Services that share the network namespace of one, itself among them. */
function beside(project: Project, service: Service): Service[] {
  const owner = networkOwner(project, service);
  return [...project.services.values()].filter((one) => networkOwner(project, one) === owner);
}

/** The service that a name means for another one. */
function targetOf(project: Project, service: Service, host: string): Service | undefined {
  const linked = service.links.find((link) => link.alias === host);
  if (linked) return project.services.get(linked.service);
  const services = [...project.services.values()];
  const all = services.filter((one) => namesIn(project, one).includes(host.toLowerCase()));
  return all.find((one) => [...one.networks.keys()].some((name) => service.networks.has(name))) ?? all[0];
}

function namesIn(project: Project, service: Service): string[] {
  const aliases = [...service.networks.values()].flatMap((network) => network.aliases);
  const names = [service.name, service.containerName ?? '', `${project.name}-${service.name}-1`, ...aliases];
  return names.map((one) => one.toLowerCase());
}

/** A bare name that nothing in the file has. A name with a dot may be known to any name server. */
function unknownName(project: Project, around: Around, use: Use, host: string): ComposeFinding[] {
  const { service } = use;
  if (host.includes('.') || host.includes(':') || hasUnknownNeighbours(project, service)) return [];
  const owner = networkOwner(project, service);
  if (owner.extraHosts.some((one) => one.name.toLowerCase() === host)) return [];
  // On the host's own network any name that the host knows is known.
  if (mode(project, service) === 'host') return [];
  const servers = serversBeside(project, service);
  return [
    finding(
      use,
      'dns-missing',
      `${use.name}=${use.value}: no service, container or alias of this project is called ${host}`,
      servers.length === 0
        ? {
            instructions: [
              `name a service of this project, or the host: ${withHost(use.value, 'host.docker.internal', portOf(use.url as URL))}`,
            ],
            cures: [],
          }
        : suggest(project, around, use),
    ),
  ];
}

/** Ollama's own port with https; another port may be that of a proxy with a certificate. */
function httpsToPlain(use: Use): ComposeFinding[] {
  const { url } = use;
  if (url?.protocol !== 'https:' || url.port !== '11434') return [];
  return [
    {
      ...finding(
        use,
        'url-https',
        `${use.name}=${use.value}: Ollama speaks plain HTTP on its port`,
        setTo(use, use.value.replace(/^https:/iu, 'http:')),
      ),
      status: 'warn',
    },
  ];
}
