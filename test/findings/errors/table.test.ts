import { describe, expect, it } from 'vitest';
import { findingEntry } from '../../../src/findings/index.ts';
import { matchLine } from '../../../src/findings/errors/match-line.ts';
import { knownErrors } from '../../../src/findings/errors/table.ts';

describe('the table of known messages', () => {
  it.each(knownErrors.map((error) => [error.id, error] as const))(
    '%s: its sample is taken for itself and for nothing before it',
    (id, { sample }) => expect(matchLine(sample)?.error.id).toBe(id),
  );

  it('suspects codes of the catalogue alone, and at least one, wherever the address points', () => {
    for (const error of knownErrors) {
      for (const { codes, meaning } of [error, ...Object.values(error.at ?? {})]) {
        expect(codes.length, error.id).toBeGreaterThan(0);
        expect(new Set(codes).size, error.id).toBe(codes.length);
        expect(meaning, error.id).toMatch(/^\S.*[.)]$/u);
        for (const code of codes) expect(findingEntry(code)?.code, `${error.id} ${code}`).toBe(code);
      }
    }
  });

  it('has each name once, and a source for each', () => {
    expect(new Set(knownErrors.map(({ id }) => id)).size).toBe(knownErrors.length);
    for (const { id, source } of knownErrors) {
      expect(source, id).toMatch(/^(?:[\w.-]+\/[\w.-]+(?:#\d+| [\w/.-]+.*)|(?:Go|systemd) .+)$/u);
    }
  });

  it('has its pieces in small letters, as the line is made small before they are looked for', () => {
    for (const { id, says } of knownErrors) {
      for (const piece of says.flat()) expect(piece, id).toBe(piece.toLowerCase());
    }
  });

  it('has no piece that nothing can reach, as something before it is found in every line with it', () => {
    for (const { id, says } of knownErrors) {
      for (const pieces of says) expect(matchLine(pieces.join(' x '))?.error.id, pieces.join('…')).toBe(id);
    }
  });
});
