import type { Container } from '../../facts/containers.ts';
import { parseOllamaHost } from '../../ollama/host-setting.ts';
import { applicationOf } from './applications.ts';

/** Something in a container's configuration that says where its Ollama is. */
export interface ClientSetting {
  /** The variable, the flag (`--ollama-url`), or `argument`. */
  name: string;
  /** One address: lists (`OLLAMA_BASE_URLS=a;b`) are taken apart. */
  value: string;
  /** Where the value is an application's default in place of what is written: why, in words. */
  assumed?: string;
}

/** Variables with OLLAMA in their names that hold no address of a server to ask. */
const notAnAddress =
  /^OLLAMA_HOSTNAME$|ORIGINS?(?:_|$)|CORS|ALLOWED|_PORT(?:_\d+_TCP(?:_\w+)?)?$|_SERVICE_/iu;
const proxy = /^(?:HTTP|HTTPS|ALL|NO|NODE_USE_ENV)_PROXY$/iu;

/**
 * The settings of a container that point at an Ollama, from its variables and its arguments. A server's own
 * OLLAMA_HOST is none: containers that serve give an empty list.
 */
export function clientSettings(
  container: Pick<Container, 'servesOllama' | 'env' | 'argumentsWithUrl' | 'image'>,
): ClientSetting[] {
  if (container.servesOllama) return [];
  return [
    ...settingsOfEnvironment(container.env, container.image),
    ...container.argumentsWithUrl.map((argument) => {
      const [, name = 'argument', value = argument] = /^(--?[\w-]+)=(.*)$/su.exec(argument) ?? [];
      return { name, value };
    }),
  ];
}

/**
 * The variables that name an Ollama's URL: every value with port 11434, every address variable with OLLAMA in its name,
 * and other LLM variables whose host is called ollama. A cloud's URL in OPENAI_BASE_URL is none, nor is an address to
 * listen on, a list of origins, or what an engine writes of a linked container (`OLLAMA_PORT=tcp://…`).
 *
 * @param env variables as in a container or a compose file, unknown ones included
 * @param image decides what `/ollama` means (Open WebUI)
 */
export function settingsOfEnvironment(env: Readonly<Record<string, string>>, image: string): ClientSetting[] {
  return Object.entries(env).flatMap(([name, text]) => {
    if (!isAddressName(name) || isToListen(name, text)) return [];
    return addressesIn(text).flatMap((value) => readSetting(image, name, value) ?? []);
  });
}

/** False for variables that never hold the URL of an Ollama to ask, whatever their value is. */
function isAddressName(name: string): boolean {
  return !proxy.test(name) && !notAnAddress.test(name);
}

/** A list's addresses; a value with spaces in it that is no list stays whole, as that is what is wrong with it. */
function addressesIn(text: string): string[] {
  return text.split(/[;,]+/u).flatMap((part) => {
    const value = part.trim();
    const words = value.split(/\s+/u);
    const withScheme = words.filter((word) => /^[a-z]+:\/\/./iu.test(word)).length;
    const isList =
      words.length > 1 &&
      (withScheme === words.length || (withScheme === 0 && words.every((word) => word.includes(':11434'))));
    return isList ? words : value === '' ? [] : [value];
  });
}

/** OLLAMA_HOST with an address that nobody dials says where a server listens, whatever image it is in. */
function isToListen(name: string, value: string): boolean {
  if (/OLLAMA/iu.test(name)) return name === 'OLLAMA_HOST' && parseOllamaHost(value).listensOn.kind === 'all';
  return /^(?:tcp:\/\/)?(?:0\.0\.0\.0|\[::\]|\*)?:\d+$/u.test(value.trim());
}

function readSetting(image: string, name: string, value: string): ClientSetting | undefined {
  // Open WebUI's image sets OLLAMA_BASE_URL=/ollama, which its start script turns into this address.
  if (value === '/ollama') {
    const application = applicationOf(image);
    return application?.name === 'Open WebUI' && application.fallback !== undefined
      ? { name, value: application.fallback, assumed: 'the default of Open WebUI’s image for /ollama' }
      : undefined;
  }
  if (value.startsWith('tcp://')) return undefined;
  const pointsAtOllama =
    /:11434(?!\d)/u.test(value) ||
    isOllamaName(name) ||
    /^https?:\/\/ollama(?:[:/]|$)/iu.test(value) ||
    (/_(?:HOST|URL)$/iu.test(name) && /^ollama(?:[:/]|$)/iu.test(value));
  return pointsAtOllama ? { name, value } : undefined;
}

/** An address variable with OLLAMA in its name: OLLAMA_HOST, RAG_OLLAMA_BASE_URL, OLLAMA_BASE_URLS. */
function isOllamaName(name: string): boolean {
  return /OLLAMA(?:_[A-Z]+)*_(?:HOSTS?|URLS?|URI|BASE|PATH|ENDPOINT)$/iu.test(name);
}

/**
 * Which API the program behind a setting speaks, as far as its name tells: Ollama's own (a base URL without a path) or
 * OpenAI's (one that ends in `/v1`). `unknown` where programs differ (facts: what each application expects).
 *
 * @param application what the image holds, where that is known: it counts before the name
 */
export function apiOf(
  name: string,
  application: { speaks: 'ollama' | 'openai' } | undefined,
): 'ollama' | 'openai' | 'unknown' {
  if (/^(?:\w+_)?OPENAI(?:_API)?_BASE(?:_URLS?)?$/iu.test(name)) return 'openai';
  if (application !== undefined) return application.speaks;
  if (/^(?:\w+_)?OLLAMA(?:_HOST|_BASE_URLS?|_BASE_PATH|_API_BASE_URL|_PROXY_URL)$/iu.test(name))
    return 'ollama';
  return 'unknown';
}
