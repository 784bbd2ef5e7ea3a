import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OllamaService } from '../../../src/facts/service.ts';
import { simulate } from '../../../src/machine/simulated.ts';
import type { RunScript, SimulationScript } from '../../../src/machine/simulated.ts';
import { lookAtServices } from '../../../src/platforms/linux/services.ts';
import { parseStat, parseStatus } from '../../../src/platforms/linux/starters/proc.ts';
import { parseShellSettings } from '../../../src/platforms/linux/starters/shell-settings.ts';
import { starterOf } from '../../../src/platforms/linux/starters/starter.ts';
import { parsePublished } from '../../../src/platforms/linux/systemd/quadlet.ts';
import { captured } from './captured.ts';

const none = captured('trixie', 'systemctl-show-none.txt');
const running = captured('trixie', 'systemctl-show-running.txt').split('\n\n')[0] ?? '';
const parent = (name: string, ...words: string[]) => ({ pid: 40, name, words });

describe('how a server was started, from its control group and the processes above it', () => {
  test.each([
    ['a unit', '0::/system.slice/ollama.service', [], { kind: 'unit', unit: 'ollama.service' }],
    ['a unit of another name', '0::/system.slice/llm.service', [], { kind: 'unit', unit: 'llm.service' }],
    [
      'a unit on a host with control groups of version 1',
      '12:cpu:/\n1:name=systemd:/system.slice/ollama.service\n0::/',
      [],
      { kind: 'unit', unit: 'ollama.service' },
    ],
    [
      "a user's unit",
      '0::/user.slice/user-1000.slice/user@1000.service/app.slice/homebrew.ollama.service',
      [],
      { kind: 'user-unit', unit: 'homebrew.ollama.service', uid: 1000 },
    ],
    [
      'Docker',
      `0::/system.slice/docker-${'ab'.repeat(32)}.scope`,
      [],
      { kind: 'container', id: 'ab'.repeat(32) },
    ],
    ['Docker, cgroupfs', `0::/docker/${'cd'.repeat(32)}`, [], { kind: 'container', id: 'cd'.repeat(32) }],
    [
      'a quadlet',
      `0::/system.slice/ollama.service/libpod-payload-${'ef'.repeat(32)}`,
      [],
      { kind: 'container', id: 'ef'.repeat(32) },
    ],
    [
      'a unit within nspawn',
      '0::/machine.slice/systemd-nspawn@box.service/payload/system.slice/ollama.service',
      [],
      { kind: 'container', id: '' },
    ],
    [
      'a unit within nspawn that a unit of the host runs',
      '0::/system.slice/box.service/payload/system.slice/ollama.service',
      [],
      { kind: 'container', id: '' },
    ],
    ['LXC', '0::/lxc.payload.box/system.slice/ollama.service', [], { kind: 'container', id: '' }],
    ['LXC of old', '1:name=systemd:/lxc/box/system.slice/ollama.service', [], { kind: 'container', id: '' }],
    ['Kubernetes', '0::/kubepods.slice/kubepods-besteffort.slice', [], { kind: 'container', id: '' }],
    ['OpenRC', '0::/openrc.ollama', [], { kind: 'openrc', service: 'ollama' }],
    ['OpenRC, version 1', '1:name=openrc:/ollama', [], { kind: 'openrc', service: 'ollama' }],
    [
      'OpenRC, supervised',
      '0::/',
      [parent('supervise-daemo', '/sbin/supervise-daemon', 'ollama')],
      { kind: 'openrc', service: 'ollama' },
    ],
    ['runit', '0::/', [parent('runsv', 'runsv', 'ollama')], { kind: 'runit', service: 'ollama' }],
    [
      'runit below systemd',
      '0::/system.slice/runit.service',
      [parent('runsv', 'runsv', 'ollama'), parent('runsvdir')],
      { kind: 'runit', service: 'ollama' },
    ],
    ['runit, a name that may not be read', '0::/', [parent('runsv')], { kind: 'by-hand', how: 'by runit' }],
    [
      'tmux',
      '0::/user.slice/user-1000.slice/user@1000.service/tmux-spawn-0f.scope',
      [parent('bash'), parent('tmux: server')],
      { kind: 'by-hand', how: 'by hand, in tmux' },
    ],
    [
      'tmux below a unit that is none of its own',
      '0::/system.slice/sshd.service',
      [parent('bash'), parent('tmux: server')],
      { kind: 'by-hand', how: 'by hand, in tmux' },
    ],
    [
      'screen',
      '0::/user.slice/user-0.slice/session-1.scope',
      [parent('sh'), parent('SCREEN')],
      { kind: 'by-hand', how: 'by hand, in screen' },
    ],
    [
      'a shell',
      '0::/user.slice/user-0.slice/session-1.scope',
      [parent('-bash')],
      { kind: 'by-hand', how: 'by hand, in a shell (bash)' },
    ],
    [
      'cron',
      '0::/system.slice/cron.service',
      [parent('sh'), parent('cron')],
      { kind: 'by-hand', how: 'by cron' },
    ],
    [
      'supervisord',
      '0::/system.slice/supervisor.service',
      [parent('supervisord')],
      { kind: 'by-hand', how: 'by supervisord' },
    ],
    ['who knows', '', [], { kind: 'by-hand', how: 'by hand' }],
  ] as [string, string, ReturnType<typeof parent>[], unknown][])(
    '%s',
    (_name, cgroup, ancestors, starter) => {
      expect(starterOf(`${cgroup}\n`, ancestors, false)).toEqual(starter);
    },
  );

  test('nohup', () => {
    expect(starterOf('0::/user.slice/user-0.slice/session-1.scope\n', [], true)).toEqual({
      kind: 'by-hand',
      how: 'by hand, with nohup',
    });
  });

  test('never throws, whatever /proc says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.boolean(), (cgroup, name, ignores) => {
        expect(starterOf(cgroup, [parent(name)], ignores).kind).not.toBe('');
        parseStat(cgroup);
        parseStatus(cgroup);
        parsePublished(cgroup);
        expect(Array.isArray(parseShellSettings('/x', cgroup))).toBe(true);
      }),
    );
  });
});

