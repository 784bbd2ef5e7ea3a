import { describe, expect, it, test } from 'vitest';
import type { Row } from '../../src/engine/check.ts';
import type { OllamaService, ServiceFailure, Setting } from '../../src/facts/service.ts';
import {
  container,
  failed,
  type HostOfValues,
  loopback,
  ollama,
  rowsOf,
  seen,
  service,
  wildcard,
} from './host-of-values.ts';

const unit = '/etc/systemd/system/ollama.service';

function setting(variable: string, value: string, change: Partial<Setting> = {}): Setting {
  const text = `Environment="${variable}=${value}"`;
  return { variable, value, file: unit, line: 12, text, kind: 'environment', status: 'in-force', ...change };
}

function down(
  kind: ServiceFailure['kind'],
  line: string,
  change: Partial<OllamaService> = {},
): Partial<HostOfValues> {
  const own = service({ state: 'crash-loop', failure: { kind, line }, ...change });
  delete own.processHost;
  delete own.pid;
  return {
    services: seen([own]),
    listeners: seen({ listeners: [], ownersKnown: true }),
    hostAnswer: failed('refused'),
    answer: failed('refused'),
  };
}

const row = (rows: Row[], id = 'ollama-service'): Row | undefined => rows.find((one) => one.id === id);

describe('why a service is down, in plain words, with what mends it', () => {
  test.each<[string, Partial<HostOfValues>, string, string]>([
    [
      'a bad origin',
      down('bad-origins', "panic: bad origin: origins must contain '*'", {
        settings: [setting('OLLAMA_ORIGINS', 'my page')],
      }),
      `OLLAMA_ORIGINS (${unit}:12) has "my page", which ends it at once`,
      'mend "my page"',
    ],
    [
      'the home folder',
      down(
        'permission',
        'Error: could not create directory mkdir /usr/share/ollama/.ollama: permission denied',
      ),
      'its user may not write to /usr/share/ollama/.ollama',
      'sudo install -d -o ollama -g ollama /usr/share/ollama/.ollama',
    ],
    [
      'the models folder',
      down('permission', 'Error: mkdir /data/models/blobs: permission denied', {
        settings: [setting('OLLAMA_MODELS', '/data/models')],
      }),
      `may not write to the models folder /data/models (${unit}:12)`,
      'sudo install -d -o ollama -g ollama /data/models',
    ],
    [
      'a read-only file system',
      down('permission', 'Error: mkdir /data/models: read-only file system'),
      'read-only file system',
      'ReadWritePaths',
    ],
    [
      'a port below 1024',
      down('low-port', 'Error: listen tcp 0.0.0.0:443: bind: permission denied', {
        configuredHost: '0.0.0.0:443',
        settings: [setting('OLLAMA_HOST', '0.0.0.0:443')],
      }),
      'may not listen on port 443: only root may below 1024',
      'OLLAMA_HOST=0.0.0.0:11434',
    ],
    [
      'an address that is not there',
      down('bad-address', 'Error: listen tcp 10.9.9.9:11434: bind: cannot assign requested address', {
        configuredHost: '10.9.9.9',
        settings: [setting('OLLAMA_HOST', '10.9.9.9')],
      }),
      `it should listen on 10.9.9.9:11434 (${unit}:12), which is no address of this host now`,
      'ip -br address',
    ],
    [
      'a missing program',
      down(
        'missing-binary',
        "ollama.service: Unable to locate executable '/usr/local/bin/ollama': No such file",
      ),
      '/usr/local/bin/ollama is not there',
      'https://ollama.com/download',
    ],
    [
      'a missing library',
      down('missing-library', 'ollama: error while loading shared libraries: libcuda.so.1: cannot open'),
      'the library libcuda.so.1 is missing',
      'https://ollama.com/download',
    ],
    [
      'a missing user',
      down('missing-user', 'ollama.service: Failed at step USER spawning /usr/bin/ollama: No such process'),
      'the user that it should run as is not there',
      'useradd',
    ],
    [
      'no memory',
      down('out-of-memory', "ollama.service: Failed with result 'oom-kill'."),
      'ran out of memory',
      'free -h',
    ],
    [
      'a program that is not there, named in a line ahead of the last start',
      down('missing-binary', 'ollama.service: Main process exited, code=exited, status=203/EXEC', {
        log: [
          "ollama.service: Unable to locate executable '/usr/local/bin/olama': No such file or directory",
        ],
      }),
      '/usr/local/bin/olama is not there',
      'https://ollama.com/download',
    ],
    [
      'a limit on its memory',
      down('out-of-memory', 'fatal error: failed to reserve page summary memory'),
      'asked for memory and got none: a limit on it',
      'systemctl show ollama.service -p LimitAS',
    ],
    [
      'a kill, of which nobody says who did it',
      down('killed', 'ollama.service: Main process exited, code=killed, status=9/KILL'),
      'something kills it (SIGKILL); most often that is the kernel',
      'journalctl -k',
    ],
    [
      'an instruction that the processor does not have',
      down('killed', 'ollama.service: Main process exited, code=dumped, status=4/ILL'),
      'falls over (SIGILL), at an instruction that this processor does not have',
      'install Ollama again',
    ],
    ['what nobody knows', down('other', 'Error: something new'), 'Error: something new', 'journalctl -u'],
  ])('%s', async (_name, host, words, advice) => {
    const found = row(await rowsOf(host));
    expect(found).toMatchObject({ status: 'fail', code: 'crash-loop' });
    expect(found?.summary).toContain(words);
    expect(found?.instructions?.join('\n')).toContain(advice);
    expect(found?.recipe).toBeUndefined();
  });

  it('offers to write an origin the way it was meant', async () => {
    const found = row(
      await rowsOf(
        down('bad-origins', "panic: bad origin: origins must contain '*'", {
          settings: [setting('OLLAMA_ORIGINS', '192.168.1.5')],
        }),
      ),
    );
    expect(found).toMatchObject({ code: 'crash-loop', recipe: 'mend-origins' });
    expect(found?.instructions?.[0]).toContain('write "http://192.168.1.5" for "192.168.1.5"');
  });

  it('offers to mend the port that http:// brought, and shows where it stands', async () => {
    const host = down('low-port', 'Error: listen tcp 0.0.0.0:80: bind: permission denied', {
      configuredHost: 'http://0.0.0.0',
      settings: [setting('OLLAMA_HOST', 'http://0.0.0.0')],
    });
    const found = row(await rowsOf(host));
    expect(found).toMatchObject({ code: 'crash-loop', recipe: 'set-port' });
    expect(found?.summary).toContain(`OLLAMA_HOST=http://0.0.0.0 (${unit}:12) means port 80`);
  });

  const inUse = 'Error: listen tcp 127.0.0.1:11434: bind: address already in use';

  it('names who has the port, once', async () => {
    const rows = await rowsOf({
      ...down('port-in-use', inUse),
      listeners: seen({
        listeners: [{ ...wildcard, process: { pid: 7, name: 'python3' } }],
        ownersKnown: true,
      }),
    });
    expect(row(rows)).toMatchObject({ code: 'port-conflict' });
    expect(row(rows)?.summary).toContain('its port 11434 is taken by python3 (PID 7)');
    expect(rows.filter((one) => one.code === 'port-conflict' && one.explainedBy === undefined)).toHaveLength(
      1,
    );
  });

  it('offers to start one that failed by a port that is free by now', async () => {
    expect(row(await rowsOf(down('port-in-use', inUse, { state: 'failed' })))).toMatchObject({
      code: 'not-running',
      recipe: 'start-service',
    });
    expect(row(await rowsOf(down('port-in-use', inUse, { gaveUp: true })))).toMatchObject({
      code: 'not-running',
    });
  });

  it('says how to start what another manager keeps', async () => {
    const host = down('other', '', {
      manager: 'openrc',
      name: 'ollama',
      state: 'stopped',
      startsAtBoot: false,
    });
    expect(row(await rowsOf(host))).toMatchObject({
      code: 'not-running',
      instructions: ['sudo rc-service ollama start', 'sudo rc-update add ollama default'],
    });
  });
});

