import type { HttpRequest } from '../../machine/machine.ts';

/** Where an engine's API is: a local socket, plain TCP, or something this version cannot ask. */
export type EngineAddress =
  | { kind: 'socket'; socketPath: string }
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'unsupported'; reason: string; help: string };

/**
 * Reads an endpoint as Docker's `-H`, DOCKER_HOST and its contexts write it.
 *
 * @param endpoint `unix:///var/run/docker.sock`, `npipe:////./pipe/docker_engine`, `tcp://10.0.0.1:2375`, `ssh://…`
 * @returns never throws; what it cannot read is `unsupported` with a reason for people.
 */
export function parseEndpoint(endpoint: string): EngineAddress {
  const text = endpoint.trim();
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.*)$/isu.exec(text) ?? [];
  switch (scheme.toLowerCase()) {
    case 'unix':
      return rest.startsWith('/')
        ? { kind: 'socket', socketPath: rest }
        : unsupported(`${text} names no socket`, 'use unix:///path/to/docker.sock');
    case 'npipe':
      return rest === ''
        ? unsupported(`${text} names no pipe`, 'use npipe:////./pipe/docker_engine')
        : { kind: 'socket', socketPath: rest };
    case 'tcp':
    case 'http':
      return tcpAddress(text, rest);
    case 'https':
      return unsupported(`${text} wants TLS client certificates`, 'point DOCKER_HOST at a local socket');
    case 'ssh':
      return unsupported(
        `the engine is on another machine (${withoutCredentials(text)})`,
        'run ollama-doctor on that machine',
      );
    default:
      return unsupported(
        `${JSON.stringify(withoutCredentials(text))} is no engine address`,
        'use unix:///path/to/docker.sock or tcp://host:port',
      );
  }
}

/** How a request reaches that engine; with a socket the host is only the Host header, as in Docker's own clients. */
export function requestTo(address: EngineAddress, path: string): Pick<HttpRequest, 'url' | 'socketPath'> {
  if (address.kind === 'socket') return { socketPath: address.socketPath, url: `http://docker${path}` };
  if (address.kind === 'unsupported') return { url: `http://unsupported.invalid${path}` };
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return { url: `http://${host}:${address.port}${path}` };
}

/** Docker's plain TCP port is 2375; 2376 is TLS by convention, which needs certificates. */
function tcpAddress(text: string, rest: string): EngineAddress {
  let url: URL;
  try {
    url = new URL(`http://${rest}`);
  } catch {
    return unsupported(`${text} is no engine address`, 'use tcp://host:2375');
  }
  const port = url.port === '' ? 2375 : Number(url.port);
  if (port === 2376) {
    return unsupported(`${text} wants TLS client certificates`, 'point DOCKER_HOST at a local socket');
  }
  return { kind: 'tcp', host: url.hostname.replace(/^\[|\]$/gu, ''), port };
}

function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/@]*@/u, '//');
}

function unsupported(reason: string, help: string): EngineAddress {
  return { kind: 'unsupported', reason, help };
}
