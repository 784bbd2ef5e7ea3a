import type { EngineEvent } from '../../engine/engine.ts';
import type { World } from '../world.ts';

/** Shows what is going on, on standard error while that is a terminal. */
export interface Progress {
  observe(event: EngineEvent): void;
  /** Takes it off the screen, as something else is to be read there. */
  pause(): void;
  /** Shows it again, with these words until a check starts. */
  resume(words: string): void;
}

/** Most runs are over before anything needs to move. */
const patience = 200;

/** Progress for a run that starts now. */
export function showProgress(world: World, enabled: boolean): Progress {
  // A terminal without a size (script(1), some CI) says 0 columns, of which ora would erase lines without end.
  const { isTTY, columns } = world.stderr;
  const seen = enabled && isTTY === true && (columns ?? 0) > 0 && world.env['TERM'] !== 'dumb';
  const progress = seen ? new Spinner(world) : silent;
  progress.resume('looking');
  return progress;
}

const silent: Progress = { observe: () => undefined, pause: () => undefined, resume: () => undefined };

class Spinner implements Progress {
  readonly #world: World;
  readonly #running = new Set<string>();
  #words = '';
  #timer: NodeJS.Timeout | undefined;
  #ora: { text: string; stop(): unknown } | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  observe(event: EngineEvent): void {
    if (event.type === 'check-started') this.#running.add(event.id);
    if (event.type === 'progress') this.#words = event.words;
    if (event.type === 'check-finished') this.#running.delete(event.row.id);
    if (this.#ora) this.#ora.text = this.#text();
  }

  pause(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#ora?.stop();
    this.#ora = undefined;
  }

  resume(words: string): void {
    this.pause();
    this.#words = words;
    const timer = setTimeout(() => void this.#appear(timer), patience);
    this.#timer = timer;
  }

  async #appear(timer: NodeJS.Timeout): Promise<void> {
    const { default: ora } = await import('ora');
    if (this.#timer !== timer) return;
    const { stderr } = this.#world;
    this.#ora = ora({ text: this.#text(), stream: stderr, discardStdin: false, spinner: 'dots' }).start();
  }

  #text(): string {
    return this.#running.size === 0 ? this.#words : `looking at ${[...this.#running].join(', ')}`;
  }
}
