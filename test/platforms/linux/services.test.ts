import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serviceEvidence } from '../../../src/facts/service.ts';
import type { OllamaService } from '../../../src/facts/service.ts';
import { simulate } from '../../../src/machine/simulated.ts';
import type { RunScript, SimulationScript } from '../../../src/machine/simulated.ts';
import { lookAtServices } from '../../../src/platforms/linux/services.ts';
import { parseSystemctlShow } from '../../../src/platforms/linux/systemd/show.ts';
import { captured } from './captured.ts';

const unit = '/etc/systemd/system/ollama.service';
const unitText =
  '[Service]\nExecStart=/usr/local/bin/ollama serve\nEnvironment="OLLAMA_HOST=127.0.0.1:11434"\n';

/** A machine whose systemctl prints what a real one did; `journal` is the name of a captured journal. */
function host(
  show: RunScript,
  extra: { journal?: RunScript; files?: SimulationScript['files'] } & SimulationScript = {},
) {
  const { journal, files, run, ...rest } = extra;
  return simulate({
    ...rest,
    files: { [unit]: unitText, ...files },
    run: (request, machine) => {
      const [program, ...words] = request.argv;
      if (program === 'systemctl' && !words.includes('--user')) return show;
      if (program === 'journalctl' && words.includes('ollama.service')) return journal ?? '';
      return typeof run === 'function' ? run(request, machine) : 'not-found';
    },
  });
}

const shown = (state: string): string => captured('trixie', `systemctl-show-${state}.txt`);
const journal = (state: string): string => captured('trixie', `journalctl-${state}.txt`);

async function theService(machine: ReturnType<typeof simulate>): Promise<OllamaService> {
  const looked = await lookAtServices(machine);
  if (looked.state !== 'seen' || looked.value.length !== 1) throw new Error(JSON.stringify(looked));
  return looked.value[0] as OllamaService;
}

describe('a running service', () => {
  test('says what it was told on disk and what its process has', async () => {
    const machine = host(shown('running'), {
      files: { '/proc/80/environ': 'PATH=/bin\0OLLAMA_HOST=127.0.0.1:11434\0' },
    });
    expect(await theService(machine)).toMatchObject({
      manager: 'systemd',
      name: 'ollama.service',
      state: 'running',
      startsAtBoot: true,
      pid: 80,
      needsReload: false,
      definition: unit,
      dropIns: [],
      configuredHost: '127.0.0.1:11434',
      processHost: { value: '127.0.0.1:11434', source: '/proc/80/environ' },
      settings: [
        { variable: 'OLLAMA_HOST', value: '127.0.0.1:11434', file: unit, line: 3, status: 'in-force' },
      ],
    });
  });

  test('has no value in its process when the variable is not set there', async () => {
    const machine = host(shown('running'), { files: { '/proc/80/environ': 'PATH=/bin\0' } });
    expect((await theService(machine)).processHost).toEqual({ source: '/proc/80/environ' });
  });

  test('does not ask the journal when its process can be read', async () => {
    const machine = host(shown('running'), { files: { '/proc/80/environ': '' } });
    await lookAtServices(machine);
    expect(machine.asked.filter((asked) => asked.includes('journalctl'))).toEqual([]);
    expect(machine.asked.filter((asked) => asked.startsWith('run'))).toHaveLength(1);
  });

  test('is read from its log where its process is closed to us', async () => {
    const machine = host(shown('running'), {
      journal: journal('running'),
      files: { '/proc/80/environ': 'denied' },
    });
    expect((await theService(machine)).processHost).toEqual({
      value: 'http://127.0.0.1:11434',
      source: 'its log ("server config")',
    });
  });

  test('is not guessed at where neither process nor log can be read', async () => {
    const machine = host(shown('running'), {
      journal: { exitCode: 1 },
      files: { '/proc/80/environ': 'denied' },
    });
    const service = await theService(machine);
    expect(service).not.toHaveProperty('processHost');
    expect(service.configuredHost).toBe('127.0.0.1:11434');
  });

  test('whose files changed since systemd read them needs a reload', async () => {
    expect((await theService(host(shown('needs-reload')))).needsReload).toBe(true);
  });

  test('whose unit cannot be read is told by what systemd has in memory', async () => {
    const machine = host(shown('dropins'), { files: { [unit]: 'denied' } });
    expect((await theService(machine)).configuredHost).toBe('0.0.0.0:11434');
  });

  test('with drop-ins and a file: every line, who wins and what is ignored', async () => {
    const folder = `${unit}.d`;
    const machine = host(shown('dropins'), {
      files: {
        [`${folder}/10-quotes.conf`]: '[Service]\nEnvironment=\u201cOLLAMA_HOST=0.0.0.0:11434\u201d\n',
        [`${folder}/20-nosection.conf`]: 'Environment="OLLAMA_HOST=0.0.0.0:11434"\n',
        [`${folder}/30-file.conf`]: '[Service]\nEnvironmentFile=-/etc/sysconfig/ollama\n',
        [`${folder}/override.conf`]: '[Service]\nEnvironment="OLLAMA_HOST=0.0.0.0:11434"\n',
        '/etc/sysconfig/ollama': 'OLLAMA_HOST="127.0.0.1:11434"\n',
      },
    });
    const service = await theService(machine);
    expect(service.configuredHost).toBe('127.0.0.1:11434');
    expect(service.settings.map(({ file, status }) => [file, status])).toEqual([
      [unit, 'overridden'],
      [`${folder}/10-quotes.conf`, 'ignored'],
      [`${folder}/20-nosection.conf`, 'ignored'],
      [`${folder}/override.conf`, 'overridden'],
      ['/etc/sysconfig/ollama', 'in-force'],
    ]);
  });
});

