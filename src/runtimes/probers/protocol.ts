import { parseHeaders } from '../inside/raw-http.ts';

/**
 * What a prober found out. On standard error, one a line:
 *
 *     prober python3            which tool it is ("none" when the container has none)
 *     lookup ERRNO words…       the name could not be resolved
 *     addresses A B…            what the name is, in the resolver's order
 *     failed A ERRNO MS         connecting to A failed
 *     connected A MS            the address that answered first
 *     broke ERRNO words…        the connection broke after that
 *     end N                     the answer was read to its end
 *     exit N                    exit code of a tool that has words of its own (curl, bash, wget, getent)
 *
 * On standard output, the bytes of the HTTP answer as they came.
 */
export interface ProbeReport {
  tool: string;
  addresses: string[];
  lookup?: { errno: string; detail: string };
  failures: { address: string; errno: string }[];
  connected?: { address?: string };
  broke?: { errno: string; detail: string };
  bytes: Buffer;
  /** False when a prober with the protocol's own lines was cut off before its last one. */
  complete: boolean;
  /** Milliseconds until connected or failed, by the prober's own clock. */
  elapsedMs?: number;
}

/** Reads a prober's output; undefined when it is none (a tool that does not start, an engine's error). Never throws. */
export function parseProbe(
  stdout: Buffer,
  stderr: string,
  mode: 'resolve' | 'connect' | 'request' = 'request',
): ProbeReport | undefined {
  const tool = /^prober ([\w-]+)$/mu.exec(stderr)?.[1];
  if (tool === undefined || crashed.has(exitCode(stderr) ?? 0)) return undefined;
  const report: ProbeReport = { tool, addresses: [], failures: [], bytes: stdout, complete: true };
  switch (tool) {
    case 'none':
      return report;
    case 'getent':
      return parseGetent(report, stdout.toString('utf8'), stderr);
    case 'curl':
      return parseWords(report, curlLines(stderr), stderr);
    case 'bash':
      return parseWords(parseLines(report, stderr) ?? report, stderr, stderr);
    case 'nc':
      return parseNetcat(parseLines(report, stderr) ?? report, stderr);
    case 'wget':
    case 'busybox-wget':
      return parseWget(report, stderr);
    default:
      return withCompleteness(parseLines(report, stderr), stderr, mode);
  }
}

/** A prober that was killed (its container stopped) has said part of it, which is no finding. */
function withCompleteness(
  report: ProbeReport | undefined,
  stderr: string,
  mode: 'resolve' | 'connect' | 'request',
): ProbeReport | undefined {
  if (!report || report.lookup || mode === 'resolve') return report;
  const ended = mode === 'connect' || report.broke !== undefined || /^end \d+$/mu.test(stderr);
  return { ...report, complete: report.connected ? ended : report.failures.length > 0 };
}

/** The protocol's own lines; without any the tool did not run. */
function parseLines(report: ProbeReport, stderr: string): ProbeReport | undefined {
  let known = false;
  for (const line of stderr.split('\n')) {
    const [word, ...rest] = line.trim().split(' ');
    const [first = '', second = 'EIO'] = rest;
    if (word === 'lookup') report.lookup = { errno: first, detail: rest.slice(1).join(' ') };
    else if (word === 'addresses') report.addresses = rest.filter((address) => address !== '');
    else if (word === 'failed') report.failures.push({ address: first, errno: second });
    else if (word === 'connected') report.connected = { address: first };
    else if (word === 'broke') report.broke = { errno: first, detail: rest.slice(1).join(' ') };
    else continue;
    known = true;
    const elapsed = Number(word === 'failed' ? rest[2] : word === 'connected' ? rest[1] : Number.NaN);
    if (Number.isFinite(elapsed)) report.elapsedMs = elapsed;
  }
  return known ? report : undefined;
}

