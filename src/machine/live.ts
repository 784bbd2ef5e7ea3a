import type { Machine } from './machine.ts';
import { connectLive } from './live/connect.ts';
import { identifyLive } from './live/identity.ts';
import { listLive, readLive } from './live/read.ts';
import { requestLive } from './live/request.ts';
import { resolveLive } from './live/resolve.ts';
import { runLive } from './live/run.ts';
import { trackRunning } from './live/running.ts';
import { liveWriter } from './live/writer.ts';

export interface LiveMachine extends Machine {
  /** Ends every program and connection still open, of the writer too. Whatever is asked later gets `failed`. */
  dispose(): void;
}

/**
 * The machine the doctor runs on. An abort of `signal` ends everything under way but the writer's commands; what is
 * asked afterwards gets `failed`. Programs run in process groups of their own and are ended when this process exits.
 */
export function openLiveMachine(options: { signal?: AbortSignal } = {}): LiveMachine {
  const looking = trackRunning();
  const writing = trackRunning();
  const sockets = new AbortController();
  const interrupt = (): void => {
    looking.stop();
    sockets.abort();
  };
  const dispose = (): void => {
    process.removeListener('exit', dispose);
    options.signal?.removeEventListener('abort', interrupt);
    interrupt();
    writing.stop();
  };
  process.once('exit', dispose);
  options.signal?.addEventListener('abort', interrupt, { once: true });
  if (options.signal?.aborted === true) interrupt();

  const machine: LiveMachine = {
    vantage: 'host',
    identity: identifyLive(),
    run: (request) => runLive(request, looking),
    read: readLive,
    list: listLive,
    connect: (request) => connectLive(request, sockets.signal),
    resolve: resolveLive,
    request: (request) => requestLive(request, sockets.signal),
    now: () => Date.now(),
    enter: (_vantage, build) => build(machine),
    writer: liveWriter(writing),
    dispose,
  };
  return machine;
}