describe('what the running server has may come from elsewhere', () => {
  const withFile = (path: string, more: SimulationScript['files'], loaded = path): Promise<OllamaService> =>
    theService(
      host(
        shown('running').replace(
          /^DropInPaths=/mu,
          `EnvironmentFiles=${loaded} (ignore_errors=no)\nDropInPaths=`,
        ),
        {
          files: { [unit]: `${unitText}EnvironmentFile=${path}\n`, ...more },
        },
      ),
    );

  test('a file named by a specifier is read where systemd found it', async () => {
    const file = '/home/dora/.config/ollama.env';
    const service = await withFile('%h/.config/ollama.env', { [file]: 'OLLAMA_HOST=0.0.0.0\n' }, file);
    expect(service.configuredHost).toBe('0.0.0.0');
    expect(service.settings.map(({ file: where, status }) => [where, status])).toEqual([
      [unit, 'overridden'],
      [file, 'in-force'],
    ]);
    expect(service).not.toHaveProperty('mayBeToldElsewhere');
  });

  test.each<[string, string, SimulationScript['files'], boolean]>([
    ['a file that nobody but root reads', '/etc/ollama.env', { '/etc/ollama.env': 'denied' }, true],
    ['a pattern', '/etc/ollama/*.env', {}, true],
    ['a file that is not there', '-/etc/none', {}, false],
    ['a script', '-/etc/none', { [unit]: unitText.replace('/usr/local', '/bin/sh -c "x /usr/local') }, true],
    ['env', '-/etc/none', { [unit]: unitText.replace('=/usr', '=/usr/bin/env A=1 /usr') }, true],
  ])('%s', async (_what, path, more, expected) => {
    expect((await withFile(path, more)).mayBeToldElsewhere).toBe(expected || undefined);
  });
});

describe('a service that does not run', () => {
  test.each([
    ['stopped', 'stopped', true],
    ['disabled', 'stopped', false],
    ['masked', 'stopped', 'masked'],
    ['port-conflict', 'crash-loop', false],
    ['missing-binary', 'crash-loop', false],
  ] as const)('%s', async (name, state, startsAtBoot) => {
    expect(await theService(host(shown(name)))).toMatchObject({ state, startsAtBoot });
  });

  test('gave up after too many attempts: a crash loop still', async () => {
    const gaveUp = shown('port-conflict')
      .replace('ActiveState=activating', 'ActiveState=failed')
      .replace('SubState=auto-restart', 'SubState=failed')
      .replace('Result=exit-code', 'Result=start-limit-hit');
    expect((await theService(host(gaveUp))).state).toBe('crash-loop');
  });

  test.each([
    ['port-conflict', 'port-in-use', 'Error: listen tcp 127.0.0.1:11434: bind: address already in use'],
    [
      'missing-binary',
      'missing-binary',
      "ollama.service: Unable to locate executable '/usr/local/bin/ollama': No such file or directory",
    ],
    ['no-envfile', 'other', 'ollama.service: Failed to load environment files: No such file or directory'],
  ] as const)('%s: the journal says why', async (name, kind, line) => {
    const service = await theService(host(shown(name), { journal: journal(name) }));
    expect(service.failure).toEqual({ kind, line });
  });

  test('that is up for a moment between two attempts: its process tells nothing, its log why', async () => {
    const between = shown('running').replace(/^NRestarts=\d+$/mu, 'NRestarts=4');
    const log = `${journal('port-conflict').trimEnd()}\nStarted ollama.service - Ollama Service.\n`;
    const machine = host(between, { journal: log, files: { '/proc/80/environ': 'PATH=/bin\0' } });
    const service = await theService(machine);
    expect(service).toMatchObject({ state: 'crash-loop', failure: { kind: 'port-in-use' } });
    expect(service).not.toHaveProperty('processHost');
  });

  test('that was stopped has no failure, whatever an earlier run wrote', async () => {
    const service = await theService(host(shown('stopped'), { journal: journal('port-conflict') }));
    expect(service).not.toHaveProperty('failure');
  });
});

