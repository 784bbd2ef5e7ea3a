import type { Machine, Writer } from '../../src/machine/machine.ts';
import type { Simulated } from '../../src/machine/simulated.ts';

/** Thrown in place of everything that a killed process would have done next. */
class Killed extends Error {}

/**
 * The same machine for a process that is killed at its `at`-th call of the writer (from 1): just before the call does
 * anything, just after, or half way (an append that wrote half of its text; another call as `before`).
 */
export function killedAt(machine: Simulated, at: number, when: 'before' | 'half' | 'after'): Machine {
  const writer = machine.writer as Writer;
  let calls = 0;
  let dead = false;
  const call = async <T>(act: () => Promise<T>, half?: () => Promise<unknown>): Promise<T> => {
    if (dead) throw new Killed();
    calls += 1;
    if (calls !== at) return act();
    dead = true;
    if (when === 'after') await act();
    if (when === 'half') await half?.();
    throw new Killed();
  };
  const alive = <A extends unknown[], T>(act: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      if (dead) throw new Killed();
      return act(...args);
    };
  };
  return {
    ...machine,
    run: alive((request) => machine.run(request)),
    read: alive((path, options) => machine.read(path, options)),
    list: alive((path) => machine.list(path)),
    writer: {
      run: (request) => call(() => writer.run(request)),
      capture: (path) => call(() => writer.capture(path)),
      replace: (path, content, attributes) => call(() => writer.replace(path, content, attributes)),
      remove: (path) => call(() => writer.remove(path)),
      removeEmptyDirectory: (path) => call(() => writer.removeEmptyDirectory(path)),
      appendDurably: (path, text) =>
        call(
          () => writer.appendDurably(path, text),
          () => writer.appendDurably(path, text.slice(0, text.length / 2)),
        ),
      sleep: (milliseconds) => call(() => writer.sleep(milliseconds)),
    },
  };
}

/** How many calls of the writer a process makes. */
export async function countCalls(
  machine: Simulated,
  act: (machine: Machine) => Promise<unknown>,
): Promise<number> {
  const writer = machine.writer as Writer;
  let calls = 0;
  const counted = Object.fromEntries(
    Object.entries(writer).map(([name, method]) => [
      name,
      (...args: unknown[]) => {
        calls += 1;
        return (method as (...given: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Writer;
  await act({ ...machine, writer: counted });
  return calls;
}
