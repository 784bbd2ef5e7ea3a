import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { proberArguments } from '../../src/runtimes/inside/job.ts';
import { connectJob, requestJob, resolveJob } from '../../src/runtimes/inside/jobs.ts';
import type { Job } from '../../src/runtimes/inside/job.ts';
import { toConnectResult, toHttpResult, toResolveResult } from '../../src/runtimes/inside/results.ts';
import { nodeProber } from '../../src/runtimes/probers/node.ts';
import { perlProber } from '../../src/runtimes/probers/perl.ts';
import { parseProbe } from '../../src/runtimes/probers/protocol.ts';
import { pythonProber } from '../../src/runtimes/probers/python.ts';

type Outputs = Record<string, Record<string, { stdout: string; stderr: string }>>;
const outputs = JSON.parse(
  readFileSync(new URL('../../fixtures/outputs/docker/probers.json', import.meta.url), 'utf8'),
) as Outputs;

const how = { via: 'docker exec web x', elapsedMs: 1, timeoutMs: 3500 };

/** What each case of the fixture must come out as; the same for every tool unless named. */
const expected: Record<string, string> = {
  answered: 'answered',
  chunked: 'answered',
  closed: 'reset',
  reset: 'reset',
  silent: 'timeout',
  garbage: 'not-http',
  forbidden: 'answered',
  dropped: 'timeout',
  prohibited: 'host-unreachable',
  refused: 'refused',
  'net-unreachable': 'network-unreachable',
  'unknown-name': 'name-not-found',
};
/** curl leaves out what is not HTTP, so that it looks like a connection closed without an answer. */
const exceptions: Record<string, string> = { 'curl garbage': 'reset' };

