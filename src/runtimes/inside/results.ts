import { describe, outcomeOfErrno } from '../../machine/live/failure.ts';
import type {
  ConnectResult,
  HttpRequest,
  HttpResult,
  NetworkFailure,
  ResolveResult,
} from '../../machine/machine.ts';
import type { ProbeReport } from '../probers/protocol.ts';
import { parseAnswer } from './raw-http.ts';

/** How a probe was made, and how long it took as seen from out here. */
export interface Circumstances {
  via: string;
  elapsedMs: number;
  timeoutMs: number;
  /** The host asked for, when it is an address itself: the tools do not all repeat it. */
  literal?: string;
}

type Failed = { outcome: NetworkFailure; detail: string; address?: string };

/** What a probe of mode `resolve` found. */
export function toResolveResult(report: ProbeReport, how: Circumstances): ResolveResult {
  const { via } = how;
  if (report.addresses.length > 0) return { outcome: 'resolved', addresses: report.addresses, via };
  const { outcome, detail } = lookupFailure(report, how);
  if (report.lookup?.errno === 'ETIMEDOUT') return { outcome: 'timeout', detail, via };
  return { outcome: outcome === 'name-not-found' ? outcome : 'failed', detail, via };
}

/** What a probe of mode `connect` found. */
export function toConnectResult(report: ProbeReport, how: Circumstances): ConnectResult {
  const common = { via: how.via, elapsedMs: report.elapsedMs ?? how.elapsedMs };
  if (report.connected)
    return { outcome: 'connected', ...common, ...addressOf(report.connected.address, how) };
  return { ...connectFailure(report, how), ...common };
}

/** What a probe of mode `request` found. */
export function toHttpResult(report: ProbeReport, how: Circumstances, request: HttpRequest): HttpResult {
  const common = { via: how.via, elapsedMs: how.elapsedMs };
  if (!report.connected) {
    return { ...connectFailure(report, how), ...common, elapsedMs: report.elapsedMs ?? how.elapsedMs };
  }
  const address = addressOf(report.connected.address, how);
  const answer = parseAnswer(report.bytes);
  if (answer) {
    const maxBytes = request.maxBytes ?? 1024 * 1024;
    const late = report.broke?.errno === 'ETIMEDOUT' && !answer.complete;
    if (late) {
      const detail = `the answer began and did not end within ${how.timeoutMs} ms`;
      return { outcome: 'timeout', detail, ...address, ...common };
    }
    return {
      outcome: 'answered',
      status: answer.status,
      headers: answer.headers,
      body: answer.body.subarray(0, maxBytes).toString(request.bodyAs === 'base64' ? 'base64' : 'utf8'),
      bodyTruncated: !answer.complete || answer.body.length > maxBytes,
      ...address,
      ...common,
    };
  }
  return { ...brokenExchange(report, how), ...address, ...common };
}

/** Connected, and nothing came that is HTTP. */
function brokenExchange(report: ProbeReport, how: Circumstances): Failed {
  const errno = report.broke?.errno;
  if (report.bytes.length > 0 && !report.bytes.toString('latin1', 0, 5).startsWith('HTTP/')) {
    return { outcome: 'not-http', detail: 'connected, and what answers does not speak HTTP' };
  }
  if (errno === 'ETIMEDOUT') {
    return { outcome: 'timeout', detail: `connected, and no whole answer within ${how.timeoutMs} ms` };
  }
  if (errno === 'ETLS') {
    return {
      outcome: 'tls-mismatch',
      detail: `connected, and no TLS handshake (${report.broke?.detail ?? ''})`,
    };
  }
  if (errno !== undefined) {
    const outcome = outcomeOfErrno(errno);
    return { outcome, detail: `connected, then ${describe(outcome, errno)}` };
  }
  if (report.bytes.length === 0)
    return { outcome: 'reset', detail: 'connected, then closed without an answer' };
  return { outcome: 'not-http', detail: 'connected, and what answers does not speak HTTP' };
}

/** As the live machine tells it: the address that timed out says most, otherwise the last one tried. */
function connectFailure(report: ProbeReport, how: Circumstances): Failed {
  if (report.failures.length === 0) return lookupFailure(report, how);
  const told = report.failures.map((failure) => {
    const outcome = outcomeOfErrno(failure.errno);
    const detail =
      outcome === 'timeout' ? `no answer within ${how.timeoutMs} ms` : describe(outcome, failure.errno);
    return { outcome, detail, ...addressOf(failure.address, how) };
  });
  const chosen = told.find((one) => one.outcome === 'timeout') ?? told.at(-1);
  if (chosen === undefined) return lookupFailure(report, how);
  if (told.length === 1) return chosen;
  return { ...chosen, detail: told.map((one) => `${one.address ?? ''}: ${one.detail}`).join('; ') };
}

function lookupFailure(report: ProbeReport, how: Circumstances): Failed {
  const errno = report.lookup?.errno;
  // No name is no name: as "timeout" it would be taken for a dropped connection.
  if (errno === 'ETIMEDOUT') {
    return { outcome: 'name-not-found', detail: `the name could not be resolved within ${how.timeoutMs} ms` };
  }
  const outcome = outcomeOfErrno(errno ?? 'EIO');
  const words = report.lookup?.detail;
  return { outcome, detail: words === undefined || words === '' ? describe(outcome, errno) : words };
}

function addressOf(address: string | undefined, how: Circumstances): { address?: string } {
  const known = address === undefined || address === '' || address === '-' ? how.literal : address;
  return known === undefined ? {} : { address: known };
}
