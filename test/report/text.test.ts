import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visible, visibleLines } from '../../src/report/text/visible.ts';
import { displayWidth, pad, wrap } from '../../src/report/text/width.ts';

describe('visible', () => {
  it.each([
    ['an escape sequence', '\u001b[31mred', String.raw`\x1b[31mred`],
    ['a line feed', 'a\nb', String.raw`a\x0ab`],
    ['the one-byte CSI', '\u009b2J', String.raw`\x9b2J`],
    ['a right-to-left override', 'txt.\u202eexe', String.raw`txt.\u202eexe`],
    ['a character without width', 'a\u200bb', String.raw`a\u200bb`],
    ['half of a surrogate pair', 'a\ud83d', String.raw`a\ud83d`],
    ['a tab', 'a\tb', 'a  b'],
    ['a whole emoji', '🦙', '🦙'],
    ['other scripts', 'Größe 模型 модель', 'Größe 模型 модель'],
  ])('writes out %s', (_, given, expected) => {
    expect(visible(given)).toBe(expected);
  });

  it('leaves nothing that steers a terminal, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text)).not.toMatch(/\p{Cc}|\p{Cs}|[\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it('splits at every kind of line end and drops empty lines around', () => {
    expect(visibleLines('\n\na\r\nb\rc\n\n')).toEqual(['a', 'b', 'c']);
    expect(visibleLines('')).toEqual([]);
  });
});

describe('displayWidth', () => {
  it.each([
    ['ascii', 'ollama', 6],
    ['wide characters', '模型', 4],
    ['an emoji', '🦙', 2],
    ['a letter with a combining mark', 'e\u0301', 1],
    ['nothing', '', 0],
  ])('counts %s', (_, text, columns) => {
    expect(displayWidth(text)).toBe(columns);
  });

  it('pads by columns, not by characters', () => {
    expect(pad('模型', 6)).toBe('模型  ');
    expect(pad('longer', 3)).toBe('longer');
  });
});

describe('wrap', () => {
  it('breaks at spaces', () => {
    expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
  });

  it('cuts a word that is too long', () => {
    expect(wrap('a http://host.docker.internal', 10)).toEqual(['a', 'http://hos', 't.docker.i', 'nternal']);
  });

  it('keeps the indentation of a line', () => {
    expect(wrap('  indented text', 80)).toEqual(['  indented text']);
  });

  it('gives one empty line for an empty text', () => {
    expect(wrap('', 10)).toEqual(['']);
  });

  it('loses no character but spaces, and no line is too wide', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 2, max: 40 }), (text, columns) => {
        const lines = wrap(text, columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const line of lines) expect(displayWidth(line.trimEnd())).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