describe('a service that is kept out by a server that answers', () => {
  const kept = down('port-in-use', 'Error: listen tcp 0.0.0.0:11434: bind: address already in use');
  const byHand = service({
    manager: 'by-hand',
    name: 'ollama serve',
    startedBy: 'by hand, in tmux',
    user: 'ada',
    pid: 90,
    startsAtBoot: false,
    processHost: { source: '/proc/90/environ' },
  });
  const both: Partial<HostOfValues> = {
    services: seen([byHand, ...(kept.services?.state === 'seen' ? kept.services.value : [])]),
    listeners: seen({
      listeners: [{ ...loopback, process: { pid: 90, name: 'ollama' } }],
      ownersKnown: true,
    }),
    hostAnswer: ollama,
  };

  it('is a cause while it leaves somebody without an answer', async () => {
    const rows = await rowsOf({ ...both, answer: failed('refused') });
    expect(row(rows, 'port-owner')).toMatchObject({ status: 'fail', code: 'port-conflict' });
    expect(row(rows, 'port-owner')?.summary).toBe(
      "ollama.service cannot have port 11434: an Ollama of ada's, started by hand, in tmux (PID 90), has it",
    );
    expect(row(rows)?.summary).toBe(
      'Ollama runs (PID 90) as ada, started by hand, in tmux, and does not come back after a reboot',
    );
  });

  it('names the container that has the port, and never says to end its forwarder', async () => {
    const ports = [{ hostAddress: '0.0.0.0', hostPort: 11434, containerPort: 11434 }];
    const held: Partial<HostOfValues> = {
      services: kept.services!,
      listeners: seen({
        listeners: [{ ...wildcard, process: { pid: 4139, name: 'docker-proxy' } }],
        ownersKnown: true,
      }),
      answer: failed('refused'),
    };
    const containers = seen([container(), container({ name: 'llm', id: 'beefbeefbeef', ports })]);
    const answers = row(await rowsOf({ ...held, containers, hostAnswer: ollama }), 'port-owner');
    expect(answers?.summary).toBe(
      'ollama.service cannot have port 11434: the container llm, by way of docker-proxy (PID 4139), has it',
    );
    expect(answers?.instructions?.join('\n')).toContain('docker stop llm');
    const silent = row(await rowsOf({ ...held, containers, hostAnswer: failed('refused') }));
    expect(silent?.summary).toContain('taken by the container llm, by way of docker-proxy (PID 4139)');
    const unseen = row(await rowsOf({ ...held, hostAnswer: ollama }), 'port-owner');
    expect(unseen?.instructions?.join('\n')).toContain('docker ps --filter publish=11434');
    for (const one of [answers, silent, unseen]) expect(one?.instructions?.join('\n')).not.toContain('kill');
  });

  it('is a warning while everybody gets one', async () => {
    expect(row(await rowsOf(both), 'port-owner')).toMatchObject({ status: 'warn', code: 'port-conflict' });
  });
});