function parseGetent(report: ProbeReport, stdout: string, stderr: string): ProbeReport {
  const addresses = stdout
    .split('\n')
    .map((line) => line.split(/\s+/u)[0] ?? '')
    .filter((address) => address !== '');
  report.addresses = [...new Set(addresses)];
  if (report.addresses.length === 0) {
    report.lookup = {
      errno: exitCode(stderr) === 2 ? 'ENOTFOUND' : 'EIO',
      detail: 'getent knows no such name',
    };
  }
  report.bytes = Buffer.alloc(0);
  return report;
}

/** curl's verbose lines without the headers it shows there as well. */
function curlLines(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => !/^[<>{}]/u.test(line))
    .join('\n');
}

/** What curl, bash and wget say in words. The system's words for an errno are those of glibc and of musl. */
function parseWords(report: ProbeReport, lines: string, stderr: string): ProbeReport | undefined {
  if (report.lookup) return report;
  const code = exitCode(stderr);
  if (code === undefined) return undefined;
  if (/Resolving timed out/u.test(lines)) {
    report.lookup = { errno: 'ETIMEDOUT', detail: '' };
    return report;
  }
  if (nameFailed.test(lines)) {
    report.lookup = { errno: 'ENOTFOUND', detail: (nameFailed.exec(lines)?.[0] ?? '').trim() };
    return report;
  }
  const connected =
    /^\* Connected to \S+ \(([^)\s]+)\)|^connected - |^\* Established connection to \S+ \((\S+) port/mu.exec(
      lines,
    );
  for (const [, address, literal, words = ''] of lines.matchAll(
    /(?:connect to ([0-9a-f.:]+) port \d+ (?:from \S+ port \d+ )?failed|Immediate connect fail for ([0-9a-f.:]+)): (.+)/giu,
  )) {
    report.failures.push({ address: address ?? literal ?? '', errno: errnoOfWords(words) });
  }
  if (connected) {
    const address = connected[1] ?? connected[2] ?? report.addresses[0];
    report.connected = address === undefined ? {} : { address };
    const errno = brokenBy(code, lines);
    if (errno !== undefined) report.broke = { errno, detail: '' };
    return report;
  }
  if (report.failures.length === 0) {
    const tried = /Trying \[?([0-9a-f.:]+?)\]?:\d+\.\.\./u.exec(lines)?.[1] ?? '';
    const timedOut = code === 28 || code === 124 || code === 143;
    report.failures.push({
      address: tried === '' ? (report.addresses[0] ?? '') : tried,
      errno: timedOut ? 'ETIMEDOUT' : errnoOfWords(lines),
    });
  }
  return report;
}

/** BusyBox: `nc: can't connect to remote host (172.17.0.1): Connection refused`, or `nc: web (172.17.0.1:80): …`. */
function parseNetcat(report: ProbeReport, stderr: string): ProbeReport | undefined {
  if (report.lookup) return report;
  const code = exitCode(stderr);
  const words = stderr.split('\n').find((line) => line.startsWith('nc: ')) ?? '';
  const address = /\(\[?([0-9a-f.:]+?)\]?(?::\d+)?\):/iu.exec(words)?.[1] ?? report.addresses[0] ?? '';
  if (code === undefined || /invalid option|unrecognized option/iu.test(stderr)) return undefined;
  if (nameFailed.test(words)) {
    report.lookup = { errno: 'ENOTFOUND', detail: words };
    return report;
  }
  // "timed out" is said while connecting; one that had to be ended was connected.
  const ended = code === 143 || code === 124;
  const errno = ended ? 'ETIMEDOUT' : errnoOfWords(words);
  if (ended || report.bytes.length > 0 || words === '' || errno === 'ECONNRESET') {
    report.connected = address === '' ? {} : { address };
    if (errno !== 'EIO') report.broke = { errno, detail: '' };
    return report;
  }
  report.failures.push({ address, errno });
  return report;
}

/** Why a transfer ended after it had connected: curl's exit codes, `timeout`'s, or the system's words. */
function brokenBy(code: number, lines: string): string | undefined {
  if (code === 0 || code === 52) return undefined;
  if (code === 28 || code === 124 || code === 143) return 'ETIMEDOUT';
  if (code === 35 || code === 60) return 'ETLS';
  const errno = errnoOfWords(lines);
  return errno === 'EIO' ? undefined : errno;
}

