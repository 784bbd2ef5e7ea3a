import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { repeated } from '../../src/cli/options/repeated.ts';
import { renderHuman } from '../../src/report/human.ts';
import { incident } from '../report/reports.ts';

const typed = { input: true, color: true };

describe('what to type next', () => {
  it('has the options again that say what is looked at, each as a word of a shell', () => {
    expect(repeated(typed)).toBe('');
    expect(
      repeated({
        ...typed,
        verbose: true,
        url: 'http://dora:pa55@box:11434',
        requireModel: ['llama3.2:3b', 'mistral'],
        requireVersion: '>=0.5',
      }),
    ).toBe(" --url http://box:11434 --require-model llama3.2:3b,mistral --require-version '>=0.5'");
  });

  it('says them, or what was found would not be found again', () => {
    const screen = {
      chalk: new Chalk({ level: 0 }),
      columns: 100,
      unicode: true,
      detail: 'normal',
      command: 'ollama-doctor',
      again: ' --require-model mistral',
    } as const;
    expect(renderHuman(incident, screen)).toContain('ollama-doctor fix --require-model mistral --dry-run');
    expect(renderHuman(incident, { ...screen, replay: 'saved.json' })).toContain(
      'ollama-doctor --require-model mistral --replay saved.json --dry-run',
    );
  });
});
