import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import type { LabHost } from './host/index.ts';
import { recordedState } from './scenarios/recorded-state.ts';
import {
  checks,
  everywhere,
  gone,
  imageTarball,
  listens,
  row,
  startersHost,
  unit,
  until,
} from './scenarios/starters.ts';

const asDora =
  'setpriv --reuid=dora --regid=dora --init-groups env HOME=/home/dora XDG_RUNTIME_DIR=/run/user/$(id -u dora)';

let host: LabHost;
beforeAll(async () => {
  host = await startersHost('starters');
});
afterAll(() => host?.stop());

/** A run that would mend what it can: its report, and the words for a bind that no recipe makes here. */
async function look(name: string): Promise<{ report: Report; words: string[] }> {
  const report = await recordedState(host, name, [...checks, '--fix', '--yes']);
  const refused = report.fixes.find((fix) => fix.recipe === 'bind-all-interfaces');
  return { report, words: refused?.status === 'declined' ? (refused.notes ?? []) : [] };
}

describe('a server by every starter there is here', () => {
  beforeAll(async () => {
    await host.must(['mv', unit, '/root/ollama.service']);
    await host.must(['systemctl', 'daemon-reload']);
  });

  test("a user's own unit: what is said as root, typed, works", async () => {
    const file = '/home/dora/.config/systemd/user/ollama.service';
    await host.write(
      file,
      '[Service]\nExecStart=/usr/local/bin/ollama serve\nEnvironment=OLLAMA_HOST=127.0.0.1\n[Install]\nWantedBy=default.target\n',
    );
    await host.must(['sh', '-c', 'chown -R dora: /home/dora/.config; loginctl enable-linger dora']);
    await until(host, 'systemctl --user --machine=dora@.host daemon-reload');
    await host.must(['systemctl', '--user', '--machine=dora@.host', 'enable', '--now', 'ollama']);
    await until(host, listens);
    const { report, words } = await look('starter-systemd-user');
    expect(row(report, 'ollama-service').summary).toMatch(
      /^ollama\.service is running \(PID \d+\), started by dora's own systemd, starts at boot$/u,
    );
    expect(row(report, 'bind-address').evidence).toContainEqual({
      source: `${file}:3`,
      text: 'Environment=OLLAMA_HOST=127.0.0.1',
    });
    expect(words.join('\n')).toContain('as dora: systemctl --user edit ollama.service');
    await host.write(`${file}.d/override.conf`, '[Service]\nEnvironment="OLLAMA_HOST=0.0.0.0:11434"\n');
    await host.must(['sh', '-c', `${asDora} systemctl --user daemon-reload`]);
    await host.must(['sh', '-c', `${asDora} systemctl --user restart ollama.service`]);
    await until(host, everywhere);
    await host.must(['systemctl', '--user', '--machine=dora@.host', 'disable', '--now', 'ollama']);
    await host.must(['rm', '-r', '/home/dora/.config/systemd']);
    await until(host, gone);
  });

  test.each([
    [
      'tmux',
      `${asDora} tmux new-session -d 'OLLAMA_HOST=127.0.0.1 ollama serve'`,
      /as dora, started by hand, in tmux/u,
    ],
    ['screen', 'screen -dm sh -c "ollama serve; true"', /as root, started by hand, in screen/u],
    ['nohup', '(nohup ollama serve >/dev/null 2>&1 &)', /as root, started by hand, with nohup/u],
  ])('%s', async (name, start, started) => {
    await host.must(['sh', '-c', start]);
    await until(host, listens);
    const { report, words } = await look(`starter-${name}`);
    expect(row(report, 'ollama-service').summary).toMatch(started);
    expect(row(report, 'bind-address').code).toBe('bind-loopback');
    const [reason = '', ...typed] = words;
    expect(reason).toContain('Ollama was started by hand');
    const pid = /kill (\d+)/u.exec(typed[0] ?? '')?.[1] ?? '';
    await host.must(['kill', pid]);
    await until(host, gone);
    await host.must(['sh', '-c', '(OLLAMA_HOST=0.0.0.0:11434 ollama serve >/dev/null 2>&1 &)']);
    await until(host, everywhere);
    await host.must(['sh', '-c', 'kill $(pidof -x ollama)']);
    await until(host, gone);
  });

  test('runit: the line to change is named, and the restart puts it in force', async () => {
    const run = '/etc/sv/ollama/run';
    await host.write(
      run,
      '#!/bin/sh\nexport OLLAMA_HOST=127.0.0.1:11434\nexec 2>&1\nexec /usr/local/bin/ollama serve\n',
      0o755,
    );
    await host.must(['ln', '-sf', '/etc/sv/ollama', '/etc/service/ollama']);
    await host.must(['sh', '-c', '(setsid runsvdir -P /etc/service >/dev/null 2>&1 &)']);
    await until(host, listens);
    const { report, words } = await look('starter-runit');
    expect(row(report, 'ollama-service').summary).toMatch(
      /^ollama is running \(PID \d+\), started by runit$/u,
    );
    expect(words).toContain(`change line 2 of ${run} to: export OLLAMA_HOST=0.0.0.0:11434`);
    expect(words).toContain('sudo sv restart ollama');
    await host.must(['sed', '-i', '2s/.*/export OLLAMA_HOST=0.0.0.0:11434/', run]);
    await host.must(['sv', 'restart', 'ollama']);
    await until(host, everywhere);
    await host.must(['sv', 'stop', 'ollama']);
    const stopped = await recordedState(host, 'down-runit', checks);
    expect(row(stopped, 'ollama-service')).toMatchObject({
      code: 'not-running',
      instructions: ['sudo sv start ollama'],
    });
    await host.must([
      'sh',
      '-c',
      'sv exit ollama; rm -r /etc/service/ollama /etc/sv/ollama; kill $(pidof runsvdir)',
    ]);
    await until(host, gone);
  });

  test('OpenRC, supervised: a line without export is ignored and named', async () => {
    await host.write(
      '/etc/init.d/ollama',
      '#!/sbin/openrc-run\nsupervisor=supervise-daemon\ncommand=/usr/local/bin/ollama\ncommand_args=serve\n',
      0o755,
    );
    await host.write('/etc/conf.d/ollama', 'OLLAMA_HOST=0.0.0.0\n');
    const folders =
      'starting started stopping inactive wasinactive failed hotplugged daemons options exclusive';
    const boot = `cd /run && mkdir -p openrc && cd openrc && mkdir -p ${folders} scheduled tmp && touch softlevel deptree`;
    await host.must(['sh', '-c', boot]);
    await host.sh('rc-service --nodeps ollama start');
    await until(host, listens);
    const report = await recordedState(host, 'starter-openrc', checks);
    expect(row(report, 'ollama-service').summary).toMatch(
      /^ollama is running \(PID \d+\), started by OpenRC$/u,
    );
    expect(report.checks).toContainEqual(
      expect.objectContaining({
        code: 'config-ignored',
        status: 'fail',
        summary:
          '/etc/conf.d/ollama:1 is ignored: OLLAMA_HOST is set there and not exported, so the server never gets it',
      }),
    );
    expect(row(report, 'bind-address').recipe).toBe('bind-all-interfaces');
    await host.sh('rc-service --nodeps ollama stop');
    await until(host, gone);
    await host.must(['rm', '/etc/init.d/ollama']);
  });

  test('a Podman quadlet: the line that publishes is named, and the words typed work', async () => {
    const file = '/etc/containers/systemd/ollama.container';
    await host.must(['podman', 'import', imageTarball, 'ollama:1'], { timeoutMs: 120_000 });
    await host.write(
      file,
      `[Container]\nImage=localhost/ollama:1\nContainerName=ollama\nPublishPort=127.0.0.1:11434:11434\nEnvironment=OLLAMA_HOST=0.0.0.0:11434\nVolume=/usr/local:/usr/local:ro\nExec=/usr/local/bin/ollama serve\n[Install]\nWantedBy=multi-user.target\n`,
    );
    await host.must(['sh', '-c', 'systemctl daemon-reload; systemctl start ollama'], { timeoutMs: 120_000 });
    await until(host, 'curl -sf http://127.0.0.1:11434/ >/dev/null');
    const { report, words } = await look('starter-quadlet');
    expect(row(report, 'ollama-service').summary).toMatch(
      /^ollama\.service is running \(PID \d+\), started by systemd, from a Podman quadlet, starts at boot$/u,
    );
    expect(row(report, 'bind-address')).toMatchObject({
      code: 'bind-loopback',
      evidence: [
        { source: 'listening sockets', text: expect.stringContaining('127.0.0.1:11434 conmon') as string },
        { source: `${file}:4`, text: 'PublishPort=127.0.0.1:11434:11434' },
      ],
    });
    expect(words[0]).toContain(`is made from ${file}`);
    expect(words.slice(1, 4)).toEqual([
      `in ${file}, section [Container]: PublishPort=11434:11434, and no OLLAMA_HOST but 0.0.0.0:11434`,
      'sudo systemctl daemon-reload',
      'sudo systemctl restart ollama.service',
    ]);
    await host.must(['sed', '-i', '4s/.*/PublishPort=11434:11434/', file]);
    await host.must(['sh', '-c', 'systemctl daemon-reload; systemctl restart ollama.service'], {
      timeoutMs: 120_000,
    });
    await until(host, everywhere);
    await host.must(['systemctl', 'stop', 'ollama']);
    const stopped = await recordedState(host, 'down-quadlet', checks);
    expect(row(stopped, 'ollama-service')).toMatchObject({
      code: 'not-running',
      instructions: ['sudo systemctl start ollama.service'],
    });
    await host.must(['sh', '-c', `rm ${file}; systemctl daemon-reload`]);
    await until(host, gone);
  });
});

