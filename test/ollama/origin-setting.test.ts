import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { badOrigins, mendedOrigins, withOrigin } from '../../src/ollama/origin-setting.ts';

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

test.each([
  [undefined, 'http://192.168.1.5:3000', 'http://192.168.1.5:3000'],
  ['"http://a.lan,app://x*"', 'https://chat.lan', 'http://a.lan,app://x*,https://chat.lan'],
  ['', 'chrome-extension://abc', 'chrome-extension://abc'],
  // gin-contrib/cors has no such scheme, and a server with such an entry ends as it starts.
  ['http://a.lan', 'safari-web-extension://abc', undefined],
  ['http://a.lan', 'null', undefined],
  ['*', '', undefined],
  ['http://a.lan', 'http://*.lan', undefined],
])('%j and %j let in: %j', (value, origin, wanted) => {
  expect(withOrigin(value, origin)).toBe(wanted);
});

test.each([
  ['192.168.1.5,https://a.lan, http://b.lan', 'http://192.168.1.5,https://a.lan,http://b.lan'],
  ['http://*:*', 'http://*'],
  ['a b,192.168.1.5', undefined],
  ['http://a.lan', undefined],
])('%j was meant as %j', (value, meant) => {
  expect(mendedOrigins(value)).toBe(meant);
});

test('what is let in or mended never ends the server', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (value, origin) => {
      const more = badOrigins(value).length === 0 ? withOrigin(value, origin) : undefined;
      for (const text of [more, mendedOrigins(value)]) expect(badOrigins(text ?? '')).toEqual([]);
    }),
  );
});