describe('a setting that was not put in force yet', () => {
  const pending = (value: string, processValue: string, needsReload = false) =>
    seen([
      service({
        settings: [setting('OLLAMA_HOST', value)],
        configuredHost: value,
        processHost: { value: processValue, source: '/proc/812/environ' },
        needsReload,
      }),
    ]);
  const rowOf = async (host: Partial<HostOfValues>): Promise<Row | undefined> =>
    (await rowsOf(host)).find((one) => one.code === 'config-ignored');

  it('is a cause where it would let somebody in', async () => {
    const found = await rowOf({
      services: pending('0.0.0.0', '127.0.0.1', true),
      listeners: seen({ listeners: [loopback], ownersKnown: true }),
      answer: failed('refused'),
    });
    expect(found).toMatchObject({
      status: 'fail',
      instructions: ['sudo systemctl daemon-reload', 'sudo systemctl restart ollama.service'],
    });
    expect(found?.summary).toBe(
      `${unit}:12 says 0.0.0.0, and the running server has 127.0.0.1: it was neither reloaded nor restarted since that was written`,
    );
  });

  it('is a warning where all is well until the next start', async () => {
    expect(await rowOf({ services: pending('127.0.0.1', '0.0.0.0') })).toMatchObject({ status: 'warn' });
  });

  it('is none where a name was written, and the log has its address', async () => {
    const services = pending('gpu.lan', '192.168.1.10:11434');
    if (services.state === 'seen') services.value[0]!.processHost!.source = 'its log ("Listening on")';
    expect(await rowOf({ services })).toBeUndefined();
  });

  it('is none where the server may have it from a script or a file that cannot be read', async () => {
    const services = pending('127.0.0.1', '0.0.0.0');
    if (services.state === 'seen') services.value[0]!.mayBeToldElsewhere = true;
    expect(await rowOf({ services })).toBeUndefined();
  });

  it('leaves the place where it listens to what its process has', async () => {
    const rows = await rowsOf({
      services: pending('0.0.0.0', '127.0.0.1'),
      listeners: seen({ listeners: [loopback], ownersKnown: true }),
      answer: failed('refused'),
    });
    const { evidence } = row(rows, 'bind-address') ?? {};
    expect(evidence?.at(-1)).toEqual({ source: '/proc/812/environ', text: 'OLLAMA_HOST=127.0.0.1' });
  });

  it('is none where two spellings mean the same', async () => {
    expect(await rowOf({ services: pending('http://0.0.0.0:11434/', '[::]') })).toBeUndefined();
  });
});

