import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import type { Evidence } from '../report/schema.ts';
import type { Server } from '../path/server.ts';
import { commandsFor } from '../findings/service-commands.ts';
import { setByHand } from '../findings/set-by-hand.ts';
import { joinHostPort } from '../ollama/go-host-port.ts';
import { parseOllamaHost } from '../ollama/host-setting.ts';
import { meantPort } from '../path/meant-port.ts';
import { hasSettingPlace } from '../path/setting-place.ts';
import { settingInForce } from '../facts/in-force.ts';
import type { OllamaService } from '../facts/service.ts';
import { throughOwnProcess, throughProxy } from '../path/target.ts';
import { hostAccessOf } from '../runtimes/knowledge/index.ts';
import { allWays, nobodyAsksThisHost, type Way, wantsThisHost } from './clients.ts';
import { containerServers } from './container-server.ts';
import { strangerOnPort } from './stranger-on-port.ts';
import { blockedBy, couldNotLook, type FactCheck, hostOnly, notApplicable, pass } from './context.ts';

/** Which addresses does Ollama listen on, and is the one that clients dial among them? */
export const bindAddress: FactCheck = {
  id: 'bind-address',
  needs: [],
  subjects: hostOnly,
  notApplicable: 'no host to look at',
  async run(facts) {
    const [server, listeners, services] = await Promise.all([
      facts.server(),
      facts.listeners(),
      facts.services(),
    ]);
    const all = await allWays(facts);
    if (server.bind.kind === 'none' && nobodyAsksThisHost(all))
      return [notApplicable('nothing listens here, and no container asks this host for Ollama')];
    const unheard = facts.identity.environment === 'wsl2' ? beyondRelay(all, server) : [];
    const ways = all.filter(crossesNetwork);
    if (listeners.state === 'unavailable') {
      const fine = ways.filter((way) => !way.client.hypothetical).every((way) => way.works);
      return [couldNotLook(listeners, fine ? false : undefined)];
    }
    const evidence = [...listenerEvidence(server), ...settingEvidence(server, services)];
    const stranger = await strangerOnPort(facts, server);
    if (stranger !== undefined)
      return [blockedBy('ollama-api', 'host', stranger), ...(await containerServers(facts))];
    const [containers, runtimes] = await Promise.all([facts.containers(), facts.runtimes()]);
    const blind =
      containers.state !== 'seen' && runtimes.some((runtime) => runtime.state.state !== 'answers');
    const service = services.state === 'seen' ? services.value[0] : undefined;
    const findings =
      unheard.length > 0
        ? [dualStack(server, unheard, evidence)]
        : judge(server, ways, evidence, blind).map((finding) => byHandWhereDown(finding, server, service));
    const wrongPort = portFinding(server, all.filter(wantsThisHost), service, evidence);
    return [...findings, ...(wrongPort ? [wrongPort] : []), ...(await containerServers(facts))];
  },
};

/** Ways that end at a socket of this host as seen from outside of it. A product's proxy and the host's own network reach loopback. */
function crossesNetwork(way: Way): boolean {
  const { kind } = way.target;
  return (
    wantsThisHost(way) &&
    kind !== 'host-loopback' &&
    kind !== 'host-proxy' &&
    kind !== 'engine' &&
    !throughProxy(way.client.container)
  );
}

function judge(server: Server, ways: Way[], evidence: Evidence[], blind: boolean): Finding[] {
  const { bind, port } = server;
  if (bind.kind === 'all') return [pass(`Ollama listens on all interfaces, port ${port}`, evidence)];
  if (bind.kind === 'unknown') return [notApplicable('it is not known what listens here', evidence)];
  if (bind.kind === 'none') {
    if (bind.configured === undefined)
      return [notApplicable(`nothing listens on port ${port}, and no service here would`, evidence)];
    if (bind.configured === 'loopback') return [loopback(server, ways, evidence, blind)];
    return [blockedBy('ollama-service', 'host', `nothing listens on port ${port} while Ollama does not run`)];
  }
  if (bind.kind === 'loopback') return [loopback(server, ways, evidence, blind)];
  const dialled = ways.filter((way) => way.target.kind === 'host');
  const missed = dialled.filter(
    (way) => !way.works && way.target.kind === 'host' && !bind.addresses.includes(way.target.address),
  );
  if (missed.length === 0)
    return [pass(`Ollama listens on ${bind.addresses.join(', ')}, port ${port}`, evidence)];
  const real = missed.filter((way) => !way.client.hypothetical);
  return [
    {
      status: real.length > 0 ? 'fail' : 'warn',
      code: 'bind-unreachable-address',
      summary: `Ollama listens only on ${bind.addresses.join(', ')}, and containers ask ${dialledAddresses(missed)}`,
      evidence,
      recipe: 'bind-all-interfaces',
      affects: subjects(real),
    },
  ];
}

