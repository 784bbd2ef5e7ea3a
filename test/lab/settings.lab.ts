import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import { bootHost, type LabHost, prepareLab } from './host/index.ts';
import { installOllama } from './scenarios/ollama-service.ts';

/** Recipes about what Ollama is told, one host after another: mended, proved, lasting, and undone to the byte. */

const unit = '/etc/systemd/system/ollama.service';
let host: LabHost;

beforeAll(async () => {
  await prepareLab(['starters']);
  host = await bootHost({
    name: 'settings',
    layer: 'starters',
    setup: async (disk) => {
      await installOllama(disk, { serviceLines: ['EnvironmentFile=-/etc/sysconfig/ollama'] });
      await disk.write('/etc/insserv.conf', '');
      await disk.write('/etc/sudoers.d/dora', 'dora ALL=(ALL) NOPASSWD: ALL\n', 0o440);
    },
  });
  await host.docker.runContainer({
    name: 'web',
    image: 'app:1',
    env: { OLLAMA_URL: 'http://host.docker.internal:11434' },
    extraHosts: ['host.docker.internal:host-gateway'],
    restart: 'always',
  });
});

afterAll(() => host?.stop());

/** The doctor as dora runs it with sudo; a minute, as the machine may do much else besides. */
async function sudo(...args: string[]): Promise<Report & { exitCode: number }> {
  const doctor = ['node', '/opt/ollama-doctor/bin/ollama-doctor.js', '--json', '--timeout', '60000', ...args];
  const { stdout, stderr, exitCode } = await host.exec(['sudo', '-n', ...doctor], {
    user: 'dora',
    timeoutMs: 240_000,
  });
  if (stdout === '') throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Report), exitCode };
}

async function undo(): Promise<void> {
  const words = ['sudo', '-n', 'node', '/opt/ollama-doctor/bin/ollama-doctor.js', 'undo'];
  const { exitCode, stdout, stderr } = await host.exec(words, { user: 'dora', timeoutMs: 240_000 });
  expect(`${exitCode} ${stdout}${stderr}`).toMatch(/^0 /u);
}

async function until(script: string): Promise<void> {
  await host.must(['sh', '-c', `for i in $(seq 200); do ${script} && exit 0; sleep 0.2; done; exit 1`]);
}

const listens = `ss -Hltn 'sport = :11434' | grep -q .`;
const gone = `! ss -Hltn 'sport = :11434' | grep -q .`;
const fixes = (report: Report): string[][] => report.fixes.map(({ recipe, status }) => [recipe, status]);
const webAsks = async (): Promise<string> =>
  (await host.docker.get('web', 'http://host.docker.internal:11434/')).outcome;
const everybodyElse = ['timeout', 'timeout', 'timeout'];

/** Every file of dora's below .config with its owner, mode and content. */
const ofDora = (): Promise<string> =>
  host.must([
    'sh',
    '-c',
    "cd /home/dora && find .config -printf '%p %u:%g %m\\n' -type f -exec sha256sum {} + | sort",
  ]);

