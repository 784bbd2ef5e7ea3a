import { checks } from '../../src/checks/index.ts';
import type { Facts, Probe } from '../../src/diagnosis/collectors.ts';
import { explainSymptoms } from '../../src/diagnosis/explanations.ts';
import { defaultOptions, type DiagnosisOptions } from '../../src/diagnosis/options.ts';
import type { Row } from '../../src/engine/check.ts';
import { runChecks } from '../../src/engine/engine.ts';
import type { ApiAnswer, Asked, Generated, LoadedModel } from '../../src/facts/api.ts';
import type { Container, OllamaClient, RuntimeEndpoint } from '../../src/facts/containers.ts';
import type { ModelFolder } from '../../src/facts/models.ts';
import type { Looked } from '../../src/facts/looked.ts';
import type {
  Bystanders,
  FirewallOwnership,
  HostNetwork,
  Listener,
  Rulesets,
} from '../../src/facts/network.ts';
import type { OllamaService } from '../../src/facts/service.ts';
import type { Identity, ResolveResult } from '../../src/machine/machine.ts';
import { apiBase } from '../../src/ollama/ask.ts';
import { locateServer } from '../../src/path/server.ts';

export const seen = <T>(value: T): Looked<T> => ({ state: 'seen', value, evidence: [] });
export const absent: Looked<never> = { state: 'absent', evidence: [] };
export const unavailable = (reason: string, help = 'run it again with sudo'): Looked<never> => ({
  state: 'unavailable',
  reason,
  help,
});

const identity: Identity = {
  platform: 'linux',
  environment: 'native',
  arch: 'x64',
  release: '6.12.0',
  hostname: 'server',
  elevated: true,
  user: 'root',
  uid: 0,
  home: '/root',
  env: {},
};

/** A healthy server: Ollama on all interfaces, one container that reaches it, rules that let only that one in. */
export interface HostOfValues {
  identity: Identity;
  options: Partial<DiagnosisOptions>;
  services: Looked<OllamaService[]>;
  listeners: Looked<{ listeners: Listener[]; ownersKnown: boolean }>;
  network: Looked<HostNetwork>;
  ownership: Looked<FirewallOwnership>;
  rulesets: Looked<Rulesets>;
  rulesetsAfter: Looked<Rulesets> | undefined;
  bystanders: Looked<Bystanders>;
  hostAnswer: ApiAnswer;
  /** What a page of --origin gets. */
  pageAnswer: ApiAnswer | undefined;
  loaded: LoadedModel[] | undefined;
  generated: Generated | undefined;
  /** What each client gets of it. */
  generatedFrom: Generated | undefined;
  modelFolders: ModelFolder[];
  runtimes: RuntimeEndpoint[];
  containers: Looked<Container[]>;
  /** Of every network, used or not. */
  subnets: Looked<string[]>;
  /** Networks of compose projects whose subnet nobody wrote down. */
  unpinned: { name: string; subnets: string[] }[];
  clients: OllamaClient[];
  /** What the clients get; and what their URL's name is there. */
  answer: ApiAnswer;
  resolved: ResolveResult | undefined;
  /** What they get at other URLs, by URL without a slash at its end; `via PROXY` behind it for one through a proxy. */
  elsewhere: Record<string, ApiAnswer>;
  /** Probes of clients with other URLs, by URL. */
  byUrl: Record<string, Probe>;
  /** Statuses of plain requests by URL. */
  statuses: Record<string, number>;
}

export const ollama: ApiAnswer = {
  kind: 'ollama',
  version: '0.32.15',
  models: [{ name: 'llama3.2:latest' }, { name: 'nomic-embed-text:latest' }],
  address: '172.17.0.1',
  elapsedMs: 3,
};

export const failed = (
  failure: 'refused' | 'timeout' | 'host-unreachable' | 'network-unreachable' | 'name-not-found',
): ApiAnswer => ({
  kind: 'unreachable',
  failure,
  detail: failure,
  elapsedMs: 3,
  ...(failure === 'name-not-found' ? {} : { address: '172.17.0.1' }),
});

