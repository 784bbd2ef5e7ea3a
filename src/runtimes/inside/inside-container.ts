import type { Container } from '../../facts/containers.ts';
import type {
  ConnectRequest,
  ConnectResult,
  HttpRequest,
  HttpResult,
  Machine,
  ReadResult,
  ResolveRequest,
  ResolveResult,
  RunRequest,
  RunResult,
} from '../../machine/machine.ts';
import { type EngineClient, engineClient } from '../docker/client.ts';
import { EngineError } from '../docker/modem.ts';
import { splitStreams } from '../docker/stream.ts';
import { execWay, isMissingProgram } from './exec.ts';
import { helperWay } from './helper-container.ts';
import { isStopped, standInPlace, stateWords } from './stand-in.ts';
import type { ProbeReport } from '../probers/protocol.ts';
import { addressesInHosts } from './hosts-file.ts';
import { connectJob, isPlainGet, requestJob, requestJobWithNext, resolveJob } from './jobs.ts';
import type { Job } from './job.ts';
import { namespaceWay } from './namespace.ts';
import { splitReport } from './pipelined.ts';
import { type Circumstances, toConnectResult, toHttpResult, toResolveResult } from './results.ts';
import { firstFile } from './tar.ts';
import type { Way, WayResult } from './way.ts';

/**
 * A container as a {@link Machine}: what its application would see, by the first way that works here. Exec with what
 * the image has, else the container's network from the host, else a helper container from an image that is here.
 * Nothing of the user's is changed, and no proxy of the container's is used. Where no way works, results are
 * `unavailable` with the reasons.
 *
 * Use as `machine.enter('container:web', (outside) => insideContainer(outside, container))`.
 *
 * @param options.helper false leaves the helper container out
 * @param options.patienceMs milliseconds for one call to the engine that lasts as long as a probe; never under 15 seconds
 */
export function insideContainer(
  outside: Machine,
  container: Container,
  options: { helper?: boolean; pull?: boolean; patienceMs?: number } = {},
): Machine {
  const client = once(() => engineClient(outside, container.endpoint, 5000));
  // An exec lasts as long as its program, which has a deadline of its own.
  const patienceMs = Math.max(15_000, options.patienceMs ?? 0);
  const patient = once(() => engineClient(outside, container.endpoint, patienceMs));
  const tool = container.runtime === 'podman' ? 'podman' : 'docker';
  const files = new Map<string, Promise<ReadResult>>();
  const names = new Map<string, ResolveResult>();

  const readFile = (path: string): Promise<ReadResult> => {
    const known = files.get(path) ?? readByArchive(client, container.id, path);
    files.set(path, known);
    return known;
  };
  const readText = async (path: string): Promise<string | undefined> => {
    const result = await readFile(path);
    return result.outcome === 'read' ? result.text : undefined;
  };
  /** What stands in a stopped container's file is of its last run: its stand-in has a file of its own. */
  const ownHosts = async (): Promise<string | undefined> =>
    isStopped(container) ? undefined : readText('/etc/hosts');
  const ways = once(async (): Promise<Way[]> => {
    const engine = await patient();
    if (isStopped(container)) {
      const where = standInPlace(container);
      if (where === undefined || options.helper === false) return [];
      return [
        helperWay(engine, where, `as a stand-in for ${container.name}, which ${stateWords(container)}`),
      ];
    }
    if (container.id === '') {
      const place = { network: container.networkMode, extraHosts: ['host.docker.internal:host-gateway'] };
      return options.helper === false ? [] : [helperWay(engine, place, 'on the default network')];
    }
    return [
      execWay(engine, container.id, `${tool} exec ${container.name}`),
      namespaceWay(outside, container, readText),
      ...(options.helper === false
        ? []
        : [helperWay(engine, { networkOf: container }, `in ${container.name}’s network`)]),
    ];
  });
  const probe = inTurn(ways, container);

  const circumstances = (job: Job, result: { via: string }, startedAt: number): Circumstances => ({
    via: result.via,
    elapsedMs: Math.round(performance.now() - startedAt),
    timeoutMs: job.timeoutMs,
    ...(isLiteral(job.host) ? { literal: job.host } : {}),
  });

  /** A name that took the resolver its whole deadline to not find is not looked up again. */
  const remember = (host: string, report: ProbeReport, how: Circumstances): void => {
    if (report.addresses.length > 0 || report.lookup) names.set(host, toResolveResult(report, how));
  };

  const ahead = new Map<string, HttpResult>();

  /** The request and the one announced to follow it, in one go; undefined when it did not come out clearly. */
  const requestBoth = async (asked: HttpRequest): Promise<HttpResult | undefined> => {
    const job = requestJobWithNext(asked);
    if (!job || !asked.next) return undefined;
    const startedAt = performance.now();
    const result = await probe(job);
    if (result.state === 'impossible') return { outcome: 'unavailable', detail: result.reason, elapsedMs: 0 };
    const split = splitReport(result.report);
    if (!split) return undefined;
    const how = circumstances(job, result, startedAt);
    remember(job.host, result.report, how);
    if (split.answers === 'one') return withAddress(toHttpResult(result.report, how, asked), job.host);
    const second = toHttpResult(split.second, how, asked.next);
    ahead.set(asked.next.url, await withAddress(second, job.host));
    return withAddress(toHttpResult(split.first, how, asked), job.host);
  };

  const request = async (asked: HttpRequest): Promise<HttpResult> => {
    const kept = isPlainGet(asked) ? ahead.get(asked.url) : undefined;
    if (kept) {
      ahead.delete(asked.url);
      return kept;
    }
    const both = asked.next ? await requestBoth(asked) : undefined;
    if (both) return both;
    const job = requestJob(asked);
    if ('unusable' in job) return { outcome: 'failed', detail: job.unusable, elapsedMs: 0 };
    const startedAt = performance.now();
    const result = await probe(job);
    if (result.state === 'impossible') return { outcome: 'unavailable', detail: result.reason, elapsedMs: 0 };
    const how = circumstances(job, result, startedAt);
    remember(job.host, result.report, how);
    return withAddress(toHttpResult(result.report, how, asked), job.host);
  };

  /** Not every tool says which address it tried; the hosts file does when the name is from there. */
  const withAddress = async (result: HttpResult, host: string): Promise<HttpResult> => {
    if (result.outcome === 'not-recorded' || result.outcome === 'name-not-found') return result;
    if (result.address !== undefined || isLiteral(host)) return result;
    const [address] = addressesInHosts((await ownHosts()) ?? '', host);
    if (address !== undefined) return { ...result, address };
    if (result.outcome === 'timeout' && result.via?.endsWith(' nc') === true) {
      return {
        ...result,
        outcome: 'unavailable',
        detail: 'nc cannot tell a slow name from a dropped connection',
      };
    }
    return result;
  };

  const connect = async (asked: ConnectRequest): Promise<ConnectResult> => {
    const job = connectJob(asked);
    const startedAt = performance.now();
    const result = await probe(job);
    if (result.state === 'impossible') return { outcome: 'unavailable', detail: result.reason, elapsedMs: 0 };
    return toConnectResult(result.report, circumstances(job, result, startedAt));
  };

  const resolve = async (asked: ResolveRequest): Promise<ResolveResult> => {
    if (isLiteral(asked.name)) return { outcome: 'resolved', addresses: [asked.name] };
    const known = names.get(asked.name);
    if (known) return known;
    // The hosts file is the truth for host.docker.internal: inspect shows only the word host-gateway.
    const hosts = addressesInHosts((await ownHosts()) ?? '', asked.name);
    if (hosts.length > 0)
      return { outcome: 'resolved', addresses: hosts, via: `${container.name}’s /etc/hosts` };
    const job = resolveJob(asked);
    const startedAt = performance.now();
    const result = await probe(job);
    if (result.state === 'impossible') return { outcome: 'unavailable', detail: result.reason };
    remember(asked.name, result.report, circumstances(job, result, startedAt));
    return toResolveResult(result.report, circumstances(job, result, startedAt));
  };

  const machine: Machine = {
    vantage: `container:${container.name}`,
    identity: outside.identity,
    run: (asked) => runByExec(patient, container.id, asked),
    read: readFile,
    list: () => Promise.resolve({ outcome: 'failed', message: 'folders in a container are not listed' }),
    connect,
    resolve,
    request,
    now: () => outside.now(),
    enter: (_vantage, build) => build(machine),
    writer: undefined,
  };
  return machine;
}

