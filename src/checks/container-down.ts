import type { Finding } from '../engine/check.ts';
import type { Evidence } from '../report/schema.ts';
import { isStopped, stateWords } from '../runtimes/index.ts';
import type { Way } from './clients.ts';

/**
 * That the container itself does not run, so that what is said of its way was seen by a stand-in; undefined when it
 * does. One that starts over and over, or was asked for by name, is broken; one that ended once may have been meant to.
 *
 * @param isNamed whether the user asked for certain containers
 */
export function containerDown({ client, probe }: Way, isNamed: boolean): Finding | undefined {
  const { container, logged, url } = client;
  if (client.hypothetical || !isStopped(container)) return undefined;
  const { ended, name, runtime, state } = container;
  const code = ended && state !== 'created' ? ` (exit code ${ended.exitCode}${lasting(ended.restarts)})` : '';
  const answer = probe.asked.answer;
  const seen =
    answer.kind === 'unavailable'
      ? ''
      : '; what is said of its way to Ollama was seen by a container of the doctor’s in its place';
  const evidence: Evidence[] = [
    {
      source: `${runtime} inspect ${name}`,
      text: [
        `state ${state}`,
        ...(ended ? [`exit code ${ended.exitCode}`, `restarts ${ended.restarts}`] : []),
        ...(ended?.error === undefined ? [] : [ended.error]),
      ].join(', '),
    },
    ...(logged === undefined
      ? []
      : [{ source: `last lines of the log of ${name}`, text: `${url?.host ?? ''}: ${logged}` }]),
  ];
  return {
    status: state === 'restarting' || isNamed ? 'fail' : 'warn',
    code: 'container-down',
    summary: `${name} ${stateWords(container)}${code}${seen}`,
    evidence,
    instructions: [
      `see why: ${runtime} logs --tail 50 ${name}`,
      `when that is mended: ${runtime} start ${name}`,
    ],
  };
}

function lasting(restarts: number): string {
  if (restarts === 0) return '';
  return restarts === 1 ? ', started again once' : `, started again ${restarts} times`;
}
