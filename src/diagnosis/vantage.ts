import type { Container } from '../facts/containers.ts';
import type { Looked } from '../facts/looked.ts';

/**
 * What a place inside a container is called, in recordings too: `container:web`, and with the engine's endpoint where
 * another engine has a container of that name (`container:web at unix:///run/podman/podman.sock`).
 */
export function vantageOf(container: Container, all: Looked<readonly Container[]>): string {
  const { endpoint, id, name } = container;
  const namesakes = all.state === 'seen' ? all.value.filter((one) => one.name === name && one.id !== id) : [];
  const plain = `container:${name}`;
  return namesakes.length === 0 ? plain : `${plain} at ${endpoint}`;
}
