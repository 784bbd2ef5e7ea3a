import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchLine } from '../../../src/findings/errors/match-line.ts';
import { isAboutAnotherServer } from '../../../src/findings/errors/other-server.ts';
import { knownErrors } from '../../../src/findings/errors/table.ts';

describe('a line about another server than Ollama', () => {
  test.each([
    'psql: error: connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused',
    'connect ECONNREFUSED 127.0.0.1:6379',
    'dial tcp [::1]:3306: connect: connection refused',
    'Error 111 connecting to redis:6379. Connection refused.',
    'MongoServerSelectionError: connect ECONNREFUSED 172.17.0.1:27017',
    'ssh: connect to host 10.0.0.5 port 22: No route to host',
    'sqlalchemy: postgresql://app@db/app: Connection refused',
    'getaddrinfo ENOTFOUND api.github.com',
    "fatal: unable to access 'https://github.com/x/y.git/': Could not resolve host: github.com",
    'npm ERR! code ETIMEDOUT registry.npmjs.org',
    "HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded [SSL: WRONG_VERSION_NUMBER]",
    '502 Bad Gateway for https://api.openai.com/v1/chat',
    'Get "https://registry-1.docker.io/v2/": net/http: request canceled while waiting for connection',
  ])('gets no suspicion: %s', (line) => {
    expect(matchLine(line)).toBeUndefined();
  });

  test.each([
    'connect ECONNREFUSED 127.0.0.1:11434',
    'ollama behind db:5432: connect ECONNREFUSED',
    'connect ECONNREFUSED 127.0.0.1:8080',
    'lookup host.docker.internal on 127.0.0.11:53: no such host',
    'getaddrinfo ENOTFOUND github.com.home.lan',
    'connect ECONNREFUSED 172.17.0.22:8000',
    '12:22 connection refused',
  ])('is not one that may be about Ollama: %s', (line) => {
    expect(matchLine(line)).toBeDefined();
  });

  test('is no known message of Ollama', () => {
    expect(knownErrors.filter((error) => isAboutAnotherServer(error.sample.toLowerCase()))).toEqual([]);
  });

  test('is looked for without throwing, in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(typeof isAboutAnotherServer(text)).toBe('boolean');
      }),
    );
  });
});