test('a process name may hold blanks and brackets', () => {
  expect(parseStat('7 (tmux: server (1)) S 3 7 7 0 -1')).toEqual({ name: 'tmux: server (1)', parent: 3 });
});

test.each([
  ['Uid:\t1000\t1000\nSigIgn:\t0000000000000001\n', { uid: 1000, ignoresHangup: true }],
  ['Uid:\t0\t0\nSigIgn:\t0000000000001000\n', { uid: 0, ignoresHangup: false }],
  ['NSpid:\t500\t57\nUid:\t0\t0\n', { uid: 0, ignoresHangup: false, nested: true }],
  ['NSpid:\t500\nUid:\t0\t0\n', { uid: 0, ignoresHangup: false }],
])('/proc/PID/status %j', (text, state) => {
  expect(parseStatus(text)).toEqual(state);
});

test.each([
  ['11434:11434', { address: '0.0.0.0', hostPort: 11434, containerPort: 11434 }],
  ['127.0.0.1:8080:11434/tcp', { address: '127.0.0.1', hostPort: 8080, containerPort: 11434 }],
  ['[::1]:8080:11434', { address: '::1', hostPort: 8080, containerPort: 11434 }],
  ['11434', undefined],
  ['53:53/udp', undefined],
])('PublishPort=%s', (text, published) => {
  expect(parsePublished(text)).toEqual(published);
});

test.each([
  ['export OLLAMA_HOST=0.0.0.0\n', 'in-force', '0.0.0.0'],
  ['export OLLAMA_HOST="0.0.0.0:11434" # all\n', 'in-force', '0.0.0.0:11434'],
  ["OLLAMA_HOST='0.0.0.0'\nexport OLLAMA_HOST\n", 'in-force', '0.0.0.0'],
  ['set -a\nOLLAMA_HOST=0.0.0.0\n', 'in-force', '0.0.0.0'],
  ['OLLAMA_HOST=0.0.0.0\n', 'ignored', '0.0.0.0'],
])('a shell reads %j', (text, status, value) => {
  expect(parseShellSettings('/etc/conf.d/ollama', text)[0]).toMatchObject({ status, value });
});