test("a user's own unit: a drop-in of that user's, with the port closed ahead of it, enabled, also after a reboot", async () => {
  await host.must(['systemctl', 'disable', '--now', 'ollama']);
  await host.must(['mv', unit, '/root/ollama.service']);
  await host.must(['systemctl', 'daemon-reload']);
  await host.write(
    '/home/dora/.config/systemd/user/ollama.service',
    '[Service]\nExecStart=/usr/local/bin/ollama serve\nRestart=always\n[Install]\nWantedBy=default.target\n',
  );
  await host.must(['sh', '-c', 'chown -R dora: /home/dora/.config; loginctl enable-linger dora']);
  await until('systemctl --user --machine=dora@.host daemon-reload');
  await host.must(['systemctl', '--user', '--machine=dora@.host', 'start', 'ollama']);
  await until(listens);
  const before = [await host.snapshotEtc(), await ofDora()];
  const fixed = await sudo('--fix', '--yes');
  expect([fixed.exitCode, fixes(fixed)]).toEqual([0, [['bind-all-interfaces', 'verified']]]);
  const own = '/home/dora/.config/systemd/user/ollama.service.d';
  expect(await host.must(['stat', '-c', '%U:%G', own, `${own}/zz-ollama-doctor.conf`])).toBe(
    'dora:dora\ndora:dora\n',
  );
  expect(await webAsks()).toBe('answered');
  const enabled = await sudo('--only', 'persistence', '--fix', '--yes', '--fix-only', 'enable-service');
  expect(fixes(enabled)).toEqual([['enable-service', 'verified']]);

  await host.reboot();
  await until(listens);
  await until('docker exec web true');
  expect(await webAsks()).toBe('answered');
  expect(await host.public.connectAll(11_434)).toEqual(everybodyElse);
  expect((await sudo()).status).toBe('healthy');

  // Without the guard it does not start.
  await host.must(['systemctl', 'stop', 'ollama-doctor-guard']);
  await host.sh('systemctl --user --machine=dora@.host restart ollama');
  expect((await host.sh(listens)).exitCode).not.toBe(0);
  await host.must(['systemctl', 'start', 'ollama-doctor-guard']);
  await until(listens);

  await undo();
  await undo();
  expect([await host.snapshotEtc(), await ofDora()]).toEqual(before);
  await until(listens);
  expect((await host.rules()).nft).not.toContain('ollama_doctor');
  await host.must(['systemctl', '--user', '--machine=dora@.host', 'disable', '--now', 'ollama']);
  await host.must(['rm', '-r', '/home/dora/.config/systemd']);
  await until(gone);
  await host.must(['mv', '/root/ollama.service', unit]);
  await host.must(['systemctl', 'daemon-reload']);
  await host.must(['systemctl', 'enable', '--now', 'ollama']);
});

test('a page is let in, exactly that one; what /etc/sysconfig says is changed there; undone', async () => {
  await host.write('/etc/sysconfig/ollama', 'OLLAMA_ORIGINS="http://a.lan"\n');
  await host.must(['systemctl', 'restart', 'ollama']);
  await until(listens);
  const before = await host.snapshotEtc();
  const page = 'http://chat.lan:3000';
  const told = await sudo('--only', 'ollama-api', '--origin', page);
  expect(told.causes).toMatchObject([{ code: 'forbidden-origin', recipe: 'allow-origin' }]);
  const fixed = await sudo('--only', 'ollama-api', '--origin', page, '--fix', '--yes');
  expect([fixed.exitCode, fixes(fixed)]).toEqual([0, [['allow-origin', 'verified']]]);
  expect(await host.read('/etc/sysconfig/ollama')).toBe(`OLLAMA_ORIGINS="http://a.lan,${page}"\n`);
  const status = (origin: string): Promise<string> =>
    host.must([
      'curl',
      '-s',
      '-o/dev/null',
      '-w%{http_code}',
      '-H',
      `Origin: ${origin}`,
      'http://127.0.0.1:11434/api/version',
    ]);
  expect(await Promise.all([page, 'http://a.lan', 'http://chat.lan:3001'].map(status))).toEqual([
    '200',
    '200',
    '403',
  ]);
  await undo();
  expect(await host.snapshotEtc()).toEqual(before);
  await until(listens);
  expect(await status(page)).toBe('403');
  await host.must(['rm', '/etc/sysconfig/ollama']);
});

test('an origin that ends the server is written as it was meant; undone, it ends again', async () => {
  await host.write(
    `${unit}.d/10-test.conf`,
    '[Service]\nRestartSec=1s\nEnvironment=OLLAMA_ORIGINS=192.168.1.5\n',
  );
  await host.must(['systemctl', 'daemon-reload']);
  await host.must(['systemctl', 'restart', 'ollama']);
  await until(`journalctl -q -u ollama -o cat | grep -q 'bad origin'`);
  const before = await host.snapshotEtc();
  const checks = ['--only', 'ollama-service,ollama-api'];
  const fixed = await sudo(...checks, '--fix', '--yes');
  expect([fixed.exitCode, fixes(fixed)]).toEqual([0, [['mend-origins', 'verified']]]);
  await until(listens);
  await undo();
  expect(await host.snapshotEtc()).toEqual(before);
  await until(gone);
  expect((await sudo(...checks)).causes).toMatchObject([{ code: 'crash-loop', recipe: 'mend-origins' }]);
  await host.must(['rm', '-r', `${unit}.d`]);
  await host.must(['systemctl', 'daemon-reload']);
  await host.must(['systemctl', 'restart', 'ollama']);
  await until(listens);
});

