import type { Container, OllamaClient } from '../../facts/containers.ts';
import type { Inventory } from '../containers/list.ts';
import { applicationOf } from './applications.ts';
import { clientUrl } from './client-url.ts';
import { hypotheticalClient } from './hypothetical.ts';
import type { LoggedAddress } from './log.ts';
import { type ClientSetting, clientSettings } from './settings.ts';

export interface FoundClients {
  clients: OllamaClient[];
  /** Names given with --container that no container has. */
  unknown: string[];
}

export interface FindOptions {
  /** Names, or ids from their first digits on. */
  named: readonly string[];
  /** From `takeInventory`, for the hypothetical one. */
  defaultNetworks?: Inventory['defaultNetworks'];
  /** The port Ollama listens on, for the hypothetical one; default 11434. */
  port?: number;
  /** Whether there is an Ollama on this host or in a container; without one nobody's default is guessed at. */
  ollamaHere?: boolean;
  /** The addresses in the containers' logs, by container id. */
  logs?: ReadonlyMap<string, readonly LoggedAddress[]>;
  /** Milliseconds since 1970: a container that broke down long ago is nobody's trouble any more. */
  now?: number;
}

/**
 * Who wants Ollama, and by which URL.
 *
 * With names, exactly those containers, in any state, also without a setting. Otherwise every container that runs, or
 * should run and does not, whose variables, arguments, image, log or compose service point at an Ollama. One client
 * for each distinct URL of a container. Where none is known to use it, one hypothetical besides: what a container on
 * the default network would meet.
 */
export function findClients(containers: readonly Container[], options: FindOptions): FoundClients {
  if (options.named.length > 0) return findNamed(containers, options);
  const clients = containers
    .filter((container) => isWanted(container, options.now))
    .flatMap((container) => clientsOf(container, containers, options, false));
  if (clients.some((client) => client.guessed !== true)) return { clients, unknown: [] };
  return {
    clients: [
      hypotheticalClient(options.defaultNetworks ?? [], containers, options.port ?? 11_434),
      ...(options.ollamaHere === true ? clients : []),
    ],
    unknown: [],
  };
}

/** Whether a container's log is worth reading: its URL may be kept elsewhere, or it has broken down over it. */
export function isLogWanted(container: Container, options: Pick<FindOptions, 'named' | 'now'>): boolean {
  if (container.servesOllama) return false;
  const isNamed = options.named.some((name) => name === container.name || container.id.startsWith(name));
  if (!isNamed && !isWanted(container, options.now)) return false;
  const { state } = container;
  const hasSetting = clientSettings(container).length > 0;
  if (state !== 'running') return hasSetting || isNamed;
  return applicationOf(container.image) !== undefined || (isNamed && !hasSetting);
}

const day = 24 * 60 * 60 * 1000;

/** Runs, or broke down within the last day. One that somebody stopped is meant to be stopped. */
function isWanted({ state, ended }: Container, now: number | undefined): boolean {
  if (state === 'running' || state === 'restarting' || state === 'paused') return true;
  if (!ended || (state !== 'exited' && state !== 'dead' && state !== 'created')) return false;
  // 130, 137 and 143: a signal, which is what `docker stop` and ^C are.
  const isBroken = ended.error !== undefined || ![0, 130, 137, 143].includes(ended.exitCode);
  const at = Date.parse(ended.at ?? '');
  return isBroken && (now === undefined || Number.isNaN(at) || now - at < day);
}

function findNamed(containers: readonly Container[], options: FindOptions): FoundClients {
  const found = new Set<Container>();
  const unknown: string[] = [];
  for (const name of options.named) {
    const exact = containers.filter((container) => container.name === name || container.id === name);
    const byId = /^[0-9a-f]{4,}$/u.test(name)
      ? containers.filter((container) => container.id.startsWith(name))
      : [];
    const matches = exact.length > 0 ? exact : byId;
    if (matches.length === 0) unknown.push(name);
    for (const match of matches) found.add(match);
  }
  const clients = [...found].flatMap((container) => {
    const own = clientsOf(container, containers, options, true);
    if (own.length > 0) return own;
    return [{ subject: subjectOf(container), container, hypothetical: false, askedFor: true }];
  });
  return { clients, unknown };
}

/** A client for each distinct address; a setting that is no URL is one of its own, as it is a finding. */
function clientsOf(
  container: Container,
  all: readonly Container[],
  options: FindOptions,
  askedFor: boolean,
): OllamaClient[] {
  const logged = options.logs?.get(container.id) ?? [];
  const byUrl = new Map<string, OllamaClient>();
  for (const setting of allSettings(container, all, logged)) {
    const { name, value, assumed, guessed } = setting;
    const url = clientUrl(value);
    const key = url?.href.replace(/\/+$/u, '') ?? value;
    if (byUrl.has(key)) continue;
    const trouble = url && logged.find((one) => clientUrl(one.address)?.host === url.host)?.trouble;
    byUrl.set(key, {
      subject: subjectOf(container),
      container,
      setting: { name, value },
      ...(url ? { url } : {}),
      ...(assumed === undefined ? {} : { assumed }),
      ...(guessed === true ? { guessed } : {}),
      ...(trouble === undefined ? {} : { logged: trouble }),
      hypothetical: false,
      askedFor,
    });
  }
  return [...byUrl.values()];
}

type AnySetting = ClientSetting & { guessed?: boolean };

/** What is written, else what the log tells, else what the application or the compose file lets one expect. */
function allSettings(
  container: Container,
  all: readonly Container[],
  logged: readonly LoggedAddress[],
): AnySetting[] {
  const written = clientSettings(container);
  if (container.servesOllama) return written;
  const application = applicationOf(container.image);
  const fromLog = inLog(logged, written);
  if (written.length > 0) return application?.keeps === undefined ? written : [...written, ...fromLog];
  if (fromLog.length > 0) return fromLog;
  if (application?.fallback !== undefined) {
    return [
      {
        name: application.variable ?? 'Base URL',
        value: application.fallback,
        assumed: `the default of ${application.name}, which sets no URL here`,
        guessed: !application.needsOllama,
      },
    ];
  }
  const server = all.find(
    (one) =>
      one.servesOllama &&
      one.endpoint === container.endpoint &&
      one.compose !== undefined &&
      one.compose.project === container.compose?.project &&
      container.dependsOn?.includes(one.compose.service) === true,
  );
  if (server?.compose === undefined) return [];
  const { service } = server.compose;
  const assumed = `its compose service waits for ${service}, and sets no URL`;
  return [{ name: 'URL', value: `http://${service}:11434`, assumed, guessed: true }];
}

/**
 * The latest address in the log that no setting has. Bare addresses of failed connections are what a name was resolved
 * to, so a URL with a name goes before them.
 */
function inLog(logged: readonly LoggedAddress[], written: readonly ClientSetting[]): AnySetting[] {
  const known = new Set(written.map((setting) => clientUrl(setting.value)?.hostname));
  const others = logged.flatMap(({ address }) => {
    const url = clientUrl(address);
    return url === undefined || known.has(url.hostname) ? [] : [url];
  });
  const isBare = (url: URL): boolean => /^\[|^\d+\.\d+\.\d+\.\d+$/u.test(url.hostname);
  const [first] = [...others.filter((url) => !isBare(url)), ...others.filter(isBare)];
  // With a setting beside it, an address of a failed connection is most likely the setting's own.
  if (first === undefined || (written.length > 0 && isBare(first))) return [];
  return [{ name: 'its log', value: first.origin, assumed: 'an address in the last lines of its log' }];
}

function subjectOf(container: Container): string {
  return `container:${container.name}`;
}
