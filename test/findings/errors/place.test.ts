import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeIn } from '../../../src/findings/errors/place.ts';

const places = ['loopback', 'loopback6', 'host', 'bridge', 'service', 'elsewhere'];

describe('the place a line speaks of', () => {
  it.each([
    ['connect ECONNREFUSED 127.0.0.1:11434', 'loopback'],
    ['cause: [Error: connect ECONNREFUSED 127.0.0.1:11434] {', 'loopback'],
    ['tried [172.17.0.1:11434]', 'bridge'],
    ['http://localhost:11434', 'loopback'],
    ['cause: [Error: connect ECONNREFUSED ::1:11434] {', 'loopback6'],
    ['http://0.0.0.0:11434', 'loopback'],
    ['connect ECONNREFUSED ::1:11434', 'loopback6'],
    ['dial tcp [::1]:11434: connect: connection refused', 'loopback6'],
    ['Failed to connect to host.docker.internal port 11434', 'host'],
    ['http://host.containers.internal:11434/api', 'host'],
    ["Connect call failed ('172.17.0.1', 11434)", 'bridge'],
    ['dial tcp 10.88.0.1:11434: i/o timeout', 'bridge'],
    ['dial tcp 172.32.0.1:11434: i/o timeout', 'elsewhere'],
    ['http://192.168.1.9:11434.', 'elsewhere'],
    ['http://ollama:8080/v1', 'service'],
    ['dial tcp ollama.example.com:11434', 'elsewhere'],
    ['lookup host.docker.internal on 127.0.0.11:53: no such host', 'host'],
    ['read tcp 172.18.0.3:45678->192.168.1.4:11434: connection reset by peer', 'elsewhere'],
    ['read tcp 127.0.0.1:45678->192.168.1.4:8080: connection reset by peer', 'elsewhere'],
    ['10.1.2.3 asked 172.17.0.1:11434', 'bridge'],
  ])('%s: %s', (line, place) => expect(placeIn(line)).toBe(place));

  it.each(['fetch failed', 'routes.go:1125: INFO', 'at 10:58:32 it ended', 'v1.2.3', ''])(
    'is none in: %s',
    (line) => expect(placeIn(line)).toBeUndefined(),
  );

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (line) => {
        expect([undefined, ...places]).toContain(placeIn(line));
      }),
    );
  });
});
