import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import type { Screen } from '../../src/report/human/screen.ts';
import { waysBeside } from '../../src/report/human/ways.ts';
import type { Path } from '../../src/report/schema.ts';
import { displayWidth } from '../../src/report/text/width.ts';

const screen = (given: Partial<Screen> = {}): Screen => ({
  chalk: new Chalk({ level: 0 }),
  columns: 100,
  unicode: true,
  detail: 'verbose',
  command: 'ollama-doctor',
  ...given,
});

const path: Path = {
  from: 'container:web',
  url: 'http://localhost:11434/',
  hops: [{ hop: 'client', status: 'fail', detail: 'asks itself' }],
  ways: [
    {
      name: 'its own URL',
      url: 'http://localhost:11434',
      works: false,
      outcome: 'refused',
      address: '127.0.0.1',
      diesAt: 'client',
      detail: 'connection: refused at 127.0.0.1:11434 (the container itself)',
    },
    {
      name: 'host.docker.internal',
      url: 'http://host.docker.internal:11434',
      works: true,
      outcome: 'ok',
      address: '172.17.0.1',
      detail: 'Ollama 0.12.3 answers, 2 models',
    },
    {
      name: 'gateway of app_default',
      url: 'http://172.18.0.1:11434',
      works: false,
      outcome: 'unavailable',
      detail: 'could not ask: the image has no shell',
    },
  ],
};

describe('all ways side by side, for people', () => {
  it('is a table with the hop at which each ends', () => {
    expect(waysBeside(path, screen())).toEqual([
      '    All ways from web',
      '    ✗ its own URL, localhost:11434 (127.0.0.1)  ends at the client: refused (the container itself)',
      '    ✓ host.docker.internal:11434 (172.17.0.1)   Ollama 0.12.3 answers, 2 models',
      '    ? gateway of app_default, 172.18.0.1:11434  could not ask: the image has no shell',
    ]);
  });

  it('keeps within a narrow screen', () => {
    for (const line of waysBeside(path, screen({ columns: 60 })))
      expect(displayWidth(line)).toBeLessThanOrEqual(60);
  });

  it('without --verbose it is the one line that helps, and none where nothing is broken', () => {
    expect(waysBeside(path, screen({ detail: 'normal' }))).toEqual([
      '    From there this works: http://host.docker.internal:11434',
    ]);
    const whole: Path = { ...path, hops: [{ hop: 'client', status: 'pass', detail: 'fine' }] };
    expect(waysBeside(whole, screen({ detail: 'normal' }))).toEqual([]);
    const { ways: _, ...without } = path;
    expect(waysBeside(without, screen())).toEqual([]);
  });
});