test('a service that a container uses and that is not enabled: warned of, enabled by name, undone; stopped, it is started', async () => {
  await host.write('/etc/sysconfig/ollama', 'OLLAMA_HOST=0.0.0.0\n');
  await host.must(['systemctl', 'disable', 'ollama']);
  await host.must(['systemctl', 'restart', 'ollama']);
  await until(listens);
  const before = await host.snapshotEtc();
  const checks = ['--only', 'ollama-service,container-reach,persistence'];
  const told = await sudo(...checks);
  const lasting = (report: Report): Report['checks'][number] | undefined =>
    report.checks.find(({ id, code }) => id === 'persistence' && code === 'not-persistent');
  expect([told.status, lasting(told)]).toMatchObject(['healthy', { recipe: 'enable-service' }]);
  expect(lasting(told)?.summary).toContain('ollama.service, which does not start at boot');
  const fixed = await sudo(...checks, '--fix-only', 'enable-service', '--fix', '--yes');
  expect(fixes(fixed)).toEqual([['enable-service', 'verified']]);
  expect(lasting(fixed)?.recipe).not.toBe('enable-service');
  expect((await host.exec(['systemctl', 'is-enabled', 'ollama'])).stdout).toBe('enabled\n');
  await undo();
  expect(await host.snapshotEtc()).toEqual(before);

  await host.must(['systemctl', 'stop', 'ollama']);
  const started = await sudo('--fix', '--yes', '--fix-only', 'start-service');
  expect(fixes(started)).toEqual([['start-service', 'verified']]);
  expect(lasting(started)?.instructions).toContain('sudo systemctl enable ollama.service');
  expect(started.checks.filter(({ code }) => code === 'not-persistent')).toHaveLength(1);
  await undo();
  await until(gone);
  expect(await host.snapshotEtc()).toEqual(before);
  await host.must(['rm', '/etc/sysconfig/ollama']);
  await host.must(['systemctl', 'enable', '--now', 'ollama']);
  await until(listens);
});

test('OpenRC: the line in conf.d, and a service ahead of Ollama that closes the port; undone to the byte', async () => {
  await host.must(['systemctl', 'disable', '--now', 'ollama']);
  await host.must(['mv', unit, '/root/ollama.service']);
  await host.must(['systemctl', 'daemon-reload']);
  await host.write(
    '/etc/init.d/ollama',
    '#!/sbin/openrc-run\nsupervisor=supervise-daemon\ncommand=/usr/local/bin/ollama\ncommand_args=serve\n',
    0o755,
  );
  await host.write('/etc/conf.d/ollama', '# mine\nOLLAMA_HOST=0.0.0.0\n');
  const folders =
    'starting started stopping inactive wasinactive failed hotplugged daemons options exclusive scheduled tmp';
  await host.must([
    'sh',
    '-c',
    `cd /run && mkdir -p openrc && cd openrc && mkdir -p ${folders} && touch softlevel`,
  ]);
  await host.sh('rc-service ollama start');
  await until(listens);
  const before = await host.snapshotEtc();
  const fixed = await sudo('--fix', '--yes');
  expect([fixed.exitCode, fixes(fixed)]).toEqual([0, [['bind-all-interfaces', 'verified']]]);
  expect(await host.read('/etc/conf.d/ollama')).toMatch(
    /^# mine\nOLLAMA_HOST=0\.0\.0\.0\nexport OLLAMA_HOST="0\.0\.0\.0:11434"\n#.*\nrc_need="ollama-doctor-guard"\n$/u,
  );
  expect(await webAsks()).toBe('answered');
  // As a boot does: nothing is there, and Ollama is started.
  await host.sh(
    'rc-service ollama stop; rc-service ollama-doctor-guard zap; nft delete table inet ollama_doctor',
  );
  await until(gone);
  await host.sh('rc-service ollama start');
  await until(listens);
  expect((await host.rules()).nft).toContain('ollama_doctor');
  expect(await host.public.connect('192.0.2.10', 11_434)).toBe('timeout');
  await undo();
  expect(await host.snapshotEtc()).toEqual(before);
  expect((await host.rules()).nft).not.toContain('ollama_doctor');
  await until(listens);
  expect((await sudo('--only', 'bind-address')).causes).toMatchObject([{ code: 'bind-loopback' }]);
});
