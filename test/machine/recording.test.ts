import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpRequest, Machine } from '../../src/machine/machine.ts';
import { record, writeRecording } from '../../src/machine/recording.ts';
import { openReplay } from '../../src/machine/replay.ts';
import { simulate } from '../../src/machine/simulated.ts';
import type { Simulated } from '../../src/machine/simulated.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recording-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Asks everything of a machine in a fixed order, inside a container too, and gives all answers. */
async function askAll(machine: Machine): Promise<unknown[]> {
  const inside = machine.enter('container:web', () => container());
  const http = 'http://127.0.0.1:11434/api/version';
  return [
    machine.vantage,
    machine.identity,
    machine.now(),
    await machine.run({ argv: ['iptables-save', '-c'] }),
    await machine.run({ argv: ['iptables-save', '-c'] }),
    await machine.run({ argv: ['iptables-save', '-c'] }),
    await machine.run({ argv: ['nft', '-f', '-'], input: 'one' }),
    await machine.run({ argv: ['nft', '-f', '-'], input: 'two' }),
    await machine.run({ argv: ['no-such-tool'] }),
    await machine.run({ argv: ['sleepy'] }),
    await machine.run({ argv: ['rooted'] }),
    await machine.run({ argv: ['broken'] }),
    await machine.run({ argv: ['long'] }),
    await machine.read('/etc/hosts'),
    await machine.read('/etc/absent'),
    await machine.read('/etc/shadow'),
    await machine.list('/etc'),
    await machine.list('/none'),
    await machine.connect({ host: '172.17.0.1', port: 11434 }),
    await machine.connect({ host: '::1', port: 11434 }),
    await machine.connect({ host: '127.0.0.1', port: 1 }),
    await machine.resolve({ name: 'host.docker.internal' }),
    await machine.resolve({ name: 'nothing.invalid' }),
    await machine.request({ url: http }),
    await machine.request({ url: http, headers: { origin: 'http://x' } }),
    await machine.request({ url: http, headers: { Host: 'localhost' } }),
    await machine.request({ url: http, proxy: 'http://127.0.0.1:3128' }),
    await machine.request({ url: 'http://127.0.0.1:11434/' }),
    await machine.request({ url: 'http://docker/version', socketPath: '/var/run/docker.sock' }),
    await machine.request({
      url: 'http://docker/version',
      socketPath: '/var/run/docker.sock',
      bodyAs: 'base64',
    }),
    await machine.request({ url: 'http://127.0.0.1:9/' }),
    inside.vantage,
    await inside.connect({ host: '172.17.0.1', port: 11434 }),
    await inside.resolve({ name: 'host.docker.internal' }),
    await inside.read('/etc/hosts'),
  ];
}

function container(): Machine {
  return simulate({
    vantage: 'container:web',
    files: { '/etc/hosts': '172.17.0.1 host.docker.internal\n' },
    connect: {
      '172.17.0.1:11434': {
        outcome: 'timeout',
        detail: 'no answer',
        elapsedMs: 3500,
        address: '172.17.0.1',
        via: 'docker exec',
      },
    },
    resolve: {
      'host.docker.internal': { outcome: 'resolved', addresses: ['172.17.0.1'], via: 'its /etc/hosts' },
    },
  });
}

function host(): Simulated {
  return simulate({
    now: Date.UTC(2026, 10, 21, 4, 30),
    identity: {
      platform: 'linux',
      user: 'root',
      hostname: 'lab-1',
      invokedBy: { user: 'anna', uid: 1000, home: '/home/anna' },
    },
    run: {
      'iptables-save -c': [
        '*filter\n[1:60] -A INPUT -j DROP\nCOMMIT\n',
        '*filter\n[3:180] -A INPUT -j DROP\nCOMMIT\n',
      ],
      'nft -f -': (request) => `got ${request.input}`,
      sleepy: { outcome: 'timed-out', stdout: 'half', stderr: '' },
      rooted: 'denied',
      broken: { outcome: 'failed', message: 'ended by SIGSEGV' },
      long: { stdout: 'x\n'.repeat(200), stderr: 'warning\n', exitCode: 4, truncated: true },
    },
    files: { '/etc/hosts': '127.0.0.1 localhost\n', '/etc/shadow': 'denied' },
    connect: {
      '172.17.0.1:11434': 'connected',
      '::1:11434': { outcome: 'network-unreachable', detail: 'no route', errno: 'ENETUNREACH', elapsedMs: 2 },
    },
    resolve: { 'host.docker.internal': [{ outcome: 'timeout', detail: 'the resolver gave no answer' }] },
    request: {
      'http://127.0.0.1:11434/api/version': version,
      'http://127.0.0.1:11434/': { status: 200, body: 'Ollama is running' },
      '/var/run/docker.sock /version': (request) => {
        const body = '{"Version":"26.1.5","ApiVersion":"1.45","Components":[]}';
        return {
          status: 200,
          body: request.bodyAs === 'base64' ? Buffer.from(body).toString('base64') : body,
        };
      },
    },
  });
}

function version(request: HttpRequest): { status: number; body: unknown; address: string } {
  const { origin, Host } = (request.headers ?? {}) as Record<string, string>;
  const body = request.proxy !== undefined ? 'a proxy' : { version: '0.32.15' };
  return {
    status: origin === undefined ? 200 : 403,
    body: Host === undefined ? body : { version: Host },
    address: '127.0.0.1',
  };
}

