import { describe, expect, it } from 'vitest';
import { findingEntry } from '../../../src/findings/index.ts';
import { matchLine } from '../../../src/findings/errors/match-line.ts';
import { knownErrors } from '../../../src/findings/errors/table.ts';

const suspicions = knownErrors.flatMap((error) =>
  [error, ...Object.values(error.at ?? {})].map(({ meaning, codes }) => [error.id, meaning, codes] as const),
);
const sayings = knownErrors.flatMap(({ id, says }) => says.map((pieces) => [id, pieces] as const));

describe('the table of known messages', () => {
  it.each(knownErrors.map((error) => [error.id, error] as const))(
    '%s: its sample is taken for itself and for nothing before it',
    (id, { sample }) => expect(matchLine(sample)?.error.id).toBe(id),
  );

  it.each(suspicions)('%s suspects codes of the catalogue, and at least one: %s', (_, meaning, codes) => {
    expect(codes.map((code) => findingEntry(code)?.code)).toEqual(codes);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes[0]).toBeDefined();
    expect(meaning).toMatch(/^\S.*[.)]$/u);
  });

  it.each(knownErrors.map(({ id, source }) => [id, source]))('%s has a source: %s', (_, source) => {
    expect(source).toMatch(/^(?:[\w.-]+\/[\w.-]+(?:#\d+| [\w/.-]+.*)|(?:Go|systemd) .+)$/u);
  });

  it('has each name once', () => {
    expect(new Set(knownErrors.map(({ id }) => id)).size).toBe(knownErrors.length);
  });

  it.each(sayings)('%s is found by: %s', (id, pieces) => {
    // Lines are made small before they are looked through.
    expect(pieces.map((piece) => piece.toLowerCase())).toEqual(pieces);
    // Else nothing could reach it, as something before it in the table is found in every line with it.
    expect(matchLine(pieces.join(' x '))?.error.id).toBe(id);
  });
});
