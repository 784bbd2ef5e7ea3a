import type { Facts } from './collectors.ts';

/** A container named with --container or --from that no answering engine knows. */
export class UnknownContainerError extends Error {
  override readonly name = 'UnknownContainerError';
  readonly containers: readonly string[];
  /** Names that do exist, for a hint. */
  readonly known: readonly string[];

  constructor(containers: readonly string[], known: readonly string[]) {
    super(`no container is called ${containers.join(', ')}`);
    this.containers = containers;
    this.known = known;
  }
}

/**
 * Makes sure that the engines that answered know every container that was named.
 *
 * @throws UnknownContainerError when they do not know one. Where none answered, nothing can be said.
 */
export async function assertContainersExist(facts: Facts): Promise<void> {
  const containers = await facts.containers();
  if (containers.state !== 'seen') return;
  const runtimes = await facts.runtimes();
  if (!runtimes.some((runtime) => runtime.state.state === 'answers')) return;
  const unknown = facts.options.containers.filter(
    (wanted) =>
      !containers.value.some(
        (one) => one.name === wanted || (wanted.length >= 4 && one.id.startsWith(wanted)),
      ),
  );
  if (unknown.length > 0)
    throw new UnknownContainerError(
      unknown,
      containers.value.map((one) => one.name),
    );
}