describe('a recording', () => {
  it.each([
    ['one file', 'incident.json'],
    ['a folder', 'incident/'],
  ])('written as %s answers every kind of question as the machine did', async (_form, name) => {
    const recorder = record(host());
    const live = await askAll(recorder.machine);
    await writeRecording(recorder.recording(), join(folder, name));
    expect(await askAll(await openReplay(join(folder, name)))).toEqual(live);
  });

  it('has the clock of when the diagnosis began, not of when it was opened', () => {
    let time = Date.UTC(2026, 0, 1);
    const recorder = record(simulate({ now: () => (time += 1000) }));
    const began = recorder.machine.now();
    recorder.machine.now();
    expect(recorder.recording().clock).toBe(new Date(began).toISOString());
  });

  it('gives the machine’s own answers while it records', async () => {
    expect(await askAll(record(host()).machine)).toEqual(await askAll(host()));
  });

  it('answers the nth time as the nth time was, and then as the last', async () => {
    const recorder = record(host());
    for (let time = 0; time < 2; time += 1) await recorder.machine.run({ argv: ['iptables-save', '-c'] });
    await writeRecording(recorder.recording(), join(folder, 'r.json'));
    const replay = await openReplay(join(folder, 'r.json'));
    const packets: unknown[] = [];
    for (let time = 0; time < 4; time += 1) {
      const result = await replay.run({ argv: ['iptables-save', '-c'] });
      packets.push(/\[(\d+):/.exec((result as { stdout: string }).stdout)?.[1]);
    }
    expect(packets).toEqual(['1', '3', '3', '3']);
  });

  it('counts by the order of asking, not of answering', async () => {
    const slow = simulate();
    let asked = 0;
    const machine: Machine = {
      ...slow,
      run: async () => {
        asked += 1;
        const mine = asked;
        await new Promise((done) => {
          setTimeout(done, mine === 1 ? 40 : 0);
        });
        return { outcome: 'failed', message: `time ${mine}` };
      },
    };
    const recorder = record(machine);
    await Promise.all([recorder.machine.run({ argv: ['a'] }), recorder.machine.run({ argv: ['a'] })]);
    await writeRecording(recorder.recording(), join(folder, 'r.json'));
    const replay = await openReplay(join(folder, 'r.json'));
    expect(await replay.run({ argv: ['a'] })).toMatchObject({ message: 'time 1' });
    expect(await replay.run({ argv: ['a'] })).toMatchObject({ message: 'time 2' });
  });

  it('does not hold what a way into a container asked of the host', async () => {
    const recorder = record(simulate({ run: { 'docker exec web cat /etc/secret': 'hunter2' } }));
    const inside = recorder.machine.enter('container:web', (outside) => ({
      ...outside,
      vantage: 'container:web',
      read: async (path) => {
        await outside.run({ argv: ['docker', 'exec', 'web', 'cat', '/etc/secret'] });
        return { outcome: 'read', text: path, truncated: false };
      },
    }));
    await inside.read('/proc/net/tcp');
    expect(recorder.recording().entries).toEqual([
      { read: '/proc/net/tcp', text: '/proc/net/tcp', vantage: 'container:web' },
    ]);
  });

  it('names machines within machines by the whole way', async () => {
    const recorder = record(host());
    const wsl = recorder.machine.enter('wsl:Debian', () => host());
    await wsl.enter('container:web', () => container()).connect({ host: '172.17.0.1', port: 11434 });
    await writeRecording(recorder.recording(), join(folder, 'r.json'));
    const replay = await openReplay(join(folder, 'r.json'));
    const never = (): Machine => {
      throw new Error('a replay builds no machine');
    };
    const question = { host: '172.17.0.1', port: 11434 };
    const found = await replay.enter('wsl:Debian', never).enter('container:web', never).connect(question);
    expect(found.outcome).toBe('timeout');
    expect((await replay.enter('container:web', never).connect(question)).outcome).toBe('not-recorded');
  });

  it('leaves writing to the machine itself, unrecorded, and a replay cannot write', async () => {
    const machine = host();
    const recorder = record(machine);
    await recorder.machine.writer?.replace('/etc/a', 'secret', { mode: 0o644 });
    expect(machine.files.text('/etc/a')).toBe('secret');
    expect(recorder.recording().entries).toEqual([]);
    await writeRecording(recorder.recording(), join(folder, 'r.json'));
    expect((await openReplay(join(folder, 'r.json'))).writer).toBeUndefined();
  });

  it('is readable by its owner alone, and puts long texts into files of their own', async () => {
    const recorder = record(host());
    await recorder.machine.run({ argv: ['iptables-save', '-c'] });
    await recorder.machine.run({ argv: ['iptables-save', '-c'] });
    await writeRecording(recorder.recording(), `${join(folder, 'r')}/`);
    expect((await readdir(join(folder, 'r'))).toSorted()).toEqual([
      'iptables-save-c-2.txt',
      'iptables-save-c.txt',
      'recording.json',
    ]);
    expect(await readFile(join(folder, 'r', 'iptables-save-c-2.txt'), 'utf8')).toContain('[3:180]');
    const { mode } = await stat(join(folder, 'r', 'recording.json'));
    expect(mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
  });

  it('keeps any text to the character', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string(), async (text, stdout) => {
        const recorder = record(simulate({ run: { tool: { stdout } }, files: { '/proc/net/x': { text } } }));
        const ask = async (machine: Machine): Promise<unknown[]> => [
          await machine.run({ argv: ['tool'] }),
          await machine.read('/proc/net/x'),
        ];
        const live = await ask(recorder.machine);
        const path = join(folder, 'r.json');
        await writeFile(path, JSON.stringify(recorder.recording()));
        expect(await ask(await openReplay(path))).toEqual(live);
      }),
      { numRuns: 50 },
    );
  });
});
