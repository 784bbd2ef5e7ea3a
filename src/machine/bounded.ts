import type { Machine, RunRequest } from './machine.ts';

/**
 * The same machine, whose commands end sooner: one that hangs then costs its own check, and leaves the rest of a run
 * with a short `--timeout` the time they need.
 * @param milliseconds the most that any one command gets
 */
export function withShorterCommands(machine: Machine, milliseconds: number): Machine {
  return {
    vantage: machine.vantage,
    identity: machine.identity,
    run: (request: RunRequest) =>
      machine.run({ ...request, timeoutMs: Math.min(request.timeoutMs ?? milliseconds, milliseconds) }),
    read: (path, options) => machine.read(path, options),
    list: (path) => machine.list(path),
    connect: (request) => machine.connect(request),
    resolve: (request) => machine.resolve(request),
    request: (request) => machine.request(request),
    now: () => machine.now(),
    enter: (vantage, build) => machine.enter(vantage, build),
    writer: machine.writer,
  };
}
