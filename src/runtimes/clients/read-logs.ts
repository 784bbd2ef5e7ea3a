import type { Container } from '../../facts/containers.ts';
import type { Machine } from '../../machine/machine.ts';
import { engineClient } from '../docker/client.ts';
import { splitStreams } from '../docker/stream.ts';
import { type LoggedAddress, loggedAddresses } from './log.ts';

const linesAtMost = 200;
const containersAtMost = 30;

/**
 * The addresses with port 11434 in the last 200 lines of each container's log, by container id. Nothing runs in the
 * containers for it. One whose log cannot be read is left out.
 */
export async function readLogs(
  machine: Machine,
  containers: readonly Container[],
): Promise<Map<string, LoggedAddress[]>> {
  const read = containers.slice(0, containersAtMost).map(async ({ endpoint, id }) => {
    try {
      const client = await engineClient(machine, endpoint, 2000);
      const { stdout, stderr } = splitStreams(await client.logs(id, linesAtMost));
      const text = `${stdout.toString('utf8')}\n${stderr.toString('utf8')}`;
      return [[id, loggedAddresses(text)] as const];
    } catch {
      return [];
    }
  });
  return new Map((await Promise.all(read)).flat());
}
