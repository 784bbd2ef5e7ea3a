import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEnvironmentFile } from '../../../src/platforms/linux/systemd/environment-file.ts';
import { readSettings, valueInForce } from '../../../src/platforms/linux/systemd/settings.ts';
import { environmentEvents } from '../../../src/platforms/linux/systemd/unit-environment.ts';
import { parseUnitFile } from '../../../src/platforms/linux/systemd/unit-file.ts';
import { splitWords } from '../../../src/platforms/linux/systemd/words.ts';

const unit = '/etc/systemd/system/ollama.service';
const dropIn = '/etc/systemd/system/ollama.service.d/override.conf';

/** Settings of a unit of these [Service] lines, with a drop-in and environment files where given. */
function settings(lines: string, extra: { dropIn?: string; files?: Record<string, string> } = {}) {
  const sources = [
    { path: unit, text: `[Service]\n${lines}\n` },
    ...(extra.dropIn === undefined ? [] : [{ path: dropIn, text: extra.dropIn }]),
  ];
  return readSettings(environmentEvents(sources), new Map(Object.entries(extra.files ?? {})));
}

/** `VARIABLE=value status because`, one for each setting. */
function inWords(found: ReturnType<typeof settings>): string[] {
  return found.map(({ variable, value, status, because }) =>
    [`${variable}=${value}`, status, because].filter((part) => part !== undefined).join(' | '),
  );
}

