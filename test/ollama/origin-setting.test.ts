import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { badOrigins } from '../../src/ollama/origin-setting.ts';

// gin-contrib/cors config.go: what a server with each value panics on, and what was most likely meant.
test.each([
  ['', []],
  ['*', []],
  ['http://localhost:3000', []],
  ['"https://chat.lan,chrome-extension://*"', []],
  ['http://*.lan', []],
  ['192.168.1.5', [{ entry: '192.168.1.5', meant: 'http://192.168.1.5' }]],
  ['localhost:3000', [{ entry: 'localhost:3000', meant: 'http://localhost:3000' }]],
  ['http://a, http://b', [{ entry: ' http://b', meant: 'http://b' }]],
  ['http://*:*', [{ entry: 'http://*:*', meant: 'http://*' }]],
  ['a b', [{ entry: 'a b' }]],
])('%j', (value, bad) => {
  expect(badOrigins(value)).toEqual(bad);
});

test('any text gives entries of its own, and what was meant is taken by the server', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      for (const { entry, meant } of badOrigins(value)) {
        expect(value).toContain(entry);
        expect(badOrigins(meant ?? '*')).toEqual([]);
      }
    }),
  );
});