/** Tries the ways in order; one that proved impossible is not tried again. */
function inTurn(ways: () => Promise<Way[]>, container: Container): (job: Job) => Promise<WayResult> {
  const impossible = new Map<Way, string>();
  return async (job) => {
    const stopped = isStopped(container);
    if (stopped && standInPlace(container) === undefined) {
      const reason = `the container ${stateWords(container)}, and its network cannot be joined without it`;
      return { state: 'impossible', reason };
    }
    for (const way of await ways()) {
      if (impossible.has(way)) continue;
      const result = await way.probe(job);
      if (result.state === 'reported' || result.gone === true) return result;
      impossible.set(way, result.reason);
    }
    return { state: 'impossible', reason: [...new Set(impossible.values())].join('; ') };
  };
}

/** Through the engine's archive call: works for images with nothing in them, and follows no link out of the container. */
async function readByArchive(
  client: () => Promise<EngineClient>,
  id: string,
  path: string,
): Promise<ReadResult> {
  try {
    const text = firstFile(await (await client()).archive(id, path));
    return text === undefined
      ? { outcome: 'failed', message: 'not a plain file' }
      : { outcome: 'read', text, truncated: false };
  } catch (error) {
    if (error instanceof EngineError && error.failure.kind === 'status' && error.failure.status === 404) {
      return { outcome: 'absent' };
    }
    return { outcome: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

async function runByExec(
  client: () => Promise<EngineClient>,
  id: string,
  asked: RunRequest,
): Promise<RunResult> {
  try {
    const engine = await client();
    const { id: execId, output } = await engine.exec(id, asked.argv);
    const { stdout, stderr } = splitStreams(output);
    const exitCode = (await engine.execExitCode(execId)) ?? -1;
    if (
      (exitCode === 126 || exitCode === 127) &&
      isMissingProgram(`${stdout.toString()}${stderr.toString()}`)
    ) {
      return { outcome: 'not-found' };
    }
    return {
      outcome: 'exited',
      exitCode,
      stdout: stdout.toString('utf8'),
      stderr: stderr.toString('utf8'),
      truncated: false,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return isMissingProgram(message) ? { outcome: 'not-found' } : { outcome: 'failed', message };
  }
}

function isLiteral(host: string): boolean {
  return host.includes(':') || /^\d+\.\d+\.\d+\.\d+$/u.test(host);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