describe('Environment= as systemd reads it', () => {
  test.each([
    ['Environment="OLLAMA_HOST=0.0.0.0:11434"', ['OLLAMA_HOST=0.0.0.0:11434 | in-force']],
    ['Environment=OLLAMA_HOST=0.0.0.0', ['OLLAMA_HOST=0.0.0.0 | in-force']],
    ['Environment = OLLAMA_HOST=0.0.0.0', ['OLLAMA_HOST=0.0.0.0 | in-force']],
    ["Environment='OLLAMA_HOST=0.0.0.0'", ['OLLAMA_HOST=0.0.0.0 | in-force']],
    ['Environment=OLLAMA_HOST="0.0.0.0"', ['OLLAMA_HOST=0.0.0.0 | in-force']],
    ['Environment=OLLAMA_MODELS="/a b" PATH=/bin', ['OLLAMA_MODELS=/a b | in-force']],
    [
      'Environment="OLLAMA_HOST=0.0.0.0" "OLLAMA_ORIGINS=*"',
      ['OLLAMA_HOST=0.0.0.0 | in-force', 'OLLAMA_ORIGINS=* | in-force'],
    ],
    [
      'Environment=OLLAMA_HOST=0.0.0.0 \\\n# a comment inside\n  OLLAMA_ORIGINS=*',
      ['OLLAMA_HOST=0.0.0.0 | in-force', 'OLLAMA_ORIGINS=* | in-force'],
    ],
    ['# Environment=OLLAMA_HOST=0.0.0.0', []],
    ['; Environment=OLLAMA_HOST=0.0.0.0', []],
    ['Environment=OLLAMA_MODELS=/a\\x20b', ['OLLAMA_MODELS=/a b | in-force']],
    ['Environment=OLLAMA_MODELS=/100%%', ['OLLAMA_MODELS=/100% | in-force']],
  ])('%s', (line, expected) => {
    expect(inWords(settings(line))).toEqual(expected);
  });

  // systemd's own words, as `systemd-analyze verify` of 252 prints them for these lines.
  test.each([
    [
      'Environment=\u201cOLLAMA_HOST=0.0.0.0:11434\u201d',
      'OLLAMA_HOST=0.0.0.0:11434 | ignored | Invalid environment assignment, ignoring: \u201cOLLAMA_HOST=0.0.0.0:11434\u201d',
    ],
    ['Environment="OLLAMA_HOST=1', 'OLLAMA_HOST=1 | ignored | Invalid syntax, ignoring: "OLLAMA_HOST=1'],
    [
      'OLLAMA_HOST=0.0.0.0',
      "OLLAMA_HOST=0.0.0.0 | ignored | Unknown key 'OLLAMA_HOST' in section [Service], ignoring.",
    ],
    [
      'Environment=OLLAMA_HOST=a\\qb',
      'OLLAMA_HOST=a\\qb | ignored | Invalid syntax, ignoring: OLLAMA_HOST=a\\qb',
    ],
    [
      'Environment=OLLAMA_HOST = 0.0.0.0',
      'OLLAMA_HOST=0.0.0.0 | ignored | Invalid environment assignment, ignoring: OLLAMA_HOST',
    ],
    [
      'Environment="OLLAMA_HOST = 0.0.0.0"',
      'OLLAMA_HOST=0.0.0.0 | ignored | Invalid environment assignment, ignoring: OLLAMA_HOST = 0.0.0.0',
    ],
    ['export OLLAMA_HOST', "OLLAMA_HOST= | ignored | Missing '=', ignoring line."],
  ])('%s is ignored, with its warning', (line, expected) => {
    expect(inWords(settings(line))).toEqual([expected]);
  });

  test('words before a broken quote hold, those behind it do not', () => {
    expect(inWords(settings('Environment=OLLAMA_ORIGINS=* "OLLAMA_HOST=1'))).toEqual([
      'OLLAMA_ORIGINS=* | in-force',
      'OLLAMA_HOST=1 | ignored | Invalid syntax, ignoring: OLLAMA_ORIGINS=* "OLLAMA_HOST=1',
    ]);
  });

  test('a blank behind the = gives an empty value, and what was meant is ignored', () => {
    expect(inWords(settings('Environment=OLLAMA_HOST= 0.0.0.0:11434'))).toEqual([
      'OLLAMA_HOST= | in-force',
      'OLLAMA_HOST=0.0.0.0:11434 | ignored | Invalid environment assignment, ignoring: 0.0.0.0:11434',
    ]);
  });

  test('an assignment before the first section or in another one is ignored', () => {
    expect(inWords(settings('', { dropIn: 'Environment="OLLAMA_HOST=0.0.0.0"\n' }))).toEqual([
      'OLLAMA_HOST=0.0.0.0 | ignored | Assignment outside of section. Ignoring.',
    ]);
    expect(inWords(settings('', { dropIn: '[Unit]\nEnvironment="OLLAMA_HOST=0.0.0.0"\n' }))).toEqual([
      "OLLAMA_HOST=0.0.0.0 | ignored | Unknown key 'Environment' in section [Unit], ignoring.",
    ]);
  });

  test('a later line beats an earlier one, and names the winner', () => {
    const found = settings('Environment=OLLAMA_HOST=127.0.0.1', {
      dropIn: '[Service]\nEnvironment=OLLAMA_HOST=0.0.0.0',
    });
    expect(inWords(found)).toEqual([
      `OLLAMA_HOST=127.0.0.1 | overridden | ${dropIn}:2`,
      'OLLAMA_HOST=0.0.0.0 | in-force',
    ]);
    expect(valueInForce(found, 'OLLAMA_HOST')).toBe('0.0.0.0');
  });

  test('an empty Environment= forgets what stood before it, and nothing after it', () => {
    const found = settings('Environment=OLLAMA_HOST=127.0.0.1\nEnvironment=\nEnvironment=OLLAMA_DEBUG=1');
    expect(inWords(found)).toEqual([
      `OLLAMA_HOST=127.0.0.1 | overridden | cleared by the empty Environment= in ${unit}:3`,
      'OLLAMA_DEBUG=1 | in-force',
    ]);
    expect(valueInForce(found, 'OLLAMA_HOST')).toBeUndefined();
  });

  test('an environment file beats every Environment=, even one of a drop-in', () => {
    const found = settings('EnvironmentFile=-/etc/sysconfig/ollama', {
      dropIn: '[Service]\nEnvironment="OLLAMA_HOST=0.0.0.0"\n',
      files: { '/etc/sysconfig/ollama': 'OLLAMA_HOST=127.0.0.1\n' },
    });
    expect(inWords(found)).toEqual([
      'OLLAMA_HOST=0.0.0.0 | overridden | /etc/sysconfig/ollama:1',
      'OLLAMA_HOST=127.0.0.1 | in-force',
    ]);
  });

  test('an empty EnvironmentFile= forgets the files named before it', () => {
    const found = settings('EnvironmentFile=/a\nEnvironmentFile=\nEnvironmentFile=/b', {
      files: { '/a': 'OLLAMA_HOST=a', '/b': 'OLLAMA_HOST=b' },
    });
    expect(inWords(found)).toEqual(['OLLAMA_HOST=b | in-force']);
  });

  test('UnsetEnvironment= takes a variable away wherever it stands, by name or by its exact value', () => {
    const lines = 'UnsetEnvironment=OLLAMA_HOST OLLAMA_DEBUG=1\nEnvironment=OLLAMA_HOST=a OLLAMA_DEBUG=2';
    expect(inWords(settings(lines))).toEqual([
      `OLLAMA_HOST=a | overridden | UnsetEnvironment= in ${unit}:2`,
      'OLLAMA_DEBUG=2 | in-force',
    ]);
  });

  test("a key of Ollama is nobody's business", () => {
    const lines = 'Environment=OLLAMA_API_KEY=secret\nOLLAMA_API_KEY=secret\nEnvironmentFile=/f';
    expect(
      settings(lines, { files: { '/f': 'OLLAMA_API_KEY=secret\nexport OLLAMA_API_KEY=secret' } }),
    ).toEqual([]);
  });

  test('a line is shown without what it says of other variables', () => {
    const [setting] = settings('Environment="OLLAMA_HOST=0.0.0.0" "HF_TOKEN=secret"');
    expect(setting?.text).toBe('Environment="OLLAMA_HOST=0.0.0.0" LEFT_OUT=(left-out)');
  });

  test('a line counts from where it starts, also when it goes on', () => {
    const [first, second] = parseUnitFile('[Service]\n\nA=1 \\\n  2\nB=3\n');
    expect(first).toMatchObject({ line: 3, key: 'A', value: '1  2' });
    expect(second).toMatchObject({ line: 5, key: 'B', value: '3' });
  });
});