interface Process {
  cgroup?: string;
  above?: string[];
  environ?: string;
  status?: string;
}

/** A host on which one `ollama serve` runs as pid 90, below processes of these names. */
function host(process: Process, extra: SimulationScript = {}, systemctl: RunScript = none) {
  const files: NonNullable<SimulationScript['files']> = {
    '/proc/90/cmdline': '/usr/local/bin/ollama\0serve\0',
    '/proc/90/stat': `90 (ollama) S ${process.above?.length ? 80 : 1} 90`,
    '/proc/90/cgroup': `${process.cgroup ?? '0::/'}\n`,
    '/proc/90/status': process.status ?? 'Uid:\t1000\t1000\nSigIgn:\t0000000000001000\n',
    '/proc/90/environ': process.environ ?? 'PATH=/bin\0OLLAMA_HOST=0.0.0.0\0HF_TOKEN=secret\0',
    ...extra.files,
  };
  for (const [at, name] of (process.above ?? []).entries()) {
    const pid = 80 - at;
    files[`/proc/${pid}/stat`] =
      `${pid} (${name}) S ${at + 1 < (process.above?.length ?? 0) ? pid - 1 : 1} 1`;
    files[`/proc/${pid}/cmdline`] = `${name}\0ollama\0`;
  }
  return simulate({
    ...extra,
    files,
    run: (request, machine) => {
      const words = request.argv.join(' ');
      if (words.startsWith('pidof')) return '90\n';
      if (words === 'id -nu 1000') return 'ada\n';
      const own = typeof extra.run === 'function' ? extra.run(request, machine) : 'not-found';
      if (own !== 'not-found') return own;
      return words.startsWith('systemctl') ? systemctl : 'not-found';
    },
  });
}

async function theService(machine: ReturnType<typeof simulate>): Promise<OllamaService> {
  const looked = await lookAtServices(machine);
  if (looked.state !== 'seen') throw new Error(JSON.stringify(looked));
  return looked.value[0] as OllamaService;
}

