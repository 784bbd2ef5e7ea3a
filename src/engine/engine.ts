import type { Check, Finding, Row } from './check.ts';

export interface EngineOptions {
  /** The whole run ends by then, in milliseconds from the start, whatever hangs. */
  timeoutMs: number;
  /** Told of progress; must not throw. */
  observe?: (event: EngineEvent) => void;
  /** Milliseconds from any fixed point; for durations. */
  clock?: () => number;
}

export type EngineEvent =
  | { type: 'check-started'; id: string; subject: string }
  | { type: 'check-finished'; row: Row }
  /** How far something long is that was asked for. */
  | { type: 'progress'; words: string }
  | { type: 'finished' };

const satisfying = new Set(['pass', 'warn', 'not-applicable']);

/**
 * Runs checks as soon as what they need is known, independent ones side by side, and returns their rows in the order
 * of `checks`, then of their subjects, then of their findings. Knows no check, prints nothing, touches nothing.
 *
 * A check whose need did not pass for the same subject (or for the host) is `blocked` by that row. One that throws is
 * `inconclusive` with the reason, one cut off by the deadline is `inconclusive` too, and the others go on. Never
 * throws for what a check does; throws a RangeError when a check needs one that is not listed before it.
 */
export async function runChecks<C>(
  checks: readonly Check<C>[],
  context: C,
  options: EngineOptions,
): Promise<Row[]> {
  const clock = options.clock ?? (() => performance.now());
  const observe = options.observe ?? (() => undefined);
  const deadline = new Deadline(options.timeoutMs);
  const results = new Map<string, Promise<Row[]>>();
  for (const check of checks) {
    const needed = check.needs.map((id) => {
      const rows = results.get(id);
      if (!rows) throw new RangeError(`check ${check.id} needs ${id}, which is not listed before it`);
      return rows;
    });
    results.set(check.id, runCheck(check, context, needed, { clock, observe, deadline }));
  }
  const rows = (await Promise.all(results.values())).flat();
  deadline.clear();
  observe({ type: 'finished' });
  return rows;
}

interface Running {
  clock: () => number;
  observe: (event: EngineEvent) => void;
  deadline: Deadline;
}

async function runCheck<C>(
  check: Check<C>,
  context: C,
  needed: Promise<Row[]>[],
  running: Running,
): Promise<Row[]> {
  const started = running.clock();
  const finish = (subject: string, finding: Omit<Row, 'id' | 'subject' | 'durationMs'>): Row => {
    const row: Row = {
      ...finding,
      id: check.id,
      subject,
      durationMs: Math.max(0, Math.round(running.clock() - started)),
    };
    running.observe({ type: 'check-finished', row });
    return row;
  };
  const subjects = await running.deadline.race(settle(check.subjects(context)));
  if (subjects.state !== 'done') return [finish('host', cutOff(subjects, running.deadline))];
  const needs = (await Promise.all(needed)).flat();
  const blocked = (subject: string): Row | undefined => {
    const blocker = needs.find(
      (row) => (row.subject === subject || row.subject === 'host') && !satisfying.has(row.status),
    );
    if (!blocker) return undefined;
    return finish(subject, {
      status: 'blocked',
      summary: `not run: ${blocker.id} did not pass`,
      blockedBy: `${blocker.id}@${blocker.subject}`,
      ...(blocker.matters === undefined ? {} : { matters: blocker.matters }),
    });
  };
  if (subjects.value.length === 0)
    return [blocked('host') ?? finish('host', { status: 'not-applicable', summary: check.notApplicable })];

  const rows = subjects.value.map(async (subject) => {
    const stopped = blocked(subject);
    if (stopped) return [stopped];
    running.observe({ type: 'check-started', id: check.id, subject });
    const findings = await running.deadline.race(settle(check.run(context, subject)));
    if (findings.state !== 'done') return [finish(subject, cutOff(findings, running.deadline))];
    return findings.value.map((finding: Finding) => finish(subject, finding));
  });
  return (await Promise.all(rows)).flat();
}

type Settled<T> = { state: 'done'; value: T } | { state: 'threw'; reason: string };
type CutOff = { state: 'threw'; reason: string } | { state: 'late' };

async function settle<T>(promise: Promise<T>): Promise<Settled<T>> {
  try {
    return { state: 'done', value: await promise };
  } catch (error) {
    return { state: 'threw', reason: error instanceof Error ? error.message : String(error) };
  }
}

function cutOff(end: CutOff, deadline: Deadline): Omit<Row, 'id' | 'subject' | 'durationMs'> {
  return end.state === 'late'
    ? {
        status: 'inconclusive',
        summary: `cut off after ${Math.round(deadline.milliseconds)} ms`,
        instructions: ['give it more time with --timeout MS'],
      }
    : { status: 'inconclusive', summary: `could not look: ${end.reason}` };
}

/** One timer for the whole run. */
class Deadline {
  readonly milliseconds: number;
  readonly #timer: NodeJS.Timeout;
  readonly #late: Promise<{ state: 'late' }>;

  constructor(milliseconds: number) {
    this.milliseconds = milliseconds;
    const { promise, resolve } = withResolvers<{ state: 'late' }>();
    this.#late = promise;
    this.#timer = setTimeout(() => resolve({ state: 'late' }), milliseconds);
  }

  race<T>(promise: Promise<T>): Promise<T | { state: 'late' }> {
    return Promise.race([promise, this.#late]);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
