import type { Generated } from '../facts/api.ts';
import { field, readError, readJson } from './bodies.ts';

/** A burst says nothing of a proxy when the tokens themselves took no longer than this. */
const leastSpreadMs = 150;

/**
 * Reads the stream of `/api/generate`: a JSON object a line, the last one with `done` and the durations in nanoseconds
 * (docs/api.md). Whether a proxy held it back shows where the server's own times of the tokens (`created_at`) lie far
 * apart and their arrivals do not.
 * @param timeline when each piece of it came
 */
export function readStream(
  body: string,
  timeline: readonly { ms: number; bytes: number }[],
): Pick<Generated, 'outcome'> &
  Partial<Pick<Generated, 'detail' | 'firstMs' | 'loadMs' | 'tokens' | 'buffered'>> {
  const lines = body.split('\n').flatMap((line) => (line.trim() === '' ? [] : [readJson(line)]));
  const error = lines.map((line) => readError(JSON.stringify(line ?? null))).find((one) => one !== undefined);
  if (error !== undefined) return { outcome: 'error', detail: error.slice(0, 200) };
  const last = lines.at(-1);
  const said = lines.filter(
    (line) => typeof field(line, 'response') === 'string' || field(line, 'thinking') !== undefined,
  );
  if (said.length === 0) return { outcome: 'error', detail: 'the answer is not a stream of tokens' };
  if (field(last, 'done') !== true)
    return { outcome: 'error', detail: 'the stream ended before its last line' };
  const load = field(last, 'load_duration');
  const count = field(last, 'eval_count');
  const firstMs = timeline[0]?.ms;
  const buffered = isBuffered(said, timeline);
  return {
    outcome: 'answered',
    tokens: typeof count === 'number' ? count : said.length,
    ...(firstMs === undefined ? {} : { firstMs }),
    ...(typeof load === 'number' ? { loadMs: Math.round(load / 1e6) } : {}),
    ...(buffered === undefined ? {} : { buffered }),
  };
}

/** Undefined where it cannot be told: too few tokens, no times, or all of them made within a blink. */
function isBuffered(
  said: readonly unknown[],
  timeline: readonly { ms: number; bytes: number }[],
): boolean | undefined {
  const made = said.flatMap((line) => {
    const at = Date.parse(String(field(line, 'created_at')));
    return Number.isNaN(at) ? [] : [at];
  });
  if (made.length < 3 || timeline.length === 0) return undefined;
  const spread = Math.max(...made) - Math.min(...made);
  if (spread < leastSpreadMs) return undefined;
  const arrived = (timeline.at(-1)?.ms ?? 0) - (timeline[0]?.ms ?? 0);
  return arrived < spread * 0.3;
}