export const wildcard: Listener = {
  address: '::',
  port: 11_434,
  family: 6,
  wildcard: true,
  v6only: false,
  process: { pid: 812, name: 'ollama' },
};

export const loopback: Listener = { ...wildcard, address: '127.0.0.1', family: 4, wildcard: false };

export function service(change: Partial<OllamaService> = {}): OllamaService {
  return {
    manager: 'systemd',
    name: 'ollama.service',
    state: 'running',
    startsAtBoot: true,
    pid: 812,
    settings: [],
    needsReload: false,
    dropIns: [],
    log: [],
    definition: '/etc/systemd/system/ollama.service',
    processHost: { value: '0.0.0.0:11434', source: '/proc/812/environ' },
    configuredHost: '0.0.0.0:11434',
    ...change,
  };
}

export function container(change: Partial<Container> = {}): Container {
  return {
    runtime: 'docker',
    endpoint: 'unix:///var/run/docker.sock',
    product: 'docker-engine',
    id: 'f00dfeedf00d',
    name: 'web',
    image: 'app:1',
    state: 'running',
    networkMode: 'app_default',
    networks: [
      {
        name: 'app_default',
        id: '1a2b3c4d5e6f',
        driver: 'bridge',
        internal: false,
        address: '172.18.0.2',
        subnets: [{ subnet: '172.18.0.0/16', gateway: '172.18.0.1' }],
        bridge: 'br-1a2b3c4d5e6f',
        aliases: ['web'],
      },
    ],
    extraHosts: ['host.docker.internal:host-gateway'],
    env: { OLLAMA_URL: 'http://host.docker.internal:11434' },
    argumentsWithUrl: [],
    servesOllama: false,
    ports: [],
    ...change,
  };
}

export function client(url = 'http://host.docker.internal:11434', of: Container = container()): OllamaClient {
  return {
    subject: `container:${of.name}`,
    container: of,
    setting: { name: 'OLLAMA_URL', value: url },
    ...(URL.canParse(url) ? { url: new URL(url) } : {}),
    hypothetical: false,
    askedFor: false,
  };
}

export const rules = (...lines: string[]): Looked<Rulesets> =>
  seen({
    listings: [
      {
        format: 'iptables-save',
        backend: 'nft',
        source: 'iptables-save -c',
        text: [
          '*filter',
          ':INPUT ACCEPT [0:0]',
          ':FORWARD ACCEPT [0:0]',
          ':OUTPUT ACCEPT [0:0]',
          ...lines,
          'COMMIT',
          '',
        ].join('\n'),
      },
      {
        format: 'ip6tables-save',
        backend: 'nft',
        source: 'ip6tables-save -c',
        text: '*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n',
      },
    ],
    missing: [],
  });

export const letsOnlyTheContainerIn = [
  '[9:540] -A INPUT -i lo -j ACCEPT',
  '[9:540] -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '[9:540] -A INPUT -s 172.18.0.0/16 -p tcp -m tcp --dport 11434 -j ACCEPT',
  '[9:540] -A INPUT -p tcp -m tcp --dport 11434 -j DROP',
];