describe('an environment file as systemd reads it', () => {
  test.each([
    ['OLLAMA_HOST=0.0.0.0', [['OLLAMA_HOST', '0.0.0.0', 1]]],
    [
      'A="a b"\nB=\'c $d\'\n',
      [
        ['A', 'a b', 1],
        ['B', 'c $d', 2],
      ],
    ],
    ['A=a "b"', [['A', 'a "b"', 1]]],
    ['A="a" "b"', [['A', 'ab', 1]]],
    [
      'A=a \\\n b\nC=1',
      [
        ['A', 'a  b', 1],
        ['C', '1', 3],
      ],
    ],
    ['# A=1\n; B=2\nC=3 # not a comment  ', [['C', '3 # not a comment', 3]]],
    ['A="a\\"b\\$c\\d"', [['A', 'a"b$c\\d', 1]]],
    [
      'A="two\nlines"\nB=1',
      [
        ['A', 'two\nlines', 1],
        ['B', '1', 3],
      ],
    ],
    ['export A=1', [['export A', '1', 1]]],
    ['A=', [['A', '', 1]]],
    ['no assignment\nA=1', [['A', '1', 2]]],
    // What systemd 257 makes of two random files that told this parser from it.
    [
      'A=1 \\\n\nB=2',
      [
        ['A', '1 ', 1],
        ['B', '2', 3],
      ],
    ],
    [
      'A=1\\\r\nB=2',
      [
        ['A', '1', 1],
        ['B', '2', 2],
      ],
    ],
    [
      'A=1\r\nB=2\r\n',
      [
        ['A', '1', 1],
        ['B', '2', 2],
      ],
    ],
  ])('%j', (text, expected) => {
    expect(parseEnvironmentFile(text).map(({ key, value, line }) => [key, value, line])).toEqual(expected);
  });

  test("an export is ignored, in systemd's words", () => {
    const found = settings('EnvironmentFile=/f', { files: { '/f': 'export OLLAMA_HOST=0.0.0.0' } });
    expect(inWords(found)).toEqual([
      "OLLAMA_HOST=0.0.0.0 | ignored | Ignoring invalid environment assignment 'export OLLAMA_HOST=0.0.0.0'",
    ]);
  });
});

test('no text makes these parsers throw', () => {
  const pieces = [
    '[Service]',
    'Environment=',
    'EnvironmentFile=/f',
    'UnsetEnvironment=',
    'OLLAMA_HOST=',
    '"',
    "'",
    '\\',
    '\n',
    ' ',
    '#',
    '%',
    '[',
  ];
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...pieces)).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, text, (one, other) => {
      const events = environmentEvents([{ path: '/u', text: one }]);
      const found = readSettings(events, new Map([['/f', other]]));
      const inForce = found.filter(({ status }) => status === 'in-force').map(({ variable }) => variable);
      expect(new Set(inForce).size).toBe(inForce.length);
      expect(Array.isArray(parseEnvironmentFile(one))).toBe(true);
      expect(Array.isArray(splitWords(one).words)).toBe(true);
    }),
  );
});
