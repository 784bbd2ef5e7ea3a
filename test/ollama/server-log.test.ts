import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readServerLog } from '../../src/ollama/server-log.ts';

const config = (host: string): string =>
  `time=2026-11-21T04:31:13.000Z level=INFO source=routes.go:1475 msg="server config" env="map[HTTPS_PROXY:http://me:secret@proxy HTTP_PROXY: OLLAMA_HOST:${host} OLLAMA_MODELS:/models OLLAMA_ORIGINS:[http://localhost app://*]]"`;
const listening = 'time=… level=INFO source=routes.go:1475 msg="Listening on [::]:11434 (version 0.12.3)"';

// Each line as Ollama, its CORS library or systemd writes it.
test.each([
  ['Error: listen tcp 127.0.0.1:11434: bind: address already in use', 'port-in-use'],
  ['Error: listen tcp 0.0.0.0:80: bind: permission denied', 'low-port'],
  ['Error: listen tcp 10.9.9.9:11434: bind: cannot assign requested address', 'bad-address'],
  ['Error: listen tcp: lookup gpu.lan: no such host', 'bad-address'],
  ["panic: bad origin: origins must contain '*' or include http://,https://", 'bad-origins'],
  ['panic: only one * is allowed', 'bad-origins'],
  ['Error: mkdir /var/lib/ollama: permission denied', 'permission'],
  [
    'ollama.service: Failed at step EXEC spawning /usr/bin/ollama: No such file or directory',
    'missing-binary',
  ],
  ['/usr/bin/ollama: error while loading shared libraries: libstdc++.so.6: cannot open', 'missing-library'],
  ["ollama.service: Failed with result 'oom-kill'.", 'out-of-memory'],
  // What Go's runtime says under LimitAS=.
  ['fatal error: failed to reserve page summary memory', 'out-of-memory'],
  ['ollama.service: Main process exited, code=killed, status=9/KILL', 'killed'],
  ['ollama.service: Main process exited, code=dumped, status=4/ILL', 'killed'],
  ['ollama.service: Failed at step USER spawning /usr/bin/ollama: No such process', 'missing-user'],
  ['Error: something new', 'other'],
])('%s', (line, kind) => {
  expect(readServerLog(`Started ollama.service.\n${line}\n`).failure).toEqual({ kind, line });
});

test('a signal is the reason only where no other is given, and TERM is none', () => {
  const killed = 'ollama.service: Main process exited, code=killed, status=9/KILL';
  const oom = "ollama.service: Failed with result 'oom-kill'.";
  expect(readServerLog(`Started ollama.service.\n${killed}\n${oom}\n`).failure?.kind).toBe('out-of-memory');
  expect(readServerLog(killed.replace('9/KILL', '15/TERM')).failure).toBeUndefined();
});

test('the first reason of a run counts, not what others make of it', () => {
  const log = readServerLog(
    'Error: listen tcp 127.0.0.1:11434: bind: address already in use\nollama.service: Main process exited, code=exited, status=1/FAILURE\nError: later',
  );
  expect(log.failure?.kind).toBe('port-in-use');
});

test('a start that came to listen has no failure, nor has a new attempt the old one', () => {
  const failed = 'Error: listen tcp 127.0.0.1:11434: bind: address already in use';
  expect(readServerLog(`${failed}\n${listening}`).failure).toBeUndefined();
  expect(readServerLog(`${failed}\nStarted ollama.service - Ollama Service.`).failure).toBeUndefined();
});

test('a start that has come to nothing yet leaves the reason of the one before, also when systemd gave up', () => {
  const failed = 'Error: listen tcp 127.0.0.1:11434: bind: address already in use';
  const gaveUp = [
    'Started ollama.service - Ollama Service.',
    failed,
    'ollama.service: Scheduled restart job, restart counter is at 5.',
    'ollama.service: Start request repeated too quickly.',
    "ollama.service: Failed with result 'exit-code'.",
    'Failed to start ollama.service - Ollama Service.',
  ].join('\n');
  const log = readServerLog(gaveUp);
  expect(log.failure).toBeUndefined();
  expect(log.recentFailure).toEqual({ kind: 'port-in-use', line: failed });
  expect(readServerLog(`${gaveUp}\n${listening}`).recentFailure).toBeUndefined();
});

test('the lines that end a run are kept, so that what is made of these lines alone is the same', () => {
  const text = `Error: listen tcp 127.0.0.1:11434: bind: address already in use\nStopped ollama.service - Ollama Service.\n`;
  const log = readServerLog(text);
  expect(log.failure).toBeUndefined();
  expect(readServerLog(log.lines.join('\n'))).toEqual(log);
});

test('the last start counts for what the server was told', () => {
  const log = readServerLog(
    [config('http://127.0.0.1:11434'), config('http://0.0.0.0:11434'), listening].join('\n'),
  );
  expect(log).toMatchObject({ configuredHost: 'http://0.0.0.0:11434', listeningOn: '[::]:11434' });
});

test('of the environment that Ollama logs only what decides how it is reached is kept', () => {
  expect(readServerLog(config('http://0.0.0.0:11434')).lines).toEqual([
    'server config: OLLAMA_HOST:http://0.0.0.0:11434 OLLAMA_MODELS:/models OLLAMA_ORIGINS:[http://localhost app://*]',
  ]);
});

test('requests and other lines are left out, a repeated line is kept once', () => {
  const noise = '[GIN] 2026/11/21 - 04:31:15 | 403 | 41.2µs | 127.0.0.1 | GET "/permission denied"';
  expect(readServerLog(`${noise}\n${listening}\nloading model\n${listening}\n`).lines).toEqual([listening]);
});

test('any text gives at most 20 lines without control characters', () => {
  const line = fc.constantFrom(
    listening,
    config('x'),
    'Error: \u0007boom',
    'panic: y',
    'Started x',
    'noise',
    'Error: 1',
    'Error: 2',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(line, { maxLength: 60 }).map((all) => all.join('\n')),
      ),
      (text) => {
        const { lines } = readServerLog(text);
        expect(lines.length).toBeLessThanOrEqual(20);
        expect(lines.join('')).not.toMatch(/\p{Cc}/u);
      },
    ),
  );
});