function parseWget(report: ProbeReport, stderr: string): ProbeReport | undefined {
  const code = exitCode(stderr);
  if (code === undefined || /invalid option|unrecognized option|BusyBox v[^\n]*\n\s*\n?Usage/iu.test(stderr))
    return undefined;
  if (nameFailed.test(stderr)) {
    report.lookup = { errno: 'ENOTFOUND', detail: (nameFailed.exec(stderr)?.[0] ?? '').trim() };
    return report;
  }
  const address =
    /Connecting to [^\n]*?\|([0-9a-f.:]+)\|/u.exec(stderr)?.[1] ??
    /Connecting to \S+ \(\[?([0-9a-f.:]+?)\]?:\d+\)/u.exec(stderr)?.[1] ??
    /remote host \(([0-9a-f.:]+)\)/u.exec(stderr)?.[1] ??
    /Connecting to (\d+\.\d+\.\d+\.\d+)/u.exec(stderr)?.[1];
  const head = wgetHead(stderr);
  if (head !== undefined) {
    report.connected = address === undefined ? {} : { address };
    report.bytes = Buffer.concat([Buffer.from(head, 'latin1'), report.bytes]);
    return report;
  }
  const errno = /timed out/iu.test(stderr) ? 'ETIMEDOUT' : errnoOfWords(stderr);
  if (/\.\.\. connected|error getting response|Read error/iu.test(stderr)) {
    report.connected = address === undefined ? {} : { address };
    report.broke = { errno: errno === 'EIO' ? 'ECONNRESET' : errno, detail: '' };
    return report;
  }
  report.failures.push({ address: address ?? '', errno });
  return report;
}

/** wget shows the answer's head indented; its body comes out decoded, so the lengths it was sent with are left out. */
function wgetHead(stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trimEnd());
  const first = lines.findIndex((line) =>
    /^\s*(?:wget: server returned error: )?HTTP\/1\.\d \d{3}/u.test(line),
  );
  if (first === -1) return undefined;
  const status = lines[first]?.replace(/^.*?(HTTP\/)/u, '$1') ?? '';
  const following = lines.slice(first + 1);
  const end = following.findIndex((line) => !/^\s+[\w-]+:/u.test(line));
  const headers = parseHeaders((end === -1 ? following : following.slice(0, end)).map((line) => line.trim()));
  const kept = Object.entries(headers).filter(
    ([name]) => name !== 'transfer-encoding' && name !== 'content-length',
  );
  return `${[status, ...kept.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`;
}

/** 128 and the signals of a crash: Debian's static busybox dies so in its wget. */
const crashed = new Set([132, 134, 135, 136, 139]);

const nameFailed =
  /[^\n]*(?:Could not resolve host|bad address|unable to resolve host|Name or service not known|Name does not resolve|Temporary failure in name resolution|No address associated with hostname)[^\n]*/iu;

const wordsOfErrno: readonly [RegExp, string][] = [
  [/connection refused/iu, 'ECONNREFUSED'],
  [/no route to host|host is unreachable/iu, 'EHOSTUNREACH'],
  [/network is unreachable|network unreachable/iu, 'ENETUNREACH'],
  [/reset by peer/iu, 'ECONNRESET'],
  [/timed out/iu, 'ETIMEDOUT'],
  [/permission denied/iu, 'EACCES'],
  [/protocol not available/iu, 'ENOPROTOOPT'],
  [/cannot assign requested address|address not available/iu, 'EADDRNOTAVAIL'],
];

function errnoOfWords(words: string): string {
  return wordsOfErrno.find(([pattern]) => pattern.test(words))?.[1] ?? 'EIO';
}

function exitCode(stderr: string): number | undefined {
  const code = /^exit (\d+)\s*$/mu.exec(stderr)?.[1];
  return code === undefined ? undefined : Number(code);
}