describe('a server that runs, and what it was told', () => {
  test('in tmux: by hand, by whom, and with what', async () => {
    const session = '0::/user.slice/user-1000.slice/session-1.scope';
    expect(await theService(host({ cgroup: session, above: ['bash', 'tmux: server'] }))).toMatchObject({
      manager: 'by-hand',
      startedBy: 'by hand, in tmux',
      user: 'ada',
      state: 'running',
      startsAtBoot: false,
      pid: 90,
      processHost: { value: '0.0.0.0', source: '/proc/90/environ' },
    });
  });

  test("is told by nothing where another user's environment may not be read", async () => {
    const machine = host({}, { files: { '/proc/90/environ': 'denied' } });
    expect(await theService(machine)).not.toHaveProperty('processHost');
  });

  test('by a unit of another name: read as any unit', async () => {
    const unit = '/etc/systemd/system/llm.service';
    const shown = running
      .replaceAll('ollama.service', 'llm.service')
      .replace(/^MainPID=\d+$/mu, 'MainPID=90');
    const machine = host(
      { cgroup: '0::/system.slice/llm.service' },
      {
        files: { [unit]: '[Service]\nEnvironment=OLLAMA_HOST=0.0.0.0\n' },
        run: ({ argv }) => (argv.includes('llm.service') ? `${shown}\n` : 'not-found'),
      },
    );
    expect(await theService(machine)).toMatchObject({
      manager: 'systemd',
      name: 'llm.service',
      definition: unit,
      configuredHost: '0.0.0.0',
    });
  });

  test('below a unit that is not its own: started by that unit', async () => {
    const shown = running
      .replaceAll('ollama.service', 'jobs.service')
      .replace(/^MainPID=\d+$/mu, 'MainPID=7');
    const machine = host(
      { cgroup: '0::/system.slice/jobs.service' },
      { run: ({ argv }) => (argv.includes('jobs.service') ? `${shown}\n` : 'not-found') },
    );
    expect(await theService(machine)).toMatchObject({ manager: 'by-hand', startedBy: 'by jobs.service' });
  });

  test("by a user's own unit, as root: that user's manager is asked", async () => {
    const shown = running.replaceAll('Id=ollama.service', 'Id=homebrew.ollama.service');
    const machine = host(
      { cgroup: '0::/user.slice/user-1000.slice/user@1000.service/app.slice/homebrew.ollama.service' },
      { run: ({ argv }) => (argv.includes('--machine=ada@.host') ? `${shown}\n` : 'not-found') },
    );
    expect(await theService(machine)).toMatchObject({ manager: 'brew-services', user: 'ada', pid: 90 });
  });

  test('by OpenRC: its conf.d, where a line without export does not count', async () => {
    const machine = host(
      { cgroup: '0::/openrc.ollama', environ: 'PATH=/bin\0' },
      {
        files: {
          '/etc/init.d/ollama': '#!/sbin/openrc-run\ncommand=/usr/bin/ollama\n',
          '/etc/conf.d/ollama': '# what it is told\nOLLAMA_HOST=0.0.0.0\n',
        },
      },
      'not-found',
    );
    expect(await theService(machine)).toMatchObject({
      manager: 'openrc',
      state: 'running',
      pid: 90,
      definition: '/etc/init.d/ollama',
      processHost: { source: '/proc/90/environ' },
      settings: [{ file: '/etc/conf.d/ollama', line: 2, status: 'ignored' }],
    });
  });

  test('by runit: its run script and its folder of variables', async () => {
    const machine = host(
      { above: ['runsv', 'runsvdir'] },
      {
        files: {
          '/etc/sv/ollama/run': '#!/bin/sh\nexport OLLAMA_HOST=127.0.0.1\nexec chpst -e ./env ollama serve\n',
          '/etc/sv/ollama/env/OLLAMA_HOST': '0.0.0.0:11434\n',
        },
      },
      'not-found',
    );
    expect(await theService(machine)).toMatchObject({
      manager: 'runit',
      configuredHost: '0.0.0.0:11434',
      settings: [
        { status: 'overridden', because: '/etc/sv/ollama/env/OLLAMA_HOST:1' },
        { status: 'in-force' },
      ],
    });
  });
});

describe('a server in a process namespace of its own', () => {
  const nested = 'NSpid:\t90\t7\nUid:\t1000\t1000\n';

  test.each([
    ['with the name of a unit that is not here', '0::/system.slice/ollama.service', []],
    ['of a shell in there', '0::/', ['bash']],
    ['of OpenRC in there', '0::/openrc.ollama', []],
    ["of a user's in there", '0::/user.slice/user-1000.slice/user@1000.service/app.slice/ollama.service', []],
  ])('is in a container, and no service of this host: %s', async (_name, cgroup, above) => {
    const looked = await lookAtServices(host({ cgroup, above, status: nested }));
    expect(looked).toMatchObject({ state: 'absent' });
    expect(JSON.stringify(looked)).toContain('running process in a container');
  });

  test("is not the stopped unit of this host's that has the same name", async () => {
    const stopped = running
      .replace(/^MainPID=\d+$/mu, 'MainPID=0')
      .replace(/^ActiveState=.*$/mu, 'ActiveState=inactive');
    const unit = host({ cgroup: '0::/system.slice/ollama.service', status: nested }, {}, `${stopped}\n`);
    const looked = await lookAtServices(unit);
    expect(looked).toMatchObject({ state: 'seen', value: [{ name: 'ollama.service', state: 'stopped' }] });
    expect(looked).not.toMatchObject({ value: [{ pid: 90 }] });
  });

  test('is a unit of this host whose process it is', async () => {
    const shown = running
      .replaceAll('ollama.service', 'llm.service')
      .replace(/^MainPID=\d+$/mu, 'MainPID=90');
    const machine = host(
      { cgroup: '0::/system.slice/llm.service', status: nested },
      { run: ({ argv }) => (argv.includes('llm.service') ? `${shown}\n` : 'not-found') },
    );
    expect(await theService(machine)).toMatchObject({ manager: 'systemd', name: 'llm.service', pid: 90 });
  });
});

