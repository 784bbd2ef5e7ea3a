import type { Container } from '../../facts/containers.ts';
import { parseOllamaHost } from '../../ollama/host-setting.ts';

/** Something in a container's configuration that says where its Ollama is. */
export interface ClientSetting {
  name: string;
  /** One address: lists (`OLLAMA_BASE_URLS=a;b`) are taken apart. */
  value: string;
  /** Where the value is an application's default in place of what is written: why, in words. */
  assumed?: string;
}

/** Variables of the Ollama server and its tools that hold no address of a server to ask. */
const notAnAddress = /^OLLAMA_HOSTNAME$/iu;
const proxy = /^(?:HTTP|HTTPS|ALL|NO)_PROXY$/iu;

/**
 * The settings of a container that point at an Ollama: every value with port 11434, every variable with OLLAMA in its
 * name, and other LLM variables whose host is called ollama. A server's own OLLAMA_HOST is none: containers that serve
 * give an empty list.
 */
export function clientSettings(container: Container): ClientSetting[] {
  if (container.servesOllama) return [];
  const found: ClientSetting[] = [];
  for (const [name, text] of Object.entries(container.env)) {
    if (proxy.test(name) || notAnAddress.test(name) || isToListen(name, text)) continue;
    for (const value of text.split(/[;,\s]+/u).filter((part) => part !== '')) {
      const setting = readSetting(container, name, value);
      if (setting) found.push(setting);
    }
  }
  for (const argument of container.argumentsWithUrl) {
    const [, name = 'argument', value = argument] = /^(--?[\w-]+)=(.*)$/su.exec(argument) ?? [];
    found.push({ name, value });
  }
  return found;
}

/** OLLAMA_HOST with an address that nobody dials says where a server listens, whatever image it is in. */
function isToListen(name: string, value: string): boolean {
  return name === 'OLLAMA_HOST' && parseOllamaHost(value).listensOn.kind === 'all';
}

function readSetting(container: Container, name: string, value: string): ClientSetting | undefined {
  // Open WebUI's image sets OLLAMA_BASE_URL=/ollama, which its start script turns into this address.
  if (value === '/ollama') {
    return /open-?webui/iu.test(container.image)
      ? {
          name,
          value: 'http://host.docker.internal:11434',
          assumed: 'the default of Open WebUI’s image for /ollama',
        }
      : undefined;
  }
  const pointsAtOllama =
    /:11434(?!\d)/u.test(value) || /OLLAMA/iu.test(name) || /^(?:https?:\/\/)?ollama(?:[:/]|$)/iu.test(value);
  return pointsAtOllama ? { name, value } : undefined;
}
