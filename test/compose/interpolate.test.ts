import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolate } from '../../src/compose/interpolate.ts';

const set: Record<string, string> = { HOST: 'ollama', EMPTY: '', PORT: '11434' };
const put = (text: string): string => interpolate(text, (name) => set[name]).text;

describe('variables in a compose file', () => {
  it.each([
    ['$HOST', 'ollama'],
    ['${HOST}', 'ollama'],
    ['http://$HOST:$PORT/v1', 'http://ollama:11434/v1'],
    ['${HOST:-x}', 'ollama'],
    ['${EMPTY:-x}', 'x'],
    ['${EMPTY-x}', ''],
    ['${NONE:-x}', 'x'],
    ['${NONE-x}', 'x'],
    ['${NONE}', ''],
    ['${HOST:+y}', 'y'],
    ['${EMPTY:+y}', ''],
    ['${EMPTY+y}', 'y'],
    ['${NONE+y}', ''],
    ['${HOST:?say it}', 'ollama'],
    ['${NONE:-${HOST}:${PORT:-1}}', 'ollama:11434'],
    ['${NONE:-http://localhost:11434}', 'http://localhost:11434'],
    ['cost: $$5 $${HOST}', 'cost: $5 ${HOST}'],
    ['$', 'syntax'],
    ['${', 'syntax'],
    ['${HOST', 'syntax'],
    ['${1A}', 'syntax'],
    ['${HOST!}', 'syntax'],
  ])('%s is %s', (text, expected) => {
    const { refused, text: made } = interpolate(text, (name) => set[name]);
    expect(refused ? refused.kind : made).toBe(expected);
  });

  it('names what is not set, and what is required', () => {
    expect(interpolate('$A${B}${C:-x}', () => undefined).unset).toEqual(['A', 'B']);
    expect(interpolate('${A:?why not}', () => undefined).refused).toEqual({
      kind: 'required',
      reason: 'required variable A is missing a value: why not',
    });
  });

  it('leaves a text without dollars as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const plain = text.replaceAll('$', '');
        expect(put(plain)).toBe(plain);
      }),
    );
  });

  it('never throws, whatever the text', () => {
    const pieces = fc.constantFrom('$', '{', '}', ':-', ':?', 'HOST', 'x', '-', '+', '$$', ' ');
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
        expect(typeof put(parts.join(''))).toBe('string');
      }),
    );
    expect(typeof put('${A:-'.repeat(5000))).toBe('string');
  });
});
