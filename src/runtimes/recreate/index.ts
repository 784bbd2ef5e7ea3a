import type { Container } from '../../facts/containers.ts';
import type { Machine } from '../../machine/machine.ts';
import { engineClient } from '../docker/client.ts';
import { fields, words } from '../docker/fields.ts';
import { runCommand, type RunChange, type RunCommand } from './run-command.ts';

/** What makes a container again with a change; asks its engine and changes nothing. @throws what the engine says */
export async function recreation(
  machine: Machine,
  container: Container,
  change: RunChange,
): Promise<RunCommand | undefined> {
  const client = await engineClient(machine, container.endpoint);
  const answer: unknown = await client.inspectContainer(container.id);
  const id = words(fields(answer)['Image']);
  const image = id === undefined ? undefined : await client.inspectImage(id).catch(() => undefined);
  return runCommand(answer, image, container.runtime, change);
}