/** A service that does not run, and has no place of its own for its settings: no recipe would do anything here. */
function byHandWhereDown(finding: Finding, { bind, port }: Server, service?: OllamaService): Finding {
  if (finding.recipe !== 'bind-all-interfaces' || bind.kind !== 'none') return finding;
  if (!service || hasSettingPlace(service)) return finding;
  const { recipe: _recipe, ...rest } = finding;
  const assignment = { variable: 'OLLAMA_HOST', value: joinHostPort('0.0.0.0', port) };
  return {
    ...rest,
    instructions: [
      ...(finding.instructions ?? []),
      ...setByHand(service, assignment),
      `then close port ${port} to everyone but your containers: Ollama has no authentication`,
    ],
  };
}

function loopback(server: Server, ways: Way[], evidence: Evidence[], blind: boolean): Finding {
  const running = server.bind.kind === 'loopback';
  const where = running
    ? `Ollama listens on loopback only (${joinHostPort(server.bind.kind === 'loopback' ? server.bind.address : '', server.port)})`
    : `Ollama does not run, and is set to listen on loopback only (port ${server.port})`;
  const refused = running ? 'are refused' : 'will be refused when it does';
  const real = ways.filter((way) => !way.client.hypothetical && !way.works);
  if (real.length > 0) {
    const rootless = real.filter((way) => throughOwnProcess(way.client.container));
    return {
      status: 'fail',
      code: 'bind-loopback',
      summary:
        rootless.length === real.length
          ? `${where}: containers come in by another address of this host and ${refused}`
          : `${where}: containers come in over a bridge and ${refused}`,
      evidence,
      recipe: 'bind-all-interfaces',
      ...(rootless.length === 0 ? {} : { instructions: withoutOpening(rootless) }),
      affects: subjects(real),
    };
  }
  // Nothing that does not run refuses anybody; whoever starts it hears of it then.
  if (!running) return notApplicable(where, evidence);
  if (ways.some((way) => way.client.hypothetical))
    return {
      status: 'warn',
      code: 'bind-loopback',
      summary: `${where}: fine for this host; a container on a bridge would be refused`,
      evidence,
      recipe: 'bind-all-interfaces',
      matters: false,
    };
  return pass(
    `${where}; ${blind ? 'whether a container needs more is not known' : 'nothing here needs more'}`,
    evidence,
  );
}

/** For containers of rootless engines: the cure that leaves Ollama where it is. */
function withoutOpening(ways: Way[]): string[] {
  const steps = ways.flatMap((way) => {
    const { container } = way.client;
    const step = hostAccessOf(container)?.allowLoopback;
    return step === undefined ? [] : [`or, for ${container.name}, without opening Ollama: ${step}`];
  });
  return [...new Set(steps)];
}

/**
 * Clients of Docker Desktop that do not reach an Ollama in this WSL distribution, while it listens on every address.
 * Their way is Windows' loopback and WSL's relay, which does not pass IPv4 on to a socket that is IPv6 and IPv4 at once,
 * as Go's is for 0.0.0.0 (microsoft/WSL issue 4851). On 127.0.0.1 it is reached.
 */
function beyondRelay(ways: readonly Way[], { bind, listeners }: Server): Way[] {
  const dual = listeners?.some((one) => one.wildcard && one.family === 6 && !one.v6only) === true;
  if (bind.kind !== 'all' || !dual) return [];
  return ways.filter((way) => {
    const { answer } = way.probe.asked;
    const shut = answer.kind === 'unreachable' && ['refused', 'timeout'].includes(answer.failure);
    return shut && way.target.kind === 'host-proxy' && way.client.container.product === 'docker-desktop';
  });
}

