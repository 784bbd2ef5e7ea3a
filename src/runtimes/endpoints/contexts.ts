import { createHash } from 'node:crypto';
import type { Machine } from '../../machine/machine.ts';
import { fields, words } from '../docker/fields.ts';

/** A context of Docker's CLI: its name and where it points. */
interface DockerContext {
  name: string;
  endpoint: string;
}

/** What became of looking for the context in force. */
export type ContextLook =
  | { state: 'found'; context: DockerContext }
  /** None chosen, or "default": the default sockets hold. */
  | { state: 'default' }
  /** Chosen, and its file is missing, unreadable or garbage. */
  | { state: 'broken'; name: string; detail: string };

/** The `currentContext` of a `config.json`; undefined when it names none or is not JSON. */
export function currentContext(configJson: string): string | undefined {
  return words(fields(parse(configJson))['currentContext']);
}

/** The Docker endpoint of a context's `meta.json`; undefined when it has none. */
export function contextEndpoint(metaJson: string): string | undefined {
  const endpoints = fields(fields(parse(metaJson))['Endpoints']);
  return words(fields(endpoints['docker'])['Host']);
}

/** Where Docker's CLI keeps a context: a folder named by the SHA-256 of its name (docker/cli `cli/context/store`). */
export function contextFile(configFolder: string, name: string): string {
  return `${configFolder}/contexts/meta/${createHash('sha256').update(name).digest('hex')}/meta.json`;
}

/**
 * Finds the context in force for one user.
 *
 * @param configFolder the CLI's own folder, `~/.docker` unless DOCKER_CONFIG moves it
 * @param chosen DOCKER_CONTEXT, which goes before the file's `currentContext`
 */
export async function lookUpContext(
  machine: Machine,
  configFolder: string,
  chosen: string | undefined,
): Promise<ContextLook> {
  let name = chosen;
  if (name === undefined || name === '') {
    const config = await machine.read(`${configFolder}/config.json`);
    name = config.outcome === 'read' ? currentContext(config.text) : undefined;
  }
  if (name === undefined || name === 'default') return { state: 'default' };
  const file = contextFile(configFolder, name);
  const meta = await machine.read(file);
  if (meta.outcome !== 'read')
    return { state: 'broken', name, detail: `${file} is ${missing(meta.outcome)}` };
  const endpoint = contextEndpoint(meta.text);
  if (endpoint === undefined) return { state: 'broken', name, detail: `${file} names no endpoint` };
  return { state: 'found', context: { name, endpoint } };
}

function missing(outcome: 'absent' | 'denied' | 'failed' | 'not-recorded'): string {
  if (outcome === 'absent') return 'missing';
  return outcome === 'not-recorded' ? 'not recorded' : 'not readable';
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