describe('a server by the unit of a package', () => {
  const words =
    'ExecStart=/usr/local/bin/ollama serve\nUser=ollama\nGroup=ollama\nEnvironment="HOME=/var/lib/ollama"';

  /** Units as the packages write them, cut to what decides; files of the configuration beside them. */
  const packages = {
    'package-arch': {
      unit: 'ollama.service',
      text: `[Service]\nType=exec\n${words} "OLLAMA_MODELS=/var/lib/ollama"\nWorkingDirectory=/var/lib/ollama\nRestart=on-failure\nProtectHome=yes\nPrivateTmp=yes\n`,
      sysconfig: '',
    },
    'package-opensuse': {
      unit: 'ollama.service',
      text: `[Service]\n${words}\nEnvironmentFile=-/etc/sysconfig/ollama\nRestart=always\nRestartSec=3\n`,
      sysconfig: '## Type: string\nOLLAMA_HOST="127.0.0.1:11434"\n',
    },
    'package-copr': { unit: 'ollamad.service', text: `[Service]\n${words}\nRestart=always\n`, sysconfig: '' },
  };

  /** Installs one of them, runs a piece of a test, and takes it away again. */
  async function withPackage(
    name: keyof typeof packages,
    then: (unit: string) => Promise<void>,
  ): Promise<void> {
    const { unit: service, text, sysconfig } = packages[name];
    const file = `/usr/lib/systemd/system/${service}`;
    await host.write(file, `${text}[Install]\nWantedBy=multi-user.target\n`);
    await host.write('/etc/sysconfig/ollama', sysconfig);
    await host.must(['install', '-d', '-o', 'ollama', '-g', 'ollama', '/var/lib/ollama']);
    await host.must(['sh', '-c', `systemctl daemon-reload; systemctl start ${service}`]);
    await until(host, listens);
    await then(service);
    await host.must([
      'sh',
      '-c',
      `systemctl stop ${service}; rm ${file} /etc/sysconfig/ollama; systemctl daemon-reload`,
    ]);
    await until(host, gone);
  }

  test('Arch: found, and a recipe is there', () =>
    withPackage('package-arch', async () => {
      const seen = await recordedState(host, 'package-arch', checks);
      expect(row(seen, 'ollama-service').summary).toMatch(/^ollama\.service is running \(PID \d+\)/u);
      expect(row(seen, 'bind-address')).toMatchObject({
        code: 'bind-loopback',
        recipe: 'bind-all-interfaces',
      });
    }));

  test.each([
    ['package-opensuse', { source: '/etc/sysconfig/ollama:2', text: 'OLLAMA_HOST="127.0.0.1:11434"' }],
    [
      'package-copr',
      {
        source: '/usr/lib/systemd/system/ollamad.service',
        text: 'OLLAMA_HOST is not set: 127.0.0.1:11434 is the default',
      },
    ],
  ] as const)('%s: opened to the container alone where it is in force, and taken back', (name, told) =>
    withPackage(name, async (service) => {
      const before = await host.snapshotEtc();
      const seen = await recordedState(host, name, checks);
      expect(row(seen, 'ollama-service').summary).toContain(`${service} is running (PID `);
      expect(row(seen, 'bind-address').evidence).toContainEqual(told);
      const fixed = await host.doctor(['--json', '--fix', '--yes', '--timeout', '60000']);
      expect((JSON.parse(fixed.stdout) as Report).fixes).toMatchObject([
        { recipe: 'bind-all-interfaces', status: 'verified' },
      ]);
      expect(await host.docker.get('web', 'http://host.docker.internal:11434/')).toMatchObject({
        outcome: 'answered',
      });
      expect(await host.public.connectAll(11_434)).toEqual(['timeout', 'timeout', 'timeout']);
      expect((await host.doctor(['undo'])).exitCode).toBe(0);
      expect(await host.snapshotEtc()).toEqual(before);
    }),
  );
});
