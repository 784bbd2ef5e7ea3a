import type {
  ConnectRequest,
  ConnectResult,
  HttpRequest,
  HttpResult,
  ListResult,
  ReadResult,
  ResolveResult,
  RunRequest,
  RunResult,
} from '../machine.ts';
import { cutCredentials } from '../redaction/urls.ts';
import { askRequest, askRun, canonicalUrl, hostAndPort, requestTarget } from './question.ts';

/** An entry of a recording as it is written down: see docs/recordings.md for the fields. */
export type Entry = Record<string, unknown>;

/** A question with its answer, before it is an entry. */
export type Exchange =
  | { kind: 'run'; asked: RunRequest; answer: RunResult }
  | { kind: 'read'; asked: string; answer: ReadResult }
  | { kind: 'list'; asked: string; answer: ListResult }
  | { kind: 'connect'; asked: ConnectRequest; answer: ConnectResult }
  | { kind: 'resolve'; asked: { name: string }; answer: ResolveResult }
  | { kind: 'request'; asked: HttpRequest; answer: HttpResult };

/** The entry of an exchange, without what a reader takes as usual. The inverse of `readEntry`. */
export function writeEntry(vantage: string, exchange: Exchange): Entry {
  const entry = exchangeFields(exchange);
  return vantage === 'host' ? entry : { ...entry, vantage };
}

function exchangeFields(exchange: Exchange): Entry {
  switch (exchange.kind) {
    case 'run': {
      const { conditions } = askRun('', exchange.asked);
      return {
        run: exchange.asked.argv.map(cutCredentials),
        ...conditions,
        ...answerOf(exchange.answer, runUsual),
      };
    }
    case 'read':
      return { read: exchange.asked, ...answerOf(exchange.answer, { outcome: 'read', truncated: false }) };
    case 'list':
      return { list: exchange.asked, ...answerOf(exchange.answer, { outcome: 'listed' }) };
    case 'connect':
      return { connect: hostAndPort(exchange.asked), ...answerOf(exchange.answer, { outcome: 'connected' }) };
    case 'resolve':
      return { resolve: exchange.asked.name, ...answerOf(exchange.answer, { outcome: 'resolved' }) };
    case 'request':
      return requestFields(exchange.asked, exchange.answer);
  }
}

const runUsual = { outcome: 'exited', exitCode: 0, stdout: '', stderr: '', truncated: false };

function requestFields(asked: HttpRequest, answer: HttpResult): Entry {
  const question = {
    request: requestTarget(asked),
    ...(asked.socketPath === undefined ? {} : { socket: asked.socketPath }),
    ...(asked.proxy === undefined ? {} : { proxy: canonicalUrl(asked.proxy) }),
    ...askRequest('', asked).conditions,
  };
  if (answer.outcome !== 'answered') return { ...question, ...answer };
  const { body, ...rest } = answer;
  const fields = answerOf(rest, { outcome: 'answered', bodyTruncated: false });
  return { ...question, ...fields, ...bodyField(body, asked.bodyAs) };
}

/** Bytes that are text are written as text, whatever form they were asked in. */
function bodyField(body: string, as: HttpRequest['bodyAs']): Entry {
  if (body === '') return {};
  if (as !== 'base64') return { body };
  const bytes = Buffer.from(body, 'base64');
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? { body: text } : { bodyBase64: body };
}

function answerOf(answer: object, usual: Record<string, unknown>): Entry {
  return Object.fromEntries(
    Object.entries(answer).filter(([name, value]) => value !== undefined && usual[name] !== value),
  );
}
