import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Machine } from '../../src/machine/machine.ts';
import { ReplayError, openReplay } from '../../src/machine/replay.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(content: unknown): Promise<string> {
  const path = join(folder, 'recording.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function replay(...entries: unknown[]): Promise<Machine> {
  return openReplay(await write({ recordingVersion: 1, entries }));
}

async function refusal(content: unknown): Promise<ReplayError> {
  const error = await openReplay(await write(content)).then(
    () => new Error('it was taken'),
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(ReplayError);
  expect((error as Error).message).not.toContain('\n');
  return error as ReplayError;
}

describe('a recording written by hand', () => {
  it('needs the question and what is unusual about the answer', async () => {
    const machine = await replay(
      { run: ['true'] },
      { run: ['ip', '-j', 'addr'], stdout: ['[', ']'], exitCode: 1 },
      { run: ['nft'], outcome: 'not-found' },
      { read: '/etc/hosts', text: '127.0.0.1 localhost\n' },
      { connect: '[::1]:80', outcome: 'refused' },
      { connect: '10.0.0.1:80' },
      { resolve: 'a', addresses: ['10.0.0.1'] },
      { request: 'http://127.0.0.1:11434/api/tags', json: { models: [] } },
      { request: 'GET http://127.0.0.1:9', outcome: 'refused', note: 'nobody there' },
    );
    expect(await machine.run({ argv: ['true'] })).toEqual({
      outcome: 'exited',
      exitCode: 0,
      stdout: '',
      stderr: '',
      truncated: false,
    });
    expect(await machine.run({ argv: ['ip', '-j', 'addr'] })).toMatchObject({
      exitCode: 1,
      stdout: '[\n]\n',
    });
    expect(await machine.run({ argv: ['nft'] })).toEqual({ outcome: 'not-found' });
    expect(await machine.read('/etc/hosts')).toEqual({
      outcome: 'read',
      text: '127.0.0.1 localhost\n',
      truncated: false,
    });
    expect(await machine.connect({ host: '::1', port: 80 })).toMatchObject({
      outcome: 'refused',
      detail: 'refused',
    });
    expect(await machine.connect({ host: '10.0.0.1', port: 80 })).toMatchObject({ outcome: 'connected' });
    expect(await machine.resolve({ name: 'a' })).toEqual({ outcome: 'resolved', addresses: ['10.0.0.1'] });
    expect(await machine.request({ url: 'http://127.0.0.1:11434/api/tags' })).toMatchObject({
      outcome: 'answered',
      status: 200,
      body: '{"models":[]}',
    });
    expect((await machine.request({ url: 'http://127.0.0.1:9/' })).outcome).toBe('refused');
  });

  it('answers whatever headers, body and limits a question has, when it names none', async () => {
    const machine = await replay({ request: 'POST http://h/x', body: 'ok' });
    const asked = {
      method: 'POST',
      url: 'http://h/x',
      headers: { origin: 'http://o' },
      body: '{}',
      timeoutMs: 1,
    } as const;
    expect(await machine.request(asked)).toMatchObject({ outcome: 'answered', body: 'ok' });
    expect((await machine.request({ ...asked, method: 'GET' })).outcome).toBe('not-recorded');
    expect((await machine.request({ ...asked, socketPath: '/s' })).outcome).toBe('not-recorded');
    expect((await machine.request({ ...asked, proxy: 'http://p' })).outcome).toBe('not-recorded');
  });

  it('prefers the answer that names the question’s Origin', async () => {
    const machine = await replay(
      { request: 'GET http://h/', status: 200 },
      { request: 'GET http://h/', origin: 'http://o', status: 403 },
    );
    expect(await machine.request({ url: 'http://h/', headers: { Origin: 'http://o' } })).toMatchObject({
      status: 403,
    });
    expect(await machine.request({ url: 'http://h/' })).toMatchObject({ status: 200 });
    expect(await machine.request({ url: 'http://h/', headers: { Origin: 'http://p' } })).toMatchObject({
      status: 200,
    });
  });

  it('gives bytes in the form that is asked for', async () => {
    const machine = await replay(
      { request: 'GET http://h/a', body: 'text' },
      { request: 'GET http://h/b', bodyBase64: 'AAH/' },
    );
    expect(await machine.request({ url: 'http://h/a', bodyAs: 'base64' })).toMatchObject({
      body: 'dGV4dA==',
    });
    expect(await machine.request({ url: 'http://h/b', bodyAs: 'base64' })).toMatchObject({ body: 'AAH/' });
  });

  it('answers by nth where it is given', async () => {
    const machine = await replay(
      { run: ['a'], nth: 3, stdout: 'three' },
      { run: ['a'], nth: 1, stdout: 'one' },
    );
    const seen: unknown[] = [];
    for (let time = 0; time < 4; time += 1) {
      const result = await machine.run({ argv: ['a'] });
      seen.push('stdout' in result ? result.stdout : result.outcome);
    }
    expect(seen).toEqual(['one', 'one', 'three', 'three']);
  });

  it('says not-recorded of everything else, and mixes no kinds, places or arguments up', async () => {
    const machine = await replay({ run: ['a', 'b'] }, { read: '/x', text: '', vantage: 'container:web' });
    expect(await machine.run({ argv: ['a b'] })).toEqual({ outcome: 'not-recorded' });
    expect(await machine.read('/x')).toEqual({ outcome: 'not-recorded' });
    expect(await machine.list('/x')).toEqual({ outcome: 'not-recorded' });
    expect(await machine.connect({ host: 'x', port: 1 })).toEqual({ outcome: 'not-recorded' });
    expect(await machine.resolve({ name: 'x' })).toEqual({ outcome: 'not-recorded' });
    expect(await machine.request({ url: 'http://x/' })).toEqual({ outcome: 'not-recorded' });
    expect(await machine.enter('container:web', () => machine).read('/x')).toMatchObject({ outcome: 'read' });
  });

  it('names the addresses at which it was asked the same', async () => {
    const machine = await replay(
      { request: 'GET http://127.0.0.1:8080/api/version', body: '{}' },
      { request: 'GET http://127.0.0.1:8081/api/tags', body: '{}' },
      { request: 'GET http://10.0.0.1/api/version', vantage: 'container:web', body: '{}' },
    );
    expect(await machine.request({ url: 'http://127.0.0.1:11434/api/version' })).toEqual({
      outcome: 'not-recorded',
      recorded: ['http://127.0.0.1:8080/api/version'],
    });
  });

  it('brings its own clock and identity, with what is usual where it says nothing', async () => {
    const path = await write({
      recordingVersion: 1,
      clock: '2026-11-21T04:00:00Z',
      identity: { user: 'anna', uid: 1000, elevated: false },
    });
    const machine = await openReplay(path);
    expect(new Date(machine.now()).toISOString()).toBe('2026-11-21T04:00:00.000Z');
    expect(machine.identity).toMatchObject({ user: 'anna', elevated: false, platform: 'linux', env: {} });
  });

  it('may be a folder, with its texts in files beside the index', async () => {
    await mkdir(join(folder, 'rules'));
    await writeFile(join(folder, 'rules', 'v4.txt'), '*filter\nCOMMIT\n');
    const entry = { run: ['iptables-save', '-c'], stdout: { file: 'rules/v4.txt' } };
    await write({ recordingVersion: 1, entries: [entry] });
    const machine = await openReplay(folder);
    expect(await machine.run({ argv: ['iptables-save', '-c'] })).toMatchObject({
      stdout: '*filter\nCOMMIT\n',
    });
  });
});

describe('the example in docs/recordings.md', () => {
  it('replays as the page says', async () => {
    const page = await readFile(new URL('../../docs/recordings.md', import.meta.url), 'utf8');
    const blocks = [...page.matchAll(/^`([\w.-]+)`:\n\n```\w*\n([\s\S]*?)^```$/gm)];
    expect(blocks.map(([, name]) => name)).toContain('recording.json');
    for (const [, name, text] of blocks) await writeFile(join(folder, name ?? ''), text ?? '');
    const machine = await openReplay(folder);
    const rules = await machine.run({ argv: ['iptables-save', '-c'] });
    expect((rules as { stdout: string }).stdout).toContain('--dport 11434 -j DROP');
    const web = machine.enter('container:web', () => machine);
    expect(await web.resolve({ name: 'host.docker.internal' })).toMatchObject({ addresses: ['172.17.0.1'] });
    expect(await web.request({ url: 'http://host.docker.internal:11434/api/version' })).toMatchObject({
      outcome: 'timeout',
      address: '172.17.0.1',
    });
    const inspected = await machine.request({
      url: 'http://docker/containers/json?all=1',
      socketPath: '/var/run/docker.sock',
    });
    expect(inspected).toMatchObject({ outcome: 'answered', status: 200 });
  });
});

describe('what cannot be replayed', () => {
  it('is refused in one clear line when it is not there', async () => {
    await expect(openReplay(join(folder, 'none.json'))).rejects.toThrow(/there is no .*none\.json$/);
    await expect(openReplay(folder)).rejects.toThrow('there is no recording.json in this folder');
  });

  it('is told apart: cut off, no JSON, no recording, a report, newer', async () => {
    const whole = JSON.stringify(
      { recordingVersion: 1, entries: [{ run: ['a'], stdout: 'some text' }] },
      null,
      2,
    );
    for (let length = 2; length < whole.length - 1; length += 1) {
      expect((await refusal(whole.slice(0, length))).message).toContain('cut off');
    }
    expect((await refusal('')).message).toBe('this is no recording: it is empty');
    expect((await refusal('hello')).message).toBe('this is no recording: it is not JSON');
    expect((await refusal('{"a": 1]')).message).toBe('this is no recording: it is not JSON');
    expect((await refusal([])).message).toBe('this is no recording: it is JSON, but no object');
    expect((await refusal({ entries: [] })).message).toContain('no "recordingVersion"');
    expect((await refusal({ schemaVersion: 1 })).message).toContain('it is a report');
    const newer = await refusal({ recordingVersion: 2, whatever: true });
    expect(newer.message).toBe('recordingVersion 2: this ollama-doctor reads up to 1');
    expect(newer.hint).toBe('update ollama-doctor');
  });

  it('is refused with the entry and the field named', async () => {
    const of = async (entry: unknown): Promise<string> =>
      (await refusal({ recordingVersion: 1, entries: [{ run: ['ok'] }, entry] })).message;
    expect(await of({ run: ['a', 'b'], exitCode: '1' })).toBe(
      'entry 2 (run a b) has a "exitCode" that is not a number',
    );
    expect(await of({ run: ['a'], stdot: '' })).toBe(
      'entry 2 (run a) has a field "stdot" that is not known here',
    );
    expect(await of({ run: 'a' })).toBe('entry 2 (run a) has a "run" that is not a list of texts');
    expect(await of({ run: [] })).toContain('empty "run"');
    expect(await of({ read: '/x' })).toBe('entry 2 (read /x) has neither a "text" nor an "outcome"');
    expect(await of({ read: '/x', list: '/x' })).toContain('exactly one of run, read, list');
    expect(await of({ connect: 'x' })).toContain('"host:port"');
    expect(await of({ connect: 'x:1', outcome: 'refusd' })).toContain('one of connected, refused');
    expect(await of({ resolve: 'x' })).toContain('neither "addresses" nor');
    expect(await of({ request: 'get it now' })).toContain('"METHOD URL"');
    expect(await of({ run: ['a'], nth: 0 })).toContain('"nth" below 1');
    expect(await of('text')).toBe('entry 2 is not an object');
    expect((await refusal({ recordingVersion: 1, identity: { platform: 'amiga' } })).message).toContain(
      'the identity',
    );
    expect((await refusal({ recordingVersion: 1, clock: 'noon' })).message).toContain('"clock"');
  });

  it('is refused when it names a file that is missing, or outside of its folder', async () => {
    const naming = async (file: string): Promise<string> =>
      (await refusal({ recordingVersion: 1, entries: [{ run: ['a'], stdout: { file } }] })).message;
    await mkdir(join(folder, 'sub'));
    expect(await naming('none.txt')).toBe('there is no none.txt, which the index names');
    for (const file of ['../x', '/etc/passwd', 'sub/../../x', '..', 'C:\\x', 'a\\..\\b', '']) {
      expect(await naming(file)).toContain('outside of its folder');
    }
    expect(await naming('sub')).toContain('not a regular file');
    if (process.platform === 'win32') return;
    await symlink('/etc/passwd', join(folder, 'link.txt'));
    expect(await naming('link.txt')).toContain('outside of its folder');
  });

  it('throws nothing but a ReplayError, whatever it holds', async () => {
    const entry = fc.record(
      {
        run: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
        read: fc.jsonValue(),
        connect: fc.jsonValue(),
        request: fc.jsonValue(),
        outcome: fc.jsonValue(),
        stdout: fc.oneof(fc.record({ file: fc.string() }), fc.jsonValue()),
        body: fc.jsonValue(),
        headers: fc.jsonValue(),
        nth: fc.jsonValue(),
        vantage: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const document = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ recordingVersion: fc.constant(1), identity: fc.jsonValue(), entries: fc.array(entry) })
        .map((one) => JSON.stringify(one)),
      fc
        .record({ recordingVersion: fc.constant(1), entries: fc.array(entry) })
        .map((one) => JSON.stringify(one)),
    );
    await fc.assert(
      fc.asyncProperty(document, async (text) => {
        const path = await write(text);
        const thrown = await openReplay(path).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(thrown === undefined || thrown instanceof ReplayError).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
