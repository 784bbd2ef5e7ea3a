import type { Container } from '../../facts/containers.ts';
import { clientUrl } from '../../runtimes/clients/client-url.ts';
import { clientSettings } from '../../runtimes/clients/settings.ts';
import {
  bundlesOllama,
  keptArguments,
  keptEnvironment,
  servesOllama,
} from '../../runtimes/containers/environment.ts';
import { parseOllamaHost } from '../../ollama/host-setting.ts';
import type { Service, Written } from '../model/model.ts';

/** A place where a service names an Ollama. */
export interface Use {
  service: Service;
  /** The variable or the flag: `OLLAMA_BASE_URL`. */
  name: string;
  /** One address; lists are taken apart. */
  value: string;
  /** The URL a client makes of it; undefined when it can be none. */
  url: URL | undefined;
  written: Written;
}

/** Variables that a build hands to the browser, where localhost is the reader's own computer. */
const forBrowsers = /^(?:NEXT_PUBLIC|VITE|REACT_APP|NUXT_PUBLIC|PUBLIC|VUE_APP|EXPO_PUBLIC)_/u;

/** The Ollama addresses of a service, found as those of a container are. */
export function usesOf(service: Service): Use[] {
  return clientSettings(asContainer(service)).flatMap((setting): Use[] => {
    if (setting.assumed !== undefined || forBrowsers.test(setting.name)) return [];
    const written =
      service.environment.get(setting.name) ??
      service.argv.find((word) => word.value.includes(setting.value));
    if (!written) return [];
    return [{ service, name: setting.name, value: setting.value, url: clientUrl(setting.value), written }];
  });
}

/** Whether the service runs `ollama serve`. */
export function servesHere(service: Service): boolean {
  return asContainer(service).servesOllama;
}

/** Whether it serves other services too: an Ollama inside Open WebUI's image listens on loopback there. */
export function servesOthers(service: Service): boolean {
  const lines = [...service.environment.values()].map(({ name, value }) => `${name}=${value}`);
  return servesHere(service) && !bundlesOllama(service.image, lines);
}

/** The port a serving service listens on inside. */
export function servingPort(service: Service): number {
  return parseOllamaHost(service.environment.get('OLLAMA_HOST')?.value).port;
}

/** A service as the container that it would be, as far as settings go. */
function asContainer(service: Service): Container {
  const lines = [...service.environment.values()].map(({ name, value }) => `${name}=${value}`);
  const words = service.argv.map((word) => word.value);
  return {
    runtime: 'docker',
    endpoint: '',
    product: 'unknown',
    id: service.name,
    name: service.name,
    image: service.image,
    state: 'unknown',
    networkMode: service.networkMode?.value ?? '',
    networks: [],
    extraHosts: [],
    env: keptEnvironment(lines),
    argumentsWithUrl: keptArguments(words),
    servesOllama: servesOllama(service.image, words, lines),
    ports: [],
  };
}

/** The same address with another host and port, written as it was: without a scheme where there was none. */
export function withHost(value: string, host: string, port: number, scheme?: 'http'): string {
  const parts = /^([a-z][a-z0-9+.-]*:\/\/)?([^@/]*@)?(\[[^\]]*\]|[^:/]*)(?::(\d*))?(.*)$/isu.exec(
    value.trim(),
  );
  if (!parts) return value;
  const [, written = '', user = '', , writtenPort, rest = ''] = parts;
  const prefix = written === '' ? '' : scheme === undefined ? written : `${scheme}://`;
  const asWritten = prefix === '' && writtenPort === undefined && port === 11_434;
  return `${prefix}${user}${host}${asWritten ? '' : `:${port}`}${rest}`;
}
