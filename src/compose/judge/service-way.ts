import { parseOllamaHost } from '../../ollama/host-setting.ts';
import type { Project, Service } from '../model/model.ts';
import { type Around, type ComposeFinding, finding } from './finding.ts';
import {
  hasUnknownNeighbours,
  hostOf,
  mode,
  networkOwner,
  portOf,
  runTogether,
  sharedNetworks,
} from './ground.ts';
import { onHost, setTo } from './suggest.ts';
import { servesHere, servingPort, type Use, withHost } from './uses.ts';

/** A URL that names another service: whether they share a network, and whether port and scheme are right there. */
export function judgeService(project: Project, around: Around, use: Use, target: Service): ComposeFinding[] {
  const apart = unreachable(project, around, use, target);
  if (apart.length > 0) return apart;
  if (!servesHere(target)) return [];
  return [...inside(use, target), ...portAndScheme(use, target), ...order(use, target)];
}

function unreachable(project: Project, around: Around, use: Use, target: Service): ComposeFinding[] {
  const { service } = use;
  const host = use.url ? hostOf(use.url) : target.name;
  const [here, there] = [mode(project, service), mode(project, target)];
  // In one network namespace a service may be known by no name, but how it is asked is its own affair.
  if (networkOwner(project, service) === networkOwner(project, target)) return [];
  if (here === 'host') return nameFromHost(use, target, host);
  if (there === 'host')
    return [
      finding(
        use,
        'url-alias',
        `${use.name}=${use.value}: ${target.name} has network_mode: host, so it has no name on ${service.name}'s networks`,
        onHost(project, around, use),
      ),
    ];
  if (there === 'none')
    return [
      finding(use, 'route-missing', `${target.name} has network_mode: none: nobody can reach it`, {
        instructions: [`take network_mode: none from ${target.name}`],
        cures: [],
      }),
    ];
  if (sharedNetworks(project, service, target).length > 0) return [];
  if (service.links.some((link) => link.service === target.name)) return [];
  if (here !== '' || there !== '' || hasUnknownNeighbours(project, service)) return [];
  const [network = 'default'] = networkOwner(project, target).networks.keys();
  return [
    finding(
      use,
      'dns-missing',
      `${service.name} is on ${list([...service.networks.keys()])} and ${target.name} on ${list([...networkOwner(project, target).networks.keys()])}: they share no network, so ${host} is no name there`,
      { instructions: [`add ${network} to the networks of ${service.name}`], cures: [] },
    ),
  ];
}

function nameFromHost(use: Use, target: Service, host: string): ComposeFinding[] {
  const { service } = use;
  const published = target.ports.find(
    (one) =>
      one.published !== undefined &&
      one.target.from <= servingPort(target) &&
      one.target.to >= servingPort(target),
  );
  const port = published?.published?.from;
  return [
    finding(
      use,
      'dns-missing',
      `${service.name} has network_mode: host, where the names of services are not known: ${host}`,
      port === undefined
        ? { instructions: [`publish ${target.name}'s port, and use 127.0.0.1`], cures: [] }
        : setTo(use, withHost(use.value, '127.0.0.1', port, 'http')),
    ),
  ];
}

/** A server that was told to listen on its own loopback. */
function inside(use: Use, target: Service): ComposeFinding[] {
  const setting = target.environment.get('OLLAMA_HOST');
  if (!setting || parseOllamaHost(setting.value).listensOn.kind !== 'loopback') return [];
  return [
    {
      ...finding(
        use,
        'bind-loopback',
        `${target.name} has OLLAMA_HOST=${setting.value}: it listens inside its own container alone`,
        {
          instructions: [`take OLLAMA_HOST from ${target.name} (the image's own value is 0.0.0.0)`],
          cures: [],
        },
      ),
      service: target.name,
      at: setting.at,
    },
  ];
}

function portAndScheme(use: Use, target: Service): ComposeFinding[] {
  const { url, service } = use;
  if (!url) return [];
  const port = servingPort(target);
  const asked = portOf(url);
  const right = setTo(use, withHost(use.value, hostOf(url), port, 'http'));
  if (url.protocol === 'https:')
    return [finding(use, 'url-https', `${use.name}=${use.value}: Ollama speaks plain HTTP`, right)];
  if (asked === port) return [];
  const published = target.ports.some(
    (one) => one.published !== undefined && one.published.from <= asked && one.published.to >= asked,
  );
  const why = published
    ? `port ${asked} is the one published on the host; between containers it is ${port}`
    : url.port === ''
      ? `without a port it is port ${asked}, and Ollama listens on ${port}`
      : `${target.name} listens on port ${port}`;
  return [finding(use, 'url-wrong-port', `${use.name}=${use.value} of ${service.name}: ${why}`, right)];
}

/** `depends_on` waits for a start, and not for an answer, unless it is told to. */
function order(use: Use, target: Service): ComposeFinding[] {
  const depends = use.service.dependsOn.get(target.name);
  if (!depends || runTogether(use.service, target) === 'never') return [];
  const at = depends.at;
  const health = target.healthcheck;
  const checks = health !== undefined && !health.disabled;
  if (depends.condition === 'service_healthy') {
    if (checks || target.builds || !/(?:^|\/)ollama\/ollama(?::|@|$)/u.test(target.image)) return [];
    return [
      {
        ...finding(
          use,
          'start-order',
          `${use.service.name} waits until ${target.name} is healthy, and ${target.name} has no healthcheck: compose will not start it`,
          { instructions: [healthcheckWords(target.name)], cures: [] },
        ),
        at,
      },
    ];
  }
  if (depends.condition !== 'service_started') return [];
  return [
    {
      ...finding(
        use,
        'start-order',
        `${use.service.name} starts as soon as ${target.name} is started, which is before it answers`,
        {
          instructions: [
            ...(checks ? [] : [healthcheckWords(target.name)]),
            `depends_on of ${use.service.name}: ${target.name}: {condition: service_healthy}`,
          ],
          cures: [],
        },
      ),
      status: 'warn',
      at,
    },
  ];
}

function healthcheckWords(name: string): string {
  return `healthcheck of ${name}: {test: ["CMD", "ollama", "list"], interval: 10s, retries: 10} (the image has no curl)`;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'no network' : names.join(', ');
}