function dualStack(server: Server, ways: Way[], evidence: Evidence[]): Finding {
  const inForce = evidence.find((one) => one.text.includes('OLLAMA_HOST='))?.source;
  return {
    status: 'fail',
    code: 'bind-dual-stack',
    summary: `Ollama listens on all interfaces, port ${server.port}, by one socket for IPv6 and IPv4: WSL does not pass Docker Desktop's containers on to such a one`,
    evidence,
    instructions: [
      `unset OLLAMA_HOST${inForce === undefined ? '' : ` (${inForce})`}, so that Ollama listens on 127.0.0.1 again, and restart it: Docker Desktop reaches that`,
    ],
    affects: subjects(ways),
  };
}

/** The client asks for the standard port, and Ollama was put elsewhere. */
function portFinding(
  server: Server,
  ways: Way[],
  service: OllamaService | undefined,
  evidence: Evidence[],
): Finding | undefined {
  if (server.port === 11_434 || server.bind.kind === 'none' || server.bind.kind === 'unknown')
    return undefined;
  const asking = ways.filter(
    (way) => !way.works && !way.client.hypothetical && way.client.url && portOf(way.client.url) === 11_434,
  );
  if (asking.length === 0) return undefined;
  const told = server.told === undefined ? '' : `: OLLAMA_HOST=${server.told} means that`;
  const who = `${subjects(asking).join(', ')} ${subjects(asking).length === 1 ? 'asks' : 'ask'} for 11434`;
  const finding = {
    status: 'fail',
    code: 'bind-wrong-port',
    evidence,
    affects: subjects(asking),
  } as const;
  if (service && meantPort(service) !== undefined)
    return {
      ...finding,
      summary: `Ollama listens on port ${server.port}${told}, and ${who}`,
      ...(hasSettingPlace(service)
        ? { recipe: 'set-port' }
        : {
            instructions: [
              `give Ollama the port that was meant${placeOf(service)}: OLLAMA_HOST without http://, and with :11434`,
              commandsFor(service).restart,
            ],
          }),
    };
  return {
    ...finding,
    summary: `Ollama listens on port ${server.port}, and ${who}`,
    instructions: [`give Ollama its usual port${placeOf(service)}, or the client the port that Ollama has`],
  };
}

function placeOf(service: OllamaService | undefined): string {
  const setting = settingInForce(service?.settings, 'OLLAMA_HOST');
  return setting ? ` (${setting.file}:${setting.line} says ${setting.value})` : ' (OLLAMA_HOST=…:11434)';
}

/** The port a URL leads to, its scheme's own included. */
export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

function subjects(ways: Way[]): string[] {
  return [...new Set(ways.map((way) => way.client.subject))];
}

function dialledAddresses(ways: Way[]): string {
  return [...new Set(ways.map((way) => ('address' in way.target ? way.target.address : '')))].join(', ');
}

function listenerEvidence(server: Server): Evidence[] {
  return (server.listeners ?? []).map((listener) => ({
    source: 'listening sockets',
    text:
      `${listener.family === 6 && !listener.wildcard ? `[${listener.address}]` : listener.wildcard ? '*' : listener.address}:${listener.port}` +
      (listener.process ? ` ${listener.process.name} (PID ${listener.process.pid})` : ''),
  }));
}

function settingEvidence(server: Server, services: Awaited<ReturnType<Facts['services']>>): Evidence[] {
  if (services.state !== 'seen') return [];
  const service = services.value[0];
  if (service?.publishedBy) {
    const { file, line, text } = service.publishedBy;
    return [{ source: `${file}:${line}`, text }];
  }
  const inForce = settingInForce(service?.settings, 'OLLAMA_HOST');
  const has = service?.processHost;
  // What was written after it started says nothing about where it listens.
  if (inForce && has && !isSamePlace(has.value, inForce.value))
    return [
      {
        source: has.source,
        text:
          has.value === undefined
            ? 'OLLAMA_HOST is not set: 127.0.0.1:11434 is the default'
            : `OLLAMA_HOST=${has.value}`,
      },
    ];
  if (inForce) return [{ source: `${inForce.file}:${inForce.line}`, text: inForce.text.trim() }];
  if (service && server.told === undefined)
    return [
      {
        source: service.definition ?? service.name,
        text: 'OLLAMA_HOST is not set: 127.0.0.1:11434 is the default',
      },
    ];
  return [];
}

function isSamePlace(one: string | undefined, other: string | undefined): boolean {
  const [a, b] = [parseOllamaHost(one), parseOllamaHost(other)];
  return a.port === b.port && JSON.stringify(a.listensOn) === JSON.stringify(b.listensOn);
}
