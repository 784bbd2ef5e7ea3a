import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEnvFile } from '../../src/compose/env-file.ts';
import { ComposeProblem } from '../../src/compose/problem.ts';

function read(text: string, outside: Record<string, string> = {}): Record<string, string | undefined> {
  const entries = readEnvFile({ path: '/p/.env', text }, (name) => outside[name]);
  return Object.fromEntries(entries.map(({ name, value }) => [name, value]));
}

function readOrProblem(text: string): void {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof ComposeProblem)) throw error;
  }
}

describe('an env file', () => {
  it.each([
    ['A=b', 'b'],
    ['A=', ''],
    ['export A=b', 'b'],
    ['A: b', 'b'],
    ['A = b', 'b'],
    ['A=b # why', 'b'],
    ['A=b#c', 'b#c'],
    ['A=#c', ''],
    ['A="b # c" # why', 'b # c'],
    ["A='b $HOME'", 'b $HOME'],
    ['A="b\\nc"', 'b\nc'],
    ['A="b\\$HOME"', 'b$HOME'],
    ['A="b \\"c\\""', 'b "c"'],
    ['A="b\nc"', 'b\nc'],
    ['A=http://h:11434?x=1', 'http://h:11434?x=1'],
    ['A=${OUT}/v1', 'out/v1'],
    ['A=${NONE:-http://localhost:11434}', 'http://localhost:11434'],
    ['\u{feff}A=b', 'b'],
    ['A=b  \r', 'b'],
    ['  A=b', 'b'],
    ['A', undefined],
  ])('%j gives %j', (text, expected) => {
    expect(read(text, { OUT: 'out' })['A']).toBe(expected);
  });

  it('puts in what earlier lines say, and takes CRLF', () => {
    expect(read('# first\r\nH=ollama\r\n\r\nU=http://$H:11434\r\n')).toEqual({
      H: 'ollama',
      U: 'http://ollama:11434',
    });
  });

  it('knows where each value is written', () => {
    const text = 'A=1\nURL="http://localhost:11434" # x\n';
    const url = readEnvFile({ path: '/p/.env', text }, () => undefined)[1];
    expect(text.slice(url?.at.start, url?.at.end)).toBe('http://localhost:11434');
  });

  it('says with line and column what it cannot read, and never shows a value', () => {
    expect(() => read('A=1\n  not a line\n')).toThrow('/p/.env:2:3: this is no line of an env file: not…');
    expect(() => read('A="open')).toThrow('/p/.env:1:3: this quote is never closed');
    expect(() => read('KEY sk-secret')).not.toThrow('sk-secret');
  });

  it('never throws anything but a problem', () => {
    const pieces = fc.constantFrom(
      'A',
      '=',
      '"',
      "'",
      '\n',
      '\r\n',
      '#',
      ' ',
      '$',
      '{',
      '}',
      '\\',
      ':',
      'export ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
        expect(() => readOrProblem(parts.join(''))).not.toThrow();
      }),
    );
  });
});
