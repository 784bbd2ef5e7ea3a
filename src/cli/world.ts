import type { Machine } from '../machine/machine.ts';

/** A stream that text goes out on; `write` calls back once it is handed over. */
export interface Output {
  write(text: string, written: () => void): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

/** What the commands may touch, handed in so that they can be tried with values. */
export interface World {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean | undefined };
  stdout: Output;
  stderr: Output & NodeJS.WritableStream;
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
  openMachine(signal: AbortSignal): Promise<OpenMachine>;
  openReplay(path: string): Promise<Machine>;
  /** Held while something is being changed; an interrupt then waits for the change to end. */
  changing: { now: boolean };
}

/** A machine, and what ends everything still open on it. */
export type OpenMachine = Machine & { dispose(): void };

/** Writes a text and waits until the stream took it. */
export function print(output: Output, text: string): Promise<void> {
  return new Promise((resolve) => {
    output.write(text, () => resolve());
  });
}