describe('a service that is not up, where there is no systemd', () => {
  test.each([
    [3, 'stopped'],
    [32, 'failed'],
    [0, 'running'],
    [1, 'unknown'],
  ] as const)('rc-service status ends with %i: %s', async (exitCode, state) => {
    const machine = simulate({
      files: { '/etc/init.d/ollama': '#!/sbin/openrc-run\n' },
      run: ({ argv }) => {
        if (argv[0] === 'rc-service') return { exitCode };
        return argv[0] === 'rc-update' ? '               ollama |      default\n' : 'not-found';
      },
    });
    expect(await theService(machine)).toMatchObject({ manager: 'openrc', state, startsAtBoot: true });
  });

  test.each([
    ['down: ollama: 7s, normally up\n', 'stopped', true],
    ['down: ollama: 7s\n', 'stopped', false],
    ['fail: ollama: unable to change to service directory: access denied\n', 'unknown', 'unknown'],
  ])('sv status says %j', async (text, state, startsAtBoot) => {
    const machine = simulate({
      files: { '/etc/sv/ollama/run': '#!/bin/sh\nexec ollama serve\n' },
      run: ({ argv }) => (argv[0] === 'sv' ? text : 'not-found'),
    });
    expect(await theService(machine)).toMatchObject({ manager: 'runit', state, startsAtBoot });
  });
});

describe('units whose settings are kept elsewhere', () => {
  const unitFile = '/etc/systemd/system/ollama.service';

  test.each([
    ['snap.ollama.listener.service', '[Service]\n', 'snap'],
    ['ollama.service', '[Service]\nExecStart=/nix/store/abc-ollama/bin/ollama serve\n', 'nixos'],
    ['ollama.service', '[Service]\nExecStart=/usr/bin/ollama serve\n', 'systemd'],
  ])('%s with %j is kept by %s', async (name, text, manager) => {
    const shown = running.replaceAll('Id=ollama.service', `Id=${name}`);
    const machine = host({}, { files: { [unitFile]: text } }, `${shown}\n`);
    expect((await theService(machine)).manager).toBe(manager);
  });

  test('a quadlet: where the host listens is what it publishes, not what its container is told', async () => {
    const source = '/etc/containers/systemd/ollama.container';
    const shown = running.replace(/^SourcePath=.*$/mu, `SourcePath=${source}`);
    const files = {
      [source]: '[Container]\nImage=docker.io/ollama/ollama\nPublishPort=127.0.0.1:11434:11434\n',
      [`${source}.d/more.conf`]: '[Container]\nEnvironment=OLLAMA_HOST=0.0.0.0:11434\n',
    };
    expect(await theService(host({}, { files }, `${shown}\n`))).toMatchObject({
      manager: 'quadlet',
      definition: source,
      configuredHost: '127.0.0.1:11434',
      publishedBy: { file: source, line: 3, text: 'PublishPort=127.0.0.1:11434:11434' },
      dropIns: [`${source}.d/more.conf`],
      settings: [{ file: `${source}.d/more.conf`, line: 2, value: '0.0.0.0:11434', status: 'in-force' }],
    });
  });
});

test('a drop-in that systemd has not read yet is read all the same', async () => {
  const folder = '/etc/systemd/system/ollama.service.d';
  const shown = captured('trixie', 'systemctl-show-needs-reload.txt');
  const files = {
    '/etc/systemd/system/ollama.service': '[Service]\n',
    [`${folder}/override.conf`]: '[Service]\nEnvironment="OLLAMA_HOST=0.0.0.0:11434"\n',
    '/usr/lib/systemd/system/ollama.service.d/override.conf':
      '[Service]\nEnvironment="OLLAMA_HOST=10.0.0.1"\n',
    [`${folder}/10-first.conf`]: '[Service]\nEnvironment="OLLAMA_HOST=10.0.0.2"\n',
  };
  expect(await theService(host({}, { files }, shown))).toMatchObject({
    needsReload: true,
    dropIns: [`${folder}/10-first.conf`, `${folder}/override.conf`],
    configuredHost: '0.0.0.0:11434',
  });
});