const healthy: HostOfValues = {
  identity,
  options: {},
  services: seen([service()]),
  listeners: seen({ listeners: [wildcard], ownersKnown: true }),
  network: seen({
    addresses: [
      { interface: 'lo', address: '127.0.0.1', prefixLength: 8, scope: 'host', up: true },
      { interface: 'eth0', address: '192.168.1.10', prefixLength: 24, scope: 'global', up: true },
      { interface: 'docker0', address: '172.17.0.1', prefixLength: 16, scope: 'global', up: true },
      { interface: 'br-1a2b3c4d5e6f', address: '172.18.0.1', prefixLength: 16, scope: 'global', up: true },
    ],
    routes: [{ destination: 'default', interface: 'eth0', gateway: '192.168.1.1', family: 4 }],
    bridgePorts: {},
    sysctls: {},
  }),
  ownership: seen({
    owner: 'netfilter-persistent',
    savedFiles: [
      {
        family: 4,
        path: '/etc/iptables/rules.v4',
        exists: true,
        readable: true,
        text: [
          '*filter',
          ':INPUT ACCEPT [0:0]',
          ...letsOnlyTheContainerIn.map((line) => line.slice(8)),
          'COMMIT',
          '',
        ].join('\n'),
      },
    ],
    loadsAtBoot: true,
    source: 'netfilter-persistent.service enabled',
  }),
  rulesets: rules(...letsOnlyTheContainerIn),
  rulesetsAfter: undefined,
  bystanders: seen({ found: [] }),
  hostAnswer: { ...ollama, address: '127.0.0.1' },
  pageAnswer: undefined,
  loaded: undefined,
  generated: undefined,
  generatedFrom: undefined,
  modelFolders: [],
  runtimes: [
    {
      runtime: 'docker',
      endpoint: 'unix:///var/run/docker.sock',
      foundBy: 'default socket',
      state: {
        state: 'answers',
        version: '26.1.5',
        apiVersion: '1.45',
        product: 'docker-engine',
        rootless: false,
      },
    },
  ],
  containers: seen([container()]),
  unpinned: [],
  subnets: seen(['172.17.0.0/16', '172.18.0.0/16']),
  clients: [client()],
  answer: ollama,
  resolved: { outcome: 'resolved', addresses: ['172.17.0.1'] },
  elsewhere: {},
  byUrl: {},
  statuses: {},
};

/** The facts of a healthy server with the given ones in their place. */
export function factsOf(change: Partial<HostOfValues> = {}): Facts {
  const host = { ...healthy, ...change };
  const options = { ...defaultOptions, ...host.options };
  const asked = (url: string, answer: ApiAnswer): Asked => ({ url, answer, evidence: [] });
  const server = locateServer(
    host.services,
    host.listeners,
    host.identity.env['OLLAMA_HOST'],
    options.url === undefined ? undefined : new URL(options.url),
  );
  return {
    identity: host.identity,
    options,
    services: async () => host.services,
    listeners: async () => host.listeners,
    network: async () => host.network,
    ownership: async () => host.ownership,
    rulesets: async () => host.rulesets,
    bystanders: async () => host.bystanders,
    rulesetsAfterProbes: async () => host.rulesetsAfter ?? host.rulesets,
    server: async () => server,
    host: async () => asked(server.url.href, host.hostAnswer),
    fromPage: async () => (host.pageAnswer ? asked(server.url.href, host.pageAnswer) : undefined),
    loaded: async () => host.loaded,
    generated: async () => host.generated,
    generatedFrom: async () => host.generatedFrom,
    modelFolders: async () => host.modelFolders,
    runtimes: async () => host.runtimes,
    containers: async () => host.containers,
    subnets: async () => host.subnets,
    unpinned: async () => host.unpinned,
    clients: async () => host.clients,
    comparison: async () => [],
    probe: async (of): Promise<Probe> =>
      host.byUrl[of.url?.href ?? ''] ?? {
        asked: asked(of.url?.href ?? '', host.answer),
        ...(host.resolved ? { resolved: host.resolved } : {}),
      },
    askFrom: async (_of, url, proxy) => {
      const key = `${apiBase(url)}${proxy === undefined ? '' : ` via ${proxy.replace(/\/$/u, '')}`}`;
      return asked(apiBase(url), host.elsewhere[key] ?? { kind: 'unavailable', reason: 'not in this test' });
    },
    getFrom: async (_of, url) => {
      const status = host.statuses[url.href];
      return status === undefined
        ? { outcome: 'unavailable', detail: 'not in this test', elapsedMs: 0 }
        : { outcome: 'answered', status, headers: {}, body: '', bodyTruncated: false, elapsedMs: 1 };
    },
  };
}

/** All rows of a run on such a host. */
export async function rowsOf(change: Partial<HostOfValues> = {}): Promise<Row[]> {
  return explainSymptoms(await runChecks(checks, factsOf(change), { timeoutMs: 10_000 }));
}