describe('an address that is none', () => {
  it.each([
    ['::1:11434', 'lookup ::1:11434: no such host', 'needs brackets', '[::1]:11434'],
    [
      '\u201c0.0.0.0:11434\u201d',
      'lookup \u201c0.0.0.0: no such host',
      'typographic quotes',
      '0.0.0.0:11434',
    ],
    ['0.0.0.0.0', 'lookup 0.0.0.0.0: no such host', 'neither an address nor a name', '0.0.0.0:11434, or'],
  ])('%s', async (value, words, why, better) => {
    const change = { settings: [setting('OLLAMA_HOST', value)], configuredHost: value };
    const rows = await rowsOf(down('bad-address', `Error: listen tcp: ${words}`, change));
    const found = row(rows);
    expect(found?.summary).toContain(`OLLAMA_HOST=${value} (${unit}:12) is no address: `);
    expect(found?.summary).toContain(why);
    expect(found?.instructions?.[0]).toMatch(`in ${unit}, line 12: OLLAMA_HOST=${better}`);
    expect(rows.filter(({ code }) => code === 'config-ignored')).toEqual([]);
  });

  it('of another host, which swallows what is sent there, is one cause and not two', async () => {
    const host = down(
      'bad-address',
      'Error: listen tcp 10.9.9.9:11434: bind: cannot assign requested address',
      {
        settings: [setting('OLLAMA_HOST', '10.9.9.9')],
        configuredHost: '10.9.9.9',
      },
    );
    for (const hostAnswer of [
      failed('timeout'),
      failed('host-unreachable'),
      { kind: 'unreachable', failure: 'failed', detail: 'interrupted', elapsedMs: 3515 } as const,
    ]) {
      const rows = await rowsOf({ ...host, hostAnswer });
      expect(row(rows)).toMatchObject({ status: 'fail', code: 'crash-loop' });
      expect(row(rows, 'ollama-api')).toMatchObject({ status: 'blocked' });
    }
    const elsewhere = await rowsOf({
      ...host,
      hostAnswer: failed('timeout'),
      options: { url: 'http://10.9.9.9:11434' },
    });
    expect(row(elsewhere, 'ollama-api')).toMatchObject({ status: 'fail', code: 'api-timeout' });
  });
});

