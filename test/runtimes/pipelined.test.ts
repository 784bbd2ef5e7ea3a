import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestJobWithNext } from '../../src/runtimes/inside/jobs.ts';
import { splitReport } from '../../src/runtimes/inside/pipelined.ts';
import type { ProbeReport } from '../../src/runtimes/probers/protocol.ts';

const report = (bytes: string | Buffer, change: Partial<ProbeReport> = {}): ProbeReport => ({
  tool: 'python3',
  addresses: ['172.17.0.1'],
  failures: [],
  connected: { address: '172.17.0.1' },
  bytes: Buffer.from(bytes),
  complete: true,
  ...change,
});
const version = 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"version":"0.12.3"}';
const tags = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"mod\r\n9\r\nels":[1]}\r\n0\r\n\r\n';

describe('two requests on one connection', () => {
  it('are sent as one payload, the first to be followed, the second to end it', () => {
    const job = requestJobWithNext({
      url: 'http://ollama:11434/api/version',
      next: { url: 'http://ollama:11434/api/tags' },
    });
    expect(job?.payload).toMatch(
      /^GET \/api\/version HTTP\/1\.1\r\n[^]*Connection: keep-alive\r\n\r\nGET \/api\/tags HTTP\/1\.1\r\n[^]*Connection: close\r\n\r\n$/u,
    );
  });

  it('are not tried across servers, through a proxy, or after a request with something of its own', () => {
    const url = 'http://ollama:11434/api/version';
    const next = { url: 'http://ollama:11434/api/tags' };
    expect(requestJobWithNext({ url, next: { url: 'http://other:11434/' } })).toBeUndefined();
    expect(requestJobWithNext({ url, next, proxy: 'http://proxy:3128' })).toBeUndefined();
    expect(requestJobWithNext({ url, next, headers: { host: 'localhost' } })).toBeUndefined();
    expect(requestJobWithNext({ url })).toBeUndefined();
  });

  it.each([
    ['a length before chunks', version, tags],
    ['chunks before a length', tags, version],
  ])('give two answers: %s', (_what, first, second) => {
    const split = splitReport(report(first + second));
    expect(split?.answers).toBe('both');
    if (split?.answers !== 'both') return;
    expect(split.first.bytes.toString()).toBe(first);
    expect(split.second.bytes.toString()).toBe(second);
  });

  it('count as one where the server answered the first and closed', () => {
    expect(splitReport(report(version))).toEqual({ answers: 'one' });
    expect(splitReport(report('HTTP/1.0 200 OK\r\n\r\nall to the end'))).toEqual({ answers: 'one' });
  });

  it('are made again, one by one, where what came cannot be told apart or broke off', () => {
    expect(splitReport(report(version + tags.slice(0, 60)))).toBeUndefined();
    expect(splitReport(report(version, { broke: { errno: 'ETIMEDOUT', detail: '' } }))).toBeUndefined();
    expect(splitReport(report('garbage'))).toBeUndefined();
  });

  it('leave a connection that was never made as it is', () => {
    const { connected: _connected, ...dropped } = report('');
    expect(splitReport(dropped)).toEqual({ answers: 'one' });
  });

  it('never throw on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const split = splitReport(report(Buffer.concat([Buffer.from(version), Buffer.from(bytes)])));
        expect(split === undefined || ['one', 'both'].includes(split.answers)).toBe(true);
      }),
    );
  });
});
