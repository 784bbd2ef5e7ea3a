import { isLoopback } from '../../path/server.ts';
import type { Port, Project, Service } from '../model/model.ts';
import { type Around, type ComposeFinding, finding } from './finding.ts';
import {
  gatewayHarms,
  hostOf,
  mode,
  needsHostName,
  networkOwner,
  portOf,
  reachesHostLoopback,
  sharedNetworks,
} from './ground.ts';
import { addHostWords, hasHost, rootlessWords, serversBeside, setTo, suggest } from './suggest.ts';
import { servingPort, type Use, withHost } from './uses.ts';

/** A URL that leads to the host: whether its name is known, and whether anything can answer there. */
export function judgeHost(project: Project, around: Around, use: Use): ComposeFinding[] {
  const found = [
    ...nameOf(project, around, use),
    ...isolated(project, use),
    ...publishedElsewhere(project, around, use),
  ];
  return found.length > 0 ? found : scheme(use);
}

function nameOf(project: Project, around: Around, use: Use): ComposeFinding[] {
  const { service, url } = use;
  const owner = networkOwner(project, service);
  const host = url ? hostOf(url) : '';
  const where = mode(project, service);
  if (where.startsWith('container:')) return [];
  const given = owner.extraHosts.find((one) => one.name.toLowerCase() === host);
  if (given)
    return given.address === 'host-gateway' && gatewayHarms(around)
      ? [
          {
            ...finding(
              use,
              'dns-wrong-address',
              `host-gateway is not the host with ${around.product}: this line hides the name ${host}, which is there by itself`,
              { instructions: [`take the line away; ${host} is known without it`], cures: [] },
            ),
            service: owner.name,
            at: given.at,
          },
        ]
      : [];
  if (!needsHostName(around)) return [];
  if (where === 'host')
    return [
      finding(
        use,
        'dns-missing',
        `${use.name}=${use.value}: with network_mode: host, ${host} is no name that Docker Engine gives; the host is 127.0.0.1 there`,
        setTo(use, withHost(use.value, '127.0.0.1', portOf(url as URL))),
      ),
    ];
  if (around.rootless)
    return [
      finding(use, 'dns-missing', `${service.name} uses ${host}, and rootless Docker gives it no such name`, {
        instructions: [rootlessWords(service.name)],
        cures: [],
      }),
    ];
  const other = host.startsWith('host.docker.') || hasHost(project, service, 'host.docker.internal');
  return [
    finding(
      use,
      'dns-missing',
      `${service.name} uses ${host}, and Docker Engine on Linux gives it no such name`,
      {
        instructions: [
          addHostWords(owner.name, host),
          ...(other ? [] : ['host.docker.internal is the usual name']),
        ],
        cures: [{ kind: 'add-host', service: owner.name, host }],
      },
    ),
  ];
}

/** Where all of a service's networks are internal, the host's other addresses cannot be reached. */
function isolated(project: Project, { service, ...use }: Use): ComposeFinding[] {
  const owner = networkOwner(project, service);
  const names = [...owner.networks.keys()];
  const internal =
    names.length > 0 &&
    names.every((name) => {
      const network = project.networks.get(name);
      return network?.internal === true && !network.external;
    });
  if (!internal) return [];
  return [
    finding(
      { service, ...use },
      'route-missing',
      `${service.name} is on internal networks alone (${names.join(', ')}), from which the host cannot be reached`,
      { instructions: [`give ${service.name} a network without internal: true`], cures: [] },
    ),
  ];
}

/** The host's port is that of a service here, which keeps it to the host's own loopback or does not have it at all. */
function publishedElsewhere(project: Project, around: Around, use: Use): ComposeFinding[] {
  const { service, url } = use;
  if (!url || mode(project, service) === 'host') return [];
  const port = portOf(url);
  for (const server of serversBeside(project, service)) {
    const published = server.ports.filter((one) => includes(one.target, servingPort(server)));
    const here = published.filter((one) => one.published !== undefined && includes(one.published, port));
    const [first] = here;
    if (!first || !here.every((one) => isLoopback(one.hostAddress)) || reachesHostLoopback(around)) continue;
    return [onLoopback(project, around, use, server, first)];
  }
  return [];
}

function onLoopback(project: Project, around: Around, use: Use, server: Service, port: Port): ComposeFinding {
  const near = sharedNetworks(project, use.service, server).length > 0;
  const better = near
    ? suggest(project, around, use)
    : { instructions: [`put ${use.service.name} and ${server.name} on one network`], cures: [] };
  return {
    ...finding(
      use,
      'bind-loopback',
      `${server.name} is published on ${port.hostAddress} alone: ${use.service.name} comes over a bridge and is refused at ${use.value}`,
      better,
    ),
    at: near ? use.written.at : port.at,
  };
}

function includes({ from, to }: { from: number; to: number }, port: number): boolean {
  return port >= from && port <= to;
}

function scheme(use: Use): ComposeFinding[] {
  const { url } = use;
  if (url?.protocol !== 'https:') return [];
  const port = portOf(url);
  if (port !== 11_434 && port !== 443) return [];
  return [
    {
      ...finding(
        use,
        'url-https',
        `${use.name}=${use.value}: Ollama speaks plain HTTP`,
        setTo(use, withHost(use.value, hostOf(url), 11_434, 'http')),
      ),
      // A reverse proxy with a certificate may stand on the host, on 443.
      status: port === 443 ? 'warn' : 'fail',
    },
  ];
}