describe('a port that is none', () => {
  it.each([
    ['0.0.0.0:99999', '0.0.0.0:11434', true],
    ['0.0.0.0:', '0.0.0.0:11434', false],
    ['0.0.0.0:8080', '0.0.0.0:8080', false],
  ])('%s: Ollama takes its default without a word: %s', async (value, processValue, told) => {
    const services = seen([
      service({
        settings: [setting('OLLAMA_HOST', value)],
        configuredHost: value,
        processHost: { value: processValue, source: '/proc/812/environ' },
      }),
    ]);
    const found = (await rowsOf({ services })).find((one) => one.code === 'config-ignored');
    expect(found?.summary).toBe(
      told
        ? `${unit}:12 says 0.0.0.0:99999: "99999" is no port, and Ollama takes 11434 in its place`
        : undefined,
    );
    expect(found?.status).toBe(told ? 'warn' : undefined);
  });
});

describe('a port that was not meant', () => {
  const on = (value: string, port: number): Partial<HostOfValues> => ({
    services: seen([
      service({
        settings: [setting('OLLAMA_HOST', value)],
        configuredHost: value,
        processHost: { value, source: '/proc/812/environ' },
      }),
    ]),
    listeners: seen({ listeners: [{ ...wildcard, port }], ownersKnown: true }),
    answer: failed('refused'),
  });

  it.each(['http://0.0.0.0', 'https://0.0.0.0', '"http://0.0.0.0/"'])('%s: has a recipe', async (value) => {
    const found = row(await rowsOf(on(value, value.includes('https') ? 443 : 80)), 'bind-address');
    const all = await rowsOf(on(value, value.includes('https') ? 443 : 80));
    expect(all.find((one) => one.code === 'bind-wrong-port')).toMatchObject({ recipe: 'set-port' });
    expect(found).toBeDefined();
  });

  it.each(['0.0.0.0:8080', 'http://0.0.0.0:80'])('%s was meant: says where it stands', async (value) => {
    const all = await rowsOf(on(value, value.endsWith(':80') ? 80 : 8080));
    const found = all.find((one) => one.code === 'bind-wrong-port');
    expect(found?.recipe).toBeUndefined();
    expect(found?.instructions?.[0]).toContain(`${unit}:12 says ${value}`);
  });
});

describe('a service of another manager that is stopped', () => {
  const stopped = (manager: OllamaService['manager'], change: Partial<OllamaService> = {}) => {
    const own = service({ manager, name: 'ollama', state: 'stopped', ...change });
    delete own.processHost;
    delete own.pid;
    if (change.configuredHost === '') delete own.configuredHost;
    return rowsOf({
      services: seen([own]),
      listeners: seen({ listeners: [], ownersKnown: true }),
      hostAnswer: failed('refused'),
      answer: failed('refused'),
    });
  };

  it('is started by a recipe where OpenRC keeps it', async () => {
    expect(row(await stopped('openrc'))).toMatchObject({ code: 'not-running', recipe: 'start-service' });
  });

  it('has the words and no recipe where none would act, also for its address', async () => {
    const rows = await stopped('runit', { configuredHost: '' });
    expect(rows.filter(({ recipe }) => recipe !== undefined)).toEqual([]);
    expect(row(rows)?.instructions).toContain('sudo sv start ollama');
    expect(row(rows, 'bind-address')).toMatchObject({ code: 'bind-loopback', status: 'fail' });
    expect(row(rows, 'bind-address')?.instructions?.join(' ')).toContain('0.0.0.0:11434');
  });
});
