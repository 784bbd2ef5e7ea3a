/** The programs and sockets a live machine has open, so that all of them can be ended at once. */
export interface Running {
  /** Adds something that can be ended; the result forgets it again. */
  add(end: (signal: NodeJS.Signals) => void): () => void;
  /** True once {@link stop} was called: nothing new may start. */
  stopped(): boolean;
  /** Ends everything; what is started later is refused. */
  stop(signal?: NodeJS.Signals): void;
}

export function trackRunning(): Running {
  const ends = new Set<(signal: NodeJS.Signals) => void>();
  let isStopped = false;
  return {
    add(end) {
      ends.add(end);
      return () => void ends.delete(end);
    },
    stopped: () => isStopped,
    stop(signal = 'SIGKILL') {
      isStopped = true;
      for (const end of ends) end(signal);
    },
  };
}
