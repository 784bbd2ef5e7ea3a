import type { Asked } from '../facts/api.ts';
import type { Machine } from '../machine/machine.ts';
import { askOllama } from '../ollama/ask.ts';
import { type Outcome, outcomeOf } from '../path/outcome.ts';
import { within } from './within.ts';

/** What came of trying a base URL from some place. */
export interface Tried extends Outcome {
  url: string;
}

/** How long the preferred one is asked alone: mostly it works, and then it was the only one. */
const headStartMs = 400;

/** Between one request and the next that is begun beside it. */
const staggerMs = 20;

/**
 * Asks at base URLs, the one to prefer first, until it is known which is the first that works. After a head start of the
 * first one all others are asked side by side, those that lead to the same address and port one after the other, and
 * an address that proved silent or shut is not asked again by another name. So a silent one costs its own timeout,
 * however many there are.
 *
 * Ends when every request has ended, so that nothing of a probe is left behind, or when time is up.
 *
 * @returns the tried ones in the same order: up to the first that works, or all when none does
 */
export async function tryInOrder(
  machine: Machine,
  urls: readonly string[],
  timeoutMs: number,
): Promise<Tried[]> {
  const deadline = performance.now() + timeoutMs;
  const left = (): number => Math.max(0, deadline - performance.now());
  const tryOne = trying(machine);
  const [first, ...others] = urls;
  if (first === undefined) return [];
  const asked = [tryOne(first)];
  const early = await within(Math.min(headStartMs, left()), asked[0] as Promise<Tried>, undefined);
  if (early?.works === true) return [early];
  asked.push(...others.map(tryOne));
  const all = await Promise.all(
    asked.map((one, index) => within(left(), one, cutOff(urls[index] as string))),
  );
  const winner = all.findIndex((one) => one.works);
  return winner === -1 ? all : all.slice(0, winner + 1);
}

/**
 * Asks at all of these base URLs side by side, whichever works, in the manner of {@link tryInOrder}.
 *
 * @param options.stop asked before each; true leaves out all
 * @param options.known what is being asked already, by its base URL: it is not asked again
 */
export async function tryEach(
  machine: Machine,
  urls: readonly string[],
  options: { timeoutMs: number; stop: () => boolean; known: ReadonlyMap<string, Promise<Asked>> },
): Promise<Tried[]> {
  const deadline = performance.now() + options.timeoutMs;
  const tryOne = trying(machine, options.known);
  const asked: Promise<Tried>[] = [];
  for (const url of urls) {
    if (options.stop()) return [];
    const left = Math.max(0, deadline - performance.now());
    asked.push(within(left, tryOne(url), cutOff(url)));
    await new Promise((resolve) => setTimeout(resolve, staggerMs));
  }
  return Promise.all(asked);
}

const cutOff = (url: string): Tried => ({
  url,
  works: false,
  outcome: 'unavailable',
  detail: 'could not ask: no answer before the time was up (--timeout)',
});

function trying(
  machine: Machine,
  known: ReadonlyMap<string, Promise<Asked>> = new Map(),
): (url: string) => Promise<Tried> {
  /** By address and port: what the latest request there comes to. */
  const latest = new Map<string, Promise<Asked>>();

  const resolve = async (url: URL): Promise<{ address?: string } | { failed: Tried }> => {
    const name = url.hostname.replace(/^\[|\]$/gu, '');
    if (isAddress(name)) return { address: name };
    const resolved = await machine.resolve({ name });
    if (resolved.outcome === 'resolved') {
      const address = resolved.addresses.find((one) => !one.includes(':')) ?? resolved.addresses[0];
      return address === undefined ? {} : { address };
    }
    // Where the name could not be looked up by itself, the request tells.
    if (resolved.outcome !== 'name-not-found' && resolved.outcome !== 'timeout') return {};
    const silent = resolved.outcome === 'timeout';
    return {
      failed: {
        url: url.origin,
        works: false,
        outcome: 'name-not-found',
        detail: silent ? 'name: the name server does not answer' : 'name: not known there',
        ...(resolved.via === undefined ? {} : { via: resolved.via }),
      },
    };
  };

  return async (text) => {
    const url = new URL(text);
    const place = await resolve(url);
    if ('failed' in place) return { ...place.failed, url: text };
    const { address } = place;
    const key = address === undefined ? text : `${url.protocol}//${address} ${url.port}`;
    const before = latest.get(key);
    const asking = (async (): Promise<Asked> => {
      const earlier = await before;
      if (earlier && isShut(earlier, address)) return { ...earlier, url: text };
      return known.get(text) ?? askOllama(machine, url);
    })();
    latest.set(key, asking);
    return { url: text, ...outcomeOf(await asking) };
  };
}

/** True when the same address cannot give another answer to another name: nothing was said there. */
function isShut({ answer }: Asked, address: string | undefined): boolean {
  if (answer.kind !== 'unreachable' || answer.failure === 'unavailable') return false;
  return answer.failure !== 'name-not-found' && (answer.address ?? address) === address;
}

function isAddress(name: string): boolean {
  return name.includes(':') || /^\d+\.\d+\.\d+\.\d+$/u.test(name);
}
