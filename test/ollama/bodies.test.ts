import { expect, test } from 'vitest';
import { readJson, readModels } from '../../src/ollama/bodies.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

test('a body that nests deeper than any answer does is not taken for JSON', () => {
  expect(readJson(nested(200))).toBeDefined();
  expect(readJson(nested(201))).toBeUndefined();
  expect(readModels(`{"models":${nested(100_000)}}`)).toBeUndefined();
});

test('brackets within strings do not count', () => {
  const text = `\\"${'['.repeat(300)}`;
  expect(readJson(JSON.stringify({ text }))).toEqual({ text });
});