describe('real outputs of probers in a container, against real rules', () => {
  const cases = Object.entries(outputs).flatMap(([tool, all]) =>
    Object.entries(all).map(([label, output]) => ({ tool, label, ...output })),
  );

  test.each(cases)('$tool, $label', ({ tool, label, stdout, stderr }) => {
    const report = parseProbe(Buffer.from(stdout), stderr);
    expect(report?.tool).toBe(tool);
    const result = toHttpResult(report!, how, { url: 'http://x/' });
    expect(result.outcome).toBe(exceptions[`${tool} ${label}`] ?? expected[label]);
    expect((result as { address?: string }).address).toBe(
      label === 'unknown-name' ? undefined : '172.17.0.1',
    );
  });

  test.each(Object.keys(outputs))('%s gives status, headers and the decoded body', (tool) => {
    const read = (label: string) => {
      const { stdout = '', stderr = '' } = outputs[tool]?.[label] ?? {};
      return toHttpResult(parseProbe(Buffer.from(stdout), stderr)!, how, { url: 'http://x/' });
    };
    expect(read('answered')).toMatchObject({
      status: 200,
      body: '{"version":"0.9.9"}',
      bodyTruncated: false,
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    expect(read('chunked')).toMatchObject({ status: 404, body: 'hello world', headers: { server: 't' } });
    expect(read('forbidden')).toMatchObject({ status: 403, body: '' });
  });

  test('a silent connection says that it was connected, a dropped one does not', () => {
    for (const tool of Object.keys(outputs)) {
      const detail = (label: string): string => {
        const { stdout = '', stderr = '' } = outputs[tool]?.[label] ?? {};
        const result = toHttpResult(parseProbe(Buffer.from(stdout), stderr)!, how, { url: 'http://x/' });
        return 'detail' in result ? result.detail : '';
      };
      expect(detail('silent')).toMatch(/^connected, and no whole answer/u);
      expect(detail('dropped')).toBe('no answer within 3500 ms');
    }
  });
});

describe('output that is none', () => {
  test('an engine’s error, a crash of the tool and a tool without a word are no report', () => {
    expect(
      parseProbe(Buffer.from('OCI runtime exec failed: "sh": executable file not found'), ''),
    ).toBeUndefined();
    expect(
      parseProbe(Buffer.alloc(0), 'prober busybox-wget\nSegmentation fault\nexit 139\n'),
    ).toBeUndefined();
    expect(
      parseProbe(Buffer.alloc(0), 'prober python3\nTraceback (most recent call last)\n'),
    ).toBeUndefined();
  });

  test('an image with nothing says so', () => {
    expect(parseProbe(Buffer.alloc(0), 'prober none\n')).toMatchObject({ tool: 'none' });
  });

  test('never throws, whatever comes', () => {
    const tools = ['python3', 'curl', 'bash', 'wget', 'busybox-wget', 'nc', 'getent', 'none'];
    fc.assert(
      fc.property(fc.constantFrom(...tools), fc.string(), fc.uint8Array(), (tool, text, bytes) => {
        const report = parseProbe(Buffer.from(bytes), `prober ${tool}\n${text}\nexit 1\n`);
        const result = report && toHttpResult(report, how, { url: 'http://x/' });
        expect(typeof (result?.outcome ?? '')).toBe('string');
      }),
    );
  });
});

const provers = [
  { tool: 'node', argv: [process.execPath, '-e', nodeProber, '--'] },
  { tool: 'python3', argv: ['python3', '-IS', '-c', pythonProber] },
  { tool: 'perl', argv: ['perl', '-e', perlProber, '--'] },
];

describe.each(provers)('the prober in $tool, on loopback', ({ tool, argv }) => {
  const run = (job: Job) =>
    new Promise<ReturnType<typeof parseProbe> | 'missing'>((resolve) => {
      const [program = '', ...rest] = [...argv, ...proberArguments(job)];
      execFile(program, rest, { encoding: 'buffer' }, (error, stdout, stderr) => {
        if (error?.code === 'ENOENT') resolve('missing');
        else resolve(parseProbe(stdout, `prober ${tool}\n${stderr.toString()}`));
      });
    });

  /** A server that answers with these bytes once it has the request; `reset` resets, `nothing` keeps silent. */
  const serve = async (answer: string) => {
    const requests: string[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data) => {
        requests.push(data.toString());
        if (answer === 'reset') socket.resetAndDestroy();
        else if (answer !== 'nothing') socket.end(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: (server.address() as AddressInfo).port, requests, close: () => server.close() };
  };

  const request = (port: number): Job =>
    requestJob({ url: `http://localhost:${port}/api/version?x=1` }) as Job;

  test('sends the very bytes and gives back the answer', async ({ skip }) => {
    const server = await serve('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
    const report = await run(request(server.port));
    server.close();
    if (report === 'missing') return skip();
    expect(toHttpResult(report!, how, { url: '' })).toMatchObject({
      outcome: 'answered',
      status: 200,
      body: 'hi',
    });
    expect(server.requests).toEqual([
      `GET /api/version?x=1 HTTP/1.1\r\nHost: localhost:${server.port}\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
    ]);
  });

  test('tells refused, reset and connected apart, and names the address', async ({ skip }) => {
    const server = await serve('reset');
    const reset = await run(request(server.port));
    const connected = await run(connectJob({ host: '127.0.0.1', port: server.port }));
    server.close();
    const refused = await run(connectJob({ host: '127.0.0.1', port: 1 }));
    if (reset === 'missing' || connected === 'missing' || refused === 'missing') return skip();
    expect(toHttpResult(reset!, how, { url: '' })).toMatchObject({ outcome: 'reset', address: '127.0.0.1' });
    expect(toConnectResult(connected!, how)).toMatchObject({ outcome: 'connected', address: '127.0.0.1' });
    expect(toConnectResult(refused!, how)).toMatchObject({ outcome: 'refused', address: '127.0.0.1' });
  });

  test('gives up by its own deadline on a server that is silent', async ({ skip }) => {
    const server = await serve('nothing');
    const job = { ...request(server.port), timeoutMs: 400 };
    const started = performance.now();
    const report = await run(job);
    server.close();
    if (report === 'missing') return skip();
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(toHttpResult(report!, how, { url: '' })).toMatchObject({
      outcome: 'timeout',
      address: '127.0.0.1',
    });
  });

  test('resolves by the hosts file', async ({ skip }) => {
    const report = await run(resolveJob({ name: 'localhost' }));
    if (report === 'missing') return skip();
    expect(toResolveResult(report!, how)).toMatchObject({ outcome: 'resolved' });
    expect(report?.addresses.some((address) => address === '127.0.0.1' || address === '::1')).toBe(true);
  });

  test('uses no proxy of the environment', async ({ skip }) => {
    const proxy = await serve('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
    const server = await serve('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    process.env['http_proxy'] = `http://127.0.0.1:${proxy.port}`;
    const report = await run(request(server.port));
    delete process.env['http_proxy'];
    server.close();
    proxy.close();
    if (report === 'missing') return skip();
    expect(toHttpResult(report!, how, { url: '' })).toMatchObject({ status: 200 });
    expect(proxy.requests).toEqual([]);
  });
});
