import { hostMend } from './forbidden.ts';
import type { Finding } from '../../engine/check.ts';
import type { ApiAnswer, Asked } from '../../facts/api.ts';

type HttpError = Extract<ApiAnswer, { kind: 'http-error' }>;

/** How to give the doctor credentials; its value is never shown or recorded. */
const headerAdvice =
  "give it the header that the proxy wants: OLLAMA_DOCTOR_HEADER='Authorization: Bearer …' ollama-doctor (not recorded, not shown; only this host's own request carries it)";

/** An HTTP error at Ollama's address: whose it is, and what to do about it. */
export function httpError(answer: HttpError, { url, evidence }: Asked): Finding {
  return {
    status: 'fail',
    code: 'api-error',
    summary: `${url} answers ${answer.status}: ${answer.what}`,
    evidence,
    instructions: adviceFor(answer, url),
  };
}

function adviceFor({ trouble, by, status, what }: HttpError, url: string): string[] {
  const who = by ?? 'the proxy';
  const log = "look at the server's log: journalctl -u ollama -n 50";
  switch (trouble) {
    case 'credentials':
      return [
        `Ollama never asks for credentials: ${who} stands in front of it`,
        ...(status === 407 ? [] : [headerAdvice]),
      ];
    case 'redirect':
      return [
        `use the address that it redirects to, when that is where Ollama is: few clients follow a redirect of a POST`,
      ];
    case 'refused':
      if (what.includes('empty body'))
        return [
          ...(by === undefined ? ['see who listens there: sudo ss -ltnp'] : []),
          `Ollama does so to a Host it does not know, while it listens on loopback${by === undefined ? ', never to 127.0.0.1 or localhost: a proxy in front may send on another' : ''}: ${hostMend(by)}`,
          `or see why ${by ?? 'the proxy or server there'} refuses: its access rules and its log`,
        ];
      return [
        `see why ${who} refuses: its access rules and its log; the request did not get as far as Ollama`,
      ];
    case 'gateway':
      return [
        `see where ${who} forwards to, and ask that from its own machine: curl -i http://127.0.0.1:11434/api/version`,
        ...(status === 504
          ? ['give it more time for a model that loads (nginx: proxy_read_timeout 600s;)']
          : []),
      ];
    case 'ollama':
      return /server busy/iu.test(what)
        ? ['its queue is full: wait, or raise OLLAMA_MAX_QUEUE or OLLAMA_NUM_PARALLEL', log]
        : [log];
    case 'unknown':
      if (status < 400)
        return [
          `see what comes: curl -si ${url}/api/version | head -c 2000`,
          'see who listens there: sudo ss -ltnp',
        ];
      return by === undefined ? [log] : [`see the log of ${by}`, log];
  }
}
