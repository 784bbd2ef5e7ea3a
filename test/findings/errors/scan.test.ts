import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainedError, explainStream, explainText, mostBytes } from '../../../src/findings/errors/index.ts';
import { matchLine } from '../../../src/findings/errors/match-line.ts';
import { knownErrors } from '../../../src/findings/errors/table.ts';

const ids = (text: string) => explainText(text).matches.map(({ error }) => error.id);

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe('a log of several lines', () => {
  it('gives each message once, with its first line and how often it came', () => {
    const line = (second: number) => `10:00:0${String(second)} connect ECONNREFUSED 127.0.0.1:11434`;
    const { matches } = explainText([line(1), 'nothing', line(2), line(3)].join('\n'));
    expect(matches.map(({ line: shown, count }) => [shown, count])).toEqual([[line(1), 3]]);
  });

  it('puts what tells most first: reasons, then symptoms, then what applications make of them', () => {
    expect(
      ids(
        'TypeError: fetch failed\nconnect ECONNREFUSED 127.0.0.1:11434\nError: listen tcp 0.0.0.0:11434: bind: address already in use',
      ),
    ).toEqual(['bind-in-use', 'connection-refused', 'fetch-failed']);
  });

  it('keeps the same refusal from two places apart, and drops the echo that names none', () => {
    const { matches } = explainText(
      "connect ECONNREFUSED 127.0.0.1:11434\ncode: 'ECONNREFUSED'\nconnect ECONNREFUSED 172.17.0.1:11434",
    );
    expect(matches.map(({ suspicion }) => suspicion.codes[0])).toEqual(['url-localhost', 'bind-loopback']);
  });

  it('names the firewall first, and the bind next, for the log of the incident', () => {
    const { matches } = explainText(
      'WARNING | Health check timeout for http://host.docker.internal:11434\nERROR | Timeout discovering models from http://host.docker.internal:11434\nERROR | Failed to discover models: Timeout connecting to Ollama instance',
    );
    expect(matches).toHaveLength(3);
    for (const { suspicion } of matches) {
      expect(suspicion.codes.slice(0, 2)).toEqual(['firewall-drop', 'bind-loopback']);
    }
  });

  it('is the same however the stream is cut, within characters too', async () => {
    const text = 'µµ connect ECONNREFUSED 127.0.0.1:11434\r\nµ getaddrinfo ENOTFOUND host.docker.internal';
    const bytes = Buffer.from(text);
    const oneByOne = async function* () {
      for (const byte of bytes) yield Uint8Array.of(byte);
    };
    expect(await explainStream(oneByOne())).toEqual(explainText(text));
  });

  it('reads no more than its limit of a stream without end, and says so', async () => {
    let given = 0;
    const endless = async function* () {
      for (;;) {
        given += 65_536;
        yield Buffer.alloc(65_536, 'a');
      }
    };
    const { cut, matches } = await explainStream(endless());
    expect([cut, matches]).toEqual([true, []]);
    expect(given).toBeLessThan(mostBytes + 2 * 65_536);
    expect((await explainStream(chunks('fetch failed'))).cut).toBe(false);
  });

  it('finds a message far inside a line without end, and shows no half of a password', () => {
    const long = 'word '.repeat(4000);
    const { matches } = explainText(`${long}connect ECONNREFUSED 127.0.0.1:11434 ${long}`);
    expect(matches[0]?.error.id).toBe('connection-refused');
    expect(matches[0]?.line).toContain('connect ECONNREFUSED 127.0.0.1:11434');
    expect(matches[0]?.line.length).toBeLessThan(500);
    for (let length = 8100; length < 8200; length += 7) {
      const text = `${'a '.repeat(length / 2)}fetch failed http://ann:verysecretword@h:11434`;
      for (const { line } of explainText(text).matches) expect(line).not.toMatch(/secret|ann:/u);
    }
  });
});

describe('any text at all', () => {
  it('never throws, and only known names come out', () => {
    const known = new Set(knownErrors.map(({ id }) => id));
    const pieces = fc.constantFrom(...knownErrors.flatMap(({ says }) => says.flat()), '\n', '://', '@', ' ');
    const text = fc.array(fc.oneof(pieces, fc.string({ unit: 'binary' }))).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (log) => {
        for (const match of explainText(log).matches) {
          expect(known.has(match.error.id)).toBe(true);
          expect(explainedError(match).suspicions.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('takes no long time, however nasty a long line is', () => {
    const nasty = [
      '?key',
      'token=',
      '://',
      'a:',
      '@',
      'bearer ',
      'key"',
      '\u001b[1',
      'listen tcp',
      '::1',
      '1.',
      'x',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...nasty), { minLength: 1, maxLength: 3 }), (parts) => {
        const text = `fetch failed ${parts.join('').repeat(40_000)}`.slice(0, 100_000);
        const start = performance.now();
        matchLine(text.slice(0, 8192));
        explainText(text);
        expect(performance.now() - start).toBeLessThan(15_000);
      }),
      { numRuns: 25 },
    );
  });
});
