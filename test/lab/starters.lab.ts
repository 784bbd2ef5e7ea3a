import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import { bootHost, type LabHost, prepareLab } from './host/index.ts';
import { installOllama } from './scenarios/ollama-service.ts';
import { recordedState, somebodysSecret } from './scenarios/recorded-state.ts';

const unit = '/etc/systemd/system/ollama.service';
const address = '192.0.2.10';
const asDora =
  'setpriv --reuid=dora --regid=dora --init-groups env HOME=/home/dora XDG_RUNTIME_DIR=/run/user/$(id -u dora)';
/** A minute: a machine that does much else besides must cut nothing off. */
const checks = ['--only', 'ollama-service,bind-address,port-owner', '--timeout', '60000'];

let host: LabHost;

beforeAll(async () => {
  await prepareLab(['starters']);
  host = await bootHost({
    name: 'starters',
    layer: 'starters',
    setup: async (disk) => {
      await installOllama(disk, {
        serviceLines: [`Environment=HF_TOKEN=${somebodysSecret}`, 'EnvironmentFile=-/etc/sysconfig/ollama'],
        enabled: false,
      });
      await disk.write('/etc/insserv.conf', '');
    },
  });
  await host.docker.runContainer({
    name: 'web',
    image: 'app:1',
    env: { OLLAMA_URL: 'http://host.docker.internal:11434' },
    extraHosts: ['host.docker.internal:host-gateway'],
  });
});

afterAll(() => host?.stop());

const row = (report: Report, id: string): Report['checks'][number] => {
  const found = report.checks.find((check) => check.id === id);
  if (!found) throw new Error(`no row of ${id}: ${JSON.stringify(report)}`);
  return found;
};

async function until(script: string): Promise<void> {
  await host.must(['sh', '-c', `for i in $(seq 200); do ${script} && exit 0; sleep 0.2; done; exit 1`]);
}

const listens = `ss -Hltn 'sport = :11434' | grep -q .`;
const gone = `! ss -Hltn 'sport = :11434' | grep -q .`;
const everywhere = `curl -sf http://${address}:11434/ >/dev/null`;

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
    await until('systemctl --user --machine=dora@.host daemon-reload');
    await host.must(['systemctl', '--user', '--machine=dora@.host', 'enable', '--now', 'ollama']);
    await until(listens);
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
    await until(everywhere);
    await host.must(['systemctl', '--user', '--machine=dora@.host', 'disable', '--now', 'ollama']);
    await host.must(['rm', '-r', '/home/dora/.config/systemd']);
    await until(gone);
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
    await until(listens);
    const { report, words } = await look(`starter-${name}`);
    expect(row(report, 'ollama-service').summary).toMatch(started);
    expect(row(report, 'bind-address').code).toBe('bind-loopback');
    const [reason = '', ...typed] = words;
    expect(reason).toContain('Ollama was started by hand');
    const pid = /kill (\d+)/u.exec(typed[0] ?? '')?.[1] ?? '';
    await host.must(['kill', pid]);
    await until(gone);
    await host.must(['sh', '-c', '(OLLAMA_HOST=0.0.0.0:11434 ollama serve >/dev/null 2>&1 &)']);
    await until(everywhere);
    await host.must(['sh', '-c', 'kill $(pidof -x ollama)']);
    await until(gone);
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
    await until(listens);
    const { report, words } = await look('starter-runit');
    expect(row(report, 'ollama-service').summary).toMatch(
      /^ollama is running \(PID \d+\), started by runit$/u,
    );
    expect(words).toContain(`change line 2 of ${run} to: export OLLAMA_HOST=0.0.0.0:11434`);
    expect(words).toContain('sudo sv restart ollama');
    await host.must(['sed', '-i', '2s/.*/export OLLAMA_HOST=0.0.0.0:11434/', run]);
    await host.must(['sv', 'restart', 'ollama']);
    await until(everywhere);
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
    await until(gone);
  });

  test('OpenRC, supervised: a line without export is ignored and named; the words typed work', async () => {
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
    await until(listens);
    const { report, words } = await look('starter-openrc');
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
    expect(words).toContain('add to /etc/conf.d/ollama: export OLLAMA_HOST=0.0.0.0:11434');
    expect(words).toContain('sudo rc-service ollama restart');
    await host.must(['sh', '-c', 'echo export OLLAMA_HOST=0.0.0.0:11434 >>/etc/conf.d/ollama']);
    await host.sh('rc-service --nodeps ollama restart');
    await until(everywhere);
    await host.sh('rc-service --nodeps ollama stop');
    await until(gone);
    await host.must(['rm', '/etc/init.d/ollama']);
  });
});

