import type { EngineEvent } from '../../engine/engine.ts';
import type { World } from '../world.ts';

/** Shows what is being looked at, on standard error while that is a terminal. */
export interface Progress {
  observe(event: EngineEvent): void;
  /** Takes it off the screen; after that nothing appears any more. */
  stop(): void;
}

/** Most runs are over before anything needs to move. */
const patience = 200;

/** Progress for a run that starts now. */
export function showProgress(world: World, enabled: boolean): Progress {
  if (!enabled || world.stderr.isTTY !== true || world.env['TERM'] === 'dumb') {
    return { observe: () => undefined, stop: () => undefined };
  }
  const running = new Set<string>();
  let stopped = false;
  let spinner: { text: string; stop(): unknown } | undefined;
  const text = (): string => (running.size === 0 ? 'looking' : `looking at ${[...running].join(', ')}`);
  const appear = async (): Promise<void> => {
    const { default: ora } = await import('ora');
    if (stopped) return;
    spinner = ora({ text: text(), stream: world.stderr, discardStdin: false, spinner: 'dots' }).start();
  };
  const timer = setTimeout(() => void appear(), patience);
  return {
    observe(event) {
      if (event.type === 'check-started') running.add(event.id);
      if (event.type === 'check-finished') running.delete(event.row.id);
      if (spinner) spinner.text = text();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      spinner?.stop();
    },
  };
}
