import type { Finding } from '../../engine/check.ts';
import type { Generated } from '../../facts/api.ts';
import { processorOf } from '../../ollama/loaded.ts';
import { inBytes } from '../../ollama/model-kind.ts';
import { couldNotLook, pass } from '../context.ts';

/** What applications wait for a first token at least; many give up after half a minute. */
const slowMs = 20_000;

const seconds = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;

/** What came of having a model answer once (--generate). */
export function generated(seen: Generated): Finding[] {
  const { model, outcome, evidence } = seen;
  switch (outcome) {
    case 'unavailable':
      return [
        couldNotLook(
          { state: 'unavailable', reason: `${model} could not be tried: ${seen.detail ?? ''}` },
          true,
        ),
      ];
    case 'timeout':
      return [tooLate(seen)];
    case 'error':
    case 'failed':
      return [
        {
          status: 'fail',
          code: 'generate-failed',
          summary: `${model} does not answer: ${seen.detail ?? 'no reason was given'}`,
          evidence,
          instructions: [adviceFor(seen.detail ?? '')],
        },
      ];
    case 'answered':
      return [answered(seen), ...buffered(seen)];
  }
}

/**
 * The same from a container, after the host got its answer: what is slow or broken there lies in between.
 * @param proxy the proxy of the container's that it went through
 */
export function generatedFrom(
  name: string,
  proxy: string | undefined,
  host: Generated,
  seen: Generated,
): Finding {
  const { model, outcome, evidence } = seen;
  const from = `asked from ${name}${proxy === undefined ? '' : ` through its proxy ${proxy}`}`;
  const took = seconds(seen.totalMs ?? 0);
  if (outcome === 'answered') {
    const summary = `${model} answers in ${took}, ${from}`;
    if ((seen.totalMs ?? 0) < slowMs) return pass(summary, evidence);
    return {
      status: 'warn',
      code: 'generate-slow',
      summary: `${summary}: this host had its answer in ${seconds(host.totalMs ?? 0)}`,
      evidence,
      instructions: between(proxy),
    };
  }
  const late = outcome === 'timeout';
  return {
    status: 'fail',
    code: late ? 'generate-slow' : 'generate-failed',
    summary: late
      ? `${model} said nothing within ${took}, ${from}; this host had its answer in ${seconds(host.totalMs ?? 0)}, so it is held up in between`
      : `${model} does not answer, ${from}: ${seen.detail ?? 'no reason was given'}; this host had its answer in ${seconds(host.totalMs ?? 0)}`,
    evidence,
    instructions: between(proxy),
  };
}

function between(proxy: string | undefined): string[] {
  return [
    ...(proxy === undefined
      ? []
      : ["keep the proxy out of it: add Ollama's host to NO_PROXY and no_proxy of the container"]),
    'give what stands in between more time (nginx: proxy_read_timeout 600s; proxy_buffering off;)',
  ];
}

function answered(seen: Generated): Finding {
  const { model, kind, evidence } = seen;
  const what =
    kind === 'embedding'
      ? `${model} makes an embedding of ${seen.dimensions ?? 0} numbers in ${seconds(seen.totalMs ?? 0)}`
      : `${model} answers: first token after ${seconds(seen.firstMs ?? seen.totalMs ?? 0)}, ${seen.tokens ?? 0} in ${seconds(seen.totalMs ?? 0)}`;
  const summary = [what, loading(seen), memoryOf(seen)].filter((part) => part !== '').join('; ');
  const first = seen.firstMs ?? seen.totalMs ?? 0;
  if (first < slowMs) return pass(summary, evidence);
  return {
    status: 'warn',
    code: 'generate-slow',
    summary: `${summary}: an application that waits less for its first token gives up`,
    evidence,
    instructions: [
      `give the application a timeout well over ${seconds(first)}`,
      ...(seen.wasLoaded === false
        ? ['or keep the model loaded: OLLAMA_KEEP_ALIVE=24h for the server, or "keep_alive" in the request']
        : []),
    ],
  };
}

function loading({ wasLoaded, loadMs }: Generated): string {
  if (wasLoaded === true) return 'it was loaded already';
  return loadMs === undefined || loadMs < 100 ? '' : `${seconds(loadMs)} of that loading it`;
}

function memoryOf({ memory }: Generated): string {
  if (memory === undefined) return '';
  const where = processorOf(memory);
  if (where === undefined) return '';
  return `it runs ${where}${memory.size === undefined ? '' : ` (${inBytes(memory.size)})`}`;
}

/** Nothing in time: slow where the server says that the model is in memory, or is still on its way there. */
function tooLate(seen: Generated): Finding {
  const { model, totalMs, evidence, isLoaded } = seen;
  const waited = seconds(totalMs ?? 0);
  const why =
    isLoaded === true
      ? `it is loaded${memoryOf(seen) === '' ? '' : `, and ${memoryOf(seen)}`}: it computes, and slowly`
      : isLoaded === false
        ? 'it is not loaded yet: it still loads, or waits for memory or its turn'
        : 'whether it is loaded the server does not say';
  return {
    status: 'fail',
    code: 'generate-slow',
    summary: `${model} said nothing within ${waited}: ${why}. Ollama itself answers`,
    evidence,
    instructions: [
      'wait longer: ollama-doctor --generate MODEL --timeout 600000',
      'see what it does: ollama ps; journalctl -u ollama -f',
    ],
  };
}

function buffered({ model, buffered: held, evidence }: Generated): Finding[] {
  if (held !== true) return [];
  return [
    {
      status: 'warn',
      code: 'stream-buffered',
      summary: `the tokens of ${model} were made one after the other and came all at once: something in front of Ollama holds its answers back until they are whole`,
      evidence,
      instructions: [
        'have the proxy pass on what it gets (nginx: proxy_buffering off; proxy_read_timeout 600s;)',
        'Caddy, within reverse_proxy: flush_interval -1',
      ],
    },
  ];
}

function adviceFor(detail: string): string {
  if (/memory/iu.test(detail))
    return 'take a smaller model or quantization, or free memory: ollama ps, free -h';
  if (/not found/iu.test(detail)) return 'see what is there: ollama list';
  return "look at the server's log: journalctl -u ollama -n 100";
}