describe('a service that is down, and why', () => {
  beforeAll(async () => {
    await host.must(['mv', '/root/ollama.service', unit]);
    await host.must(['systemctl', 'daemon-reload']);
  });

  /** Starts the service with these lines more, and waits until its log has the word. */
  async function startWith(lines: string, word: RegExp): Promise<void> {
    await host.write(`${unit}.d/10-test.conf`, `[Service]\nRestartSec=1s\n${lines}\n`);
    await host.must([
      'sh',
      '-c',
      'systemctl daemon-reload; systemctl reset-failed ollama 2>/dev/null; systemctl start ollama; true',
    ]);
    await until(`journalctl -q -u ollama --since -30s -o cat | grep -qE '${word.source}'`);
  }

  async function stop(): Promise<void> {
    await host.must([
      'sh',
      '-c',
      `systemctl stop ollama; rm -rf ${unit}.d; systemctl daemon-reload; systemctl reset-failed ollama 2>/dev/null; journalctl --rotate -q; journalctl --vacuum-time=1s -q; true`,
    ]);
    await until(gone);
  }

  test('stopped and not enabled; masked', async () => {
    const stopped = await recordedState(host, 'down-stopped', checks);
    expect(row(stopped, 'ollama-service')).toMatchObject({
      code: 'not-running',
      recipe: 'start-service',
      summary: 'ollama.service is stopped, and not set to start at boot: nothing can answer',
    });
    await host.must(['sh', '-c', `mv ${unit} /root/; systemctl daemon-reload; systemctl mask ollama`]);
    const masked = await recordedState(host, 'down-masked', checks);
    expect(row(masked, 'ollama-service')).toMatchObject({
      code: 'not-running',
      instructions: ['sudo systemctl unmask ollama.service', 'sudo systemctl start ollama.service'],
    });
    await host.must([
      'sh',
      '-c',
      `systemctl unmask ollama; mv /root/ollama.service ${unit}; systemctl daemon-reload`,
    ]);
  });

  test.each<[string, string, RegExp, string]>([
    [
      'bad-origins',
      'Environment=OLLAMA_ORIGINS=192.168.1.5',
      /bad origin/u,
      'has "192.168.1.5", which ends it at once',
    ],
    [
      'models',
      'Environment=OLLAMA_MODELS=/srv/models',
      /mkdir .srv/u,
      'its user may not write to the models folder /srv/models',
    ],
    [
      'home',
      'Environment=HOME=/var/lib/nowhere',
      /could not create/u,
      'its user may not write to /var/lib/nowhere',
    ],
    ['address', 'Environment=OLLAMA_HOST=10.9.9.9', /cannot assign/u, 'which is no address of this host now'],
    [
      'binary',
      'ExecStart=\nExecStart=/usr/local/bin/olama serve',
      /olama/u,
      '/usr/local/bin/olama is not there',
    ],
    ['user', 'User=olama', /USER|credentials/u, 'the user that it should run as is not there'],
  ])('%s', async (name, lines, word, said) => {
    await startWith(lines, word);
    const report = await recordedState(host, `down-${name}`, checks);
    expect(row(report, 'ollama-service')).toMatchObject({ status: 'fail', code: 'crash-loop' });
    expect(row(report, 'ollama-service').summary).toContain(said);
    expect(row(report, 'ollama-service').instructions.length).toBeGreaterThan(1);
    await stop();
  });

  test('another program has the port: named, also after systemd gave up; free again, it is started', async () => {
    await host.must([
      'sh',
      '-c',
      'setsid python3 -m http.server 11434 >/dev/null 2>&1 & echo $! >/run/page.pid',
    ]);
    await until(listens);
    await startWith('RestartSec=100ms\n[Unit]\nStartLimitBurst=3', /repeated too quickly/u);
    const report = await recordedState(host, 'down-port-taken', checks);
    expect(report.causes.map(({ code }) => code)).toEqual(['port-conflict']);
    expect(row(report, 'ollama-service').summary).toMatch(/its port 11434 is taken by python3 \(PID \d+\)/u);
    await host.must(['sh', '-c', 'kill $(cat /run/page.pid)']);
    await until(gone);
    const over = await recordedState(host, 'down-port-free-again', checks);
    expect(row(over, 'ollama-service')).toMatchObject({ code: 'not-running', recipe: 'start-service' });
    await stop();
  });

  test('kept out by an Ollama that somebody started', async () => {
    await host.must(['sh', '-c', '(nohup ollama serve >/dev/null 2>&1 &)']);
    await until(listens);
    await startWith('', /already in use/u);
    const report = await recordedState(host, 'down-kept-out', checks);
    expect(row(report, 'port-owner')).toMatchObject({ status: 'fail', code: 'port-conflict' });
    expect(row(report, 'port-owner').summary).toMatch(/an Ollama of root's, started by hand, with nohup/u);
    await host.must(['sh', '-c', 'systemctl stop ollama; kill $(pidof -x ollama)']);
    await stop();
  });
});

describe('a service that runs, and was told something else', () => {
  async function running(dropIn: string): Promise<void> {
    await host.write(`${unit}.d/10-test.conf`, dropIn);
    await host.must(['sh', '-c', 'systemctl daemon-reload; systemctl restart ollama']);
    await until(`ss -Hltn | grep -qE ':(11434|80)\\b'`);
  }

  const said = (report: Report, code: string): string[] =>
    report.checks
      .filter((check) => check.code === code && check.status === 'fail')
      .map(({ summary }) => summary);

  test('typographic quotes, and a line outside of a section: ignored, with the warning of systemd', async () => {
    await host.write(`${unit}.d/20-no-section.conf`, 'Environment="OLLAMA_HOST=0.0.0.0:11434"\n');
    await running('[Service]\nEnvironment=“OLLAMA_HOST=0.0.0.0:11434”\n');
    const report = await recordedState(host, 'told-ignored', checks);
    expect(said(report, 'config-ignored')).toEqual([
      `${unit}.d/10-test.conf:2 is ignored: Invalid environment assignment, ignoring: “OLLAMA_HOST=0.0.0.0:11434”`,
      `${unit}.d/20-no-section.conf:1 is ignored: Assignment outside of section. Ignoring.`,
    ]);
    const journal = await host.must(['journalctl', '-q', '-o', 'cat', '--no-pager']);
    expect(journal).toContain('Invalid environment assignment, ignoring: “OLLAMA_HOST=0.0.0.0:11434”');
    expect(journal).toContain('Assignment outside of section. Ignoring.');
    await host.must(['rm', `${unit}.d/20-no-section.conf`]);
  });

  test('a file beats a drop-in: loser and winner are shown', async () => {
    await host.write('/etc/sysconfig/ollama', 'OLLAMA_HOST=127.0.0.1:11434\n');
    await running('[Service]\nEnvironment=OTHER=1 OLLAMA_HOST=0.0.0.0:11434 "MORE=a b"\n');
    const report = await recordedState(host, 'told-overridden', checks);
    expect(said(report, 'config-overridden')).toEqual([
      `${unit}.d/10-test.conf:2 (0.0.0.0:11434) loses to /etc/sysconfig/ollama:1 (127.0.0.1:11434)`,
    ]);
    await host.must(['rm', '/etc/sysconfig/ollama']);
  });

  test('edited and not reloaded, then not restarted', async () => {
    await running('[Service]\nEnvironment=OLLAMA_HOST=127.0.0.1\n');
    await host.write(`${unit}.d/20-later.conf`, '[Service]\nEnvironment=\nEnvironment=OLLAMA_HOST=0.0.0.0\n');
    const since = `${unit}.d/20-later.conf:3 says 0.0.0.0, and the running server has 127.0.0.1: it was`;
    const edited = await recordedState(host, 'told-not-reloaded', checks);
    expect(said(edited, 'config-ignored')).toEqual([
      `${since} neither reloaded nor restarted since that was written`,
    ]);
    await host.must(['systemctl', 'daemon-reload']);
    const reloaded = await recordedState(host, 'told-not-restarted', checks);
    expect(said(reloaded, 'config-ignored')).toEqual([`${since} not restarted since that was written`]);
    await host.must(['rm', `${unit}.d/20-later.conf`]);
  });

  test('http:// and no port: port 80, which its user may not have; the port that was meant is set, and undone', async () => {
    await host.write(
      `${unit}.d/10-test.conf`,
      '[Service]\nRestartSec=1s\nEnvironment=OLLAMA_HOST=http://0.0.0.0\n',
    );
    await host.must(['sh', '-c', 'systemctl daemon-reload; systemctl restart ollama']);
    await until(
      `journalctl -q -u ollama --since -20s -o cat | grep -q 'bind: permission denied' || curl -sf localhost:80`,
    );
    const report = await recordedState(host, 'down-low-port', checks);
    expect(report.causes.map(({ code, recipe }) => [code, recipe])).toEqual([['crash-loop', 'set-port']]);
    expect(row(report, 'ollama-service').summary).toContain('means port 80');
    const before = await host.snapshotEtc();
    const { stdout, exitCode } = await host.doctor(['--json', '--fix', '--yes', '--timeout', '60000']);
    const fixed = JSON.parse(stdout) as Report;
    expect(fixed.fixes.map((fix) => [fix.recipe, fix.status])).toEqual([['set-port', 'verified']]);
    expect(exitCode).toBe(0);
    expect(await host.docker.get('web', 'http://host.docker.internal:11434/')).toMatchObject({
      outcome: 'answered',
    });
    expect(await host.public.connectAll(11_434)).toEqual(['timeout', 'timeout', 'timeout']);
    expect((await host.doctor(['undo'])).exitCode).toBe(0);
    expect(await host.snapshotEtc()).toEqual(before);
  });
});
