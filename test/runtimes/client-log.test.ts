import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keptLog, loggedAddresses } from '../../src/runtimes/clients/log.ts';

describe('the addresses in a log', () => {
  test.each([
    [
      'TypeError: fetch failed … Error: connect ECONNREFUSED 127.0.0.1:11434',
      '127.0.0.1:11434',
      'connection refused',
    ],
    [
      'dial tcp: Post "http://localhost:11434/api/chat": dial tcp 127.0.0.1:11434: connect: connection refused',
      '127.0.0.1:11434',
      'connection refused',
    ],
    [
      "HTTPConnectionPool(host='host.docker.internal', port=11434): Max retries exceeded with url: /api/chat (Caused by NewConnectionError(': [Errno 111] Connection refused'))",
      'host.docker.internal:11434',
      'connection refused',
    ],
    [
      'Cannot connect to host ollama:11434 ssl:default [Name or service not known]',
      'ollama:11434',
      'name not found',
    ],
    ['connect ETIMEDOUT 172.17.0.1:11434', '172.17.0.1:11434', 'timed out'],
    ['\u001B[31mERROR\u001B[0m http://h:11434: No route to host', 'http://h:11434', 'no route to host'],
    ['using http://me:pw@h:11434/v1?key=1', 'http://h:11434/v1', undefined],
  ])('%s', (line, address, trouble) => {
    expect(loggedAddresses(`noise\n${line}\n`)[0]).toEqual({
      address,
      ...(trouble === undefined ? {} : { trouble }),
    });
  });

  test('what a server listens on is none, and the latest comes first', () => {
    expect(loggedAddresses('Listening on 0.0.0.0:11434\nListening on [::]:11434\nport 11434\n')).toEqual([]);
    const all = loggedAddresses('http://a:11434\nhttp://b:11434 ECONNREFUSED\nhttp://a:11434\n');
    expect(all.map((one) => one.address)).toEqual(['http://a:11434', 'http://b:11434']);
  });

  test('what is kept for a recording says the same, and nothing else', () => {
    const log =
      'user alice asked: my password is hunter2\nPOST http://localhost:11434/api/chat ECONNREFUSED alice\n';
    expect(keptLog(log)).toBe('http://localhost:11434/api/chat connection refused\n');
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('http://a:11434 ', 'b:11434 ', 'ECONNREFUSED', '\n', 'x', '404 ')),
        (parts) => {
          const text = parts.join('');
          expect(loggedAddresses(keptLog(text))).toEqual(loggedAddresses(text));
        },
      ),
    );
  });

  test('no text makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => keptLog(text)).not.toThrow();
      }),
    );
  });
});
