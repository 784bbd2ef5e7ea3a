import type { Container } from '../../facts/containers.ts';
import { recreation, type RunChange } from '../../runtimes/index.ts';
import type { Planning } from '../recipe.ts';

/**
 * What a person does to a container that no compose file made: where its setting belongs, and the words that make it
 * again with the change, worked out from what its engine says. Printed and never run.
 */
export async function byHand(
  { machine }: Planning,
  container: Container,
  change: RunChange,
): Promise<string[]> {
  const what = [
    ...(change.set ? [`${change.set.name}=${change.set.value}`] : []),
    ...(change.addHost === undefined ? [] : [`--add-host=${change.addHost}:host-gateway`]),
  ].join(' and ');
  const place = `where another program, a script or a unit starts ${container.name}, give it ${what} there`;
  const made = await recreation(machine, container, change).catch(() => undefined);
  return made ? [`${place}; by hand it is:`, ...made.commands, ...made.losses] : [place];
}
