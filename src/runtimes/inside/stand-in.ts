import type { Container } from '../../facts/containers.ts';
import type { HelperPlace } from './helper-container.ts';

/** True where nothing can be run in the container: it has stopped, was never started, or keeps starting again. */
export function isStopped({ id, state }: Container): boolean {
  return id !== '' && state !== 'running' && state !== 'paused' && state !== 'unknown';
}

/**
 * Where a container of our own would see what a stopped one would: its first network, with the same names written into
 * it. undefined where there is no such place (no network at all, or that of another container).
 */
export function standInPlace(container: Container): HelperPlace | undefined {
  const { extraHosts, networkMode, networks } = container;
  if (networkMode === 'none' || networkMode === '' || networkMode.startsWith('container:')) return undefined;
  if (networkMode === 'host') return { network: 'host', extraHosts: [] };
  const network = networks.find((own) => own.name === networkMode) ?? networks[0];
  return { network: network?.name ?? networkMode, extraHosts };
}

/** `keeps restarting`, `has exited`: a verb and what goes with it. */
export function stateWords({ state }: Container): string {
  switch (state) {
    case 'restarting':
      return 'keeps restarting';
    case 'exited':
      return 'has exited';
    case 'created':
      return 'was never started';
    case 'dead':
      return 'is dead';
    case 'running':
    case 'paused':
    case 'unknown':
      return `is ${state}`;
  }
}