describe('no service', () => {
  const programs =
    (pids: string) =>
    ({ argv }: { argv: readonly string[] }): RunScript => {
      if (argv[0] === 'ls') return { stdout: '/usr/local/bin/ollama\n', exitCode: 2 };
      return argv.join(' ') === 'pidof -x ollama' && pids !== '' ? pids : { exitCode: 1 };
    };

  test('and nothing installed', async () => {
    const looked = await lookAtServices(host(shown('none')));
    expect(looked).toEqual({
      state: 'absent',
      evidence: [{ source: 'systemctl show ollama.service', text: 'systemd knows no such unit' }],
    });
  });

  test('but the program is there', async () => {
    const looked = await lookAtServices(host(shown('none'), { run: programs('') }));
    expect(looked).toMatchObject({ state: 'absent' });
    expect(looked).toHaveProperty('evidence.1', {
      source: serviceEvidence.program,
      text: '/usr/local/bin/ollama',
    });
  });

  test('and a server runs in a container', async () => {
    const machine = host(shown('none'), {
      run: programs('844 843\n'),
      files: {
        '/proc/843/cgroup': '0::/system.slice/docker-0123abcd.scope\n',
        '/proc/843/cmdline': '/usr/local/bin/ollama\0serve\0',
        '/proc/844/cmdline': '/usr/local/bin/ollama\0runner\0--port\x0040000\0',
      },
    });
    const { evidence } = (await lookAtServices(machine)) as { evidence: unknown[] };
    expect(evidence.slice(2)).toEqual([
      { source: serviceEvidence.containerProcess, text: '843 /usr/local/bin/ollama serve' },
    ]);
  });

  test('and a server runs where pidof is that of busybox', async () => {
    const machine = host('not-found', {
      run: ({ argv }) => {
        if (argv[0] !== 'pidof') return 'not-found';
        return argv[1] === '-x' ? { exitCode: 1, stderr: 'pidof: unrecognized option: x\n' } : '77\n';
      },
      files: { '/proc/77/cmdline': 'ollama\0serve\0' },
    });
    expect(await lookAtServices(machine)).toHaveProperty('evidence.0.text', '77 ollama serve');
  });

  test.each([
    ['not-found', 'absent'],
    [
      {
        exitCode: 1,
        stderr: "System has not been booted with systemd as init system (PID 1). Can't operate.\n",
      },
      'absent',
    ],
    [{ exitCode: 1, stderr: 'Failed to connect to bus: Host is down\n' }, 'absent'],
    [{ outcome: 'timed-out', stdout: '', stderr: '' }, 'unavailable'],
    [{ outcome: 'not-recorded' }, 'unavailable'],
    ['denied', 'unavailable'],
    [{ exitCode: 1, stderr: 'Access denied\n' }, 'unavailable'],
  ] as [RunScript, string][])('systemctl: %j means %s', async (show, state) => {
    expect((await lookAtServices(host(show))).state).toBe(state);
  });
});

describe("a user's own unit", () => {
  const folder = '/home/ada/.config/systemd/user/homebrew.ollama.service';
  const identity = { elevated: false, uid: 1000, user: 'ada', home: '/home/ada' };
  const userShow = shown('running').replaceAll('Id=ollama.service', 'Id=homebrew.ollama.service');

  test('is asked for where its file is', async () => {
    const machine = host(shown('none'), {
      identity,
      files: { [folder]: '[Service]\n' },
      run: ({ argv }) => (argv[0] === 'systemctl' ? userShow : 'not-found'),
    });
    expect(await theService(machine)).toMatchObject({
      manager: 'brew-services',
      user: 'ada',
      name: 'homebrew.ollama.service',
    });
  });

  test('costs nothing where there is none', async () => {
    const machine = host(shown('running'), { identity });
    await lookAtServices(machine);
    expect(machine.asked.filter((asked) => asked.includes('--user'))).toEqual([]);
  });
});

test('units of one name asked for twice are one service', async () => {
  const running = shown('running').split('\n\n')[0] ?? '';
  expect(await theService(host(`${running}\n\n${running}\n`))).toMatchObject({ state: 'running' });
});

test('no output of systemctl makes the parser throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(Array.isArray(parseSystemctlShow(text))).toBe(true);
    }),
  );
});
