import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import type { LabHost } from './host/index.ts';
import { recordedState } from './scenarios/recorded-state.ts';
import { checks, gone, listens, row, startersHost, unit, until } from './scenarios/starters.ts';

let host: LabHost;
beforeAll(async () => {
  host = await startersHost('service-down');
  // A program that wants a library which is not there.
  await host.must([
    'sh',
    '-c',
    "sed 's/libtinfo[.]so[.]6/libnowhere.so/' /usr/bin/tmux >/usr/local/bin/linked && chmod 755 /usr/local/bin/linked",
  ]);
});
afterAll(() => host?.stop());

describe('a service that is down, and why', () => {
  /** Starts the service with these lines more, and waits until its log has the word. */
  async function startWith(lines: string, word: RegExp): Promise<void> {
    await host.write(`${unit}.d/10-test.conf`, `[Service]\nRestartSec=1s\n${lines}\n`);
    await host.must([
      'sh',
      '-c',
      'systemctl daemon-reload; systemctl reset-failed ollama 2>/dev/null; systemctl start ollama; true',
    ]);
    await until(host, `journalctl -q -u ollama --since -30s -o cat | grep -qE '${word.source}'`);
  }

  async function stop(): Promise<void> {
    await host.must([
      'sh',
      '-c',
      `systemctl stop ollama; rm -rf ${unit}.d; systemctl daemon-reload; systemctl reset-failed ollama 2>/dev/null; journalctl --rotate -q; journalctl --vacuum-time=1s -q; true`,
    ]);
    await until(host, gone);
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
    [
      'port-443',
      'Environment=OLLAMA_HOST=0.0.0.0:443',
      /bind: permission denied/u,
      'it may not listen on port 443: only root may below 1024',
    ],
    [
      'killed',
      'ExecStartPost=/bin/sh -c "kill -KILL $MAINPID"',
      /status=9.KILL/u,
      'something kills it (SIGKILL); most often that is the kernel when memory runs out',
    ],
    // A program written in Go as Ollama is, in its place: what the language's runtime says when it gets no memory.
    [
      'memory',
      'LimitAS=60M\nExecStart=\nExecStart=/usr/bin/docker version',
      /fatal error/u,
      'it asked for memory and got none: a limit on it',
    ],
    [
      'library',
      'ExecStart=\nExecStart=/usr/local/bin/linked serve',
      /shared libraries/u,
      'the library libnowhere.so is missing',
    ],
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
    await until(host, listens);
    await startWith('RestartSec=100ms\n[Unit]\nStartLimitBurst=3', /repeated too quickly/u);
    const report = await recordedState(host, 'down-port-taken', checks);
    expect(report.causes.map(({ code }) => code)).toEqual(['port-conflict']);
    expect(row(report, 'ollama-service').summary).toMatch(/its port 11434 is taken by python3 \(PID \d+\)/u);
    await host.must(['sh', '-c', 'kill $(cat /run/page.pid)']);
    await until(host, gone);
    const over = await recordedState(host, 'down-port-free-again', checks);
    expect(row(over, 'ollama-service')).toMatchObject({ code: 'not-running', recipe: 'start-service' });
    await stop();
  });

  test('kept out by an Ollama that somebody started', async () => {
    await host.must(['sh', '-c', '(nohup ollama serve >/dev/null 2>&1 &)']);
    await until(host, listens);
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
    await until(host, `ss -Hltn | grep -qE ':(11434|80)\\b'`);
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
      host,
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
