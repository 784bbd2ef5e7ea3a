import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import { prepareLab } from './host/index.ts';
import { type EngineName, type RuntimesHost, runtimesHost } from './scenarios/runtimes.ts';

const toHost = 'http://host.docker.internal:11434';
const toHostInPodman = 'http://host.containers.internal:11434';
const localhost = 'http://localhost:11434';
const lan = 'http://192.0.2.10:11434';
const withName = ['--add-host', 'host.docker.internal:host-gateway'];

/** One container of each way to be connected: its engine, how it is started, its URL, and what is wrong there. */
interface Plan {
  engine: EngineName;
  options: string[];
  url: string;
  /** The code of its cause while Ollama listens on loopback; undefined where that works. */
  onLoopback?: string;
  /** The same while Ollama listens on all interfaces. */
  onAll?: string;
}

const plans: Record<string, Plan> = {
  'docker-default': { engine: 'docker', options: withName, url: toHost, onLoopback: 'bind-loopback' },
  'docker-own': {
    engine: 'docker',
    options: ['--network', 'own', ...withName],
    url: toHost,
    onLoopback: 'bind-loopback',
  },
  'docker-compose': {
    engine: 'docker',
    options: [
      '--network',
      'own',
      '--label',
      'com.docker.compose.project=ai',
      '--label',
      'com.docker.compose.service=web',
      '--label',
      'com.docker.compose.project.config_files=/srv/ai/compose.yml',
    ],
    url: toHost,
    onLoopback: 'bind-loopback dns-missing',
    onAll: 'dns-missing',
  },
  'docker-host': { engine: 'docker', options: ['--network', 'host'], url: localhost },
  'docker-joins-host': { engine: 'docker', options: ['--network', 'container:docker-host'], url: localhost },
  'docker-joins-own': {
    engine: 'docker',
    options: ['--network', 'container:docker-own'],
    url: localhost,
    onLoopback: 'bind-loopback url-localhost',
    onAll: 'url-localhost',
  },
  'docker-none': {
    engine: 'docker',
    options: ['--network', 'none', ...withName],
    url: toHost,
    onLoopback: 'bind-loopback route-missing',
    onAll: 'route-missing',
  },
  'docker-internal': {
    engine: 'docker',
    options: ['--network', 'inner', ...withName],
    url: toHost,
    onLoopback: 'bind-loopback route-missing',
    onAll: 'route-missing',
  },
  'docker-internal-gateway': {
    engine: 'docker',
    options: ['--network', 'inner'],
    url: 'http://172.30.0.1:11434',
    onLoopback: 'bind-loopback',
  },
  'docker-macvlan': {
    engine: 'docker',
    options: ['--network', 'lan'],
    url: lan,
    onLoopback: 'bind-loopback route-wrong',
    onAll: 'route-wrong',
  },
  'podman-default': { engine: 'podman', options: [], url: toHostInPodman, onLoopback: 'bind-loopback' },
  'podman-own': {
    engine: 'podman',
    options: ['--network', 'pown'],
    url: toHost,
    onLoopback: 'bind-loopback',
  },
  'podman-host': { engine: 'podman', options: ['--network', 'host'], url: localhost },
  'podman-none': {
    engine: 'podman',
    options: ['--network', 'none'],
    url: toHostInPodman,
    onLoopback: 'bind-loopback route-missing',
    onAll: 'route-missing',
  },
  pasta: { engine: 'rootless podman', options: [], url: toHostInPodman, onLoopback: 'bind-loopback' },
  'pasta-loopback': {
    engine: 'rootless podman',
    options: ['--network', 'pasta:--map-host-loopback,169.254.1.2'],
    url: toHostInPodman,
  },
  'pasta-copy': {
    engine: 'rootless podman',
    options: [],
    url: lan,
    onLoopback: 'bind-loopback url-localhost',
    onAll: 'url-localhost',
  },
  slirp: {
    engine: 'rootless podman',
    options: ['--network', 'slirp4netns'],
    url: toHostInPodman,
    onLoopback: 'bind-loopback',
  },
  'slirp-loopback': {
    engine: 'rootless podman',
    options: ['--network', 'slirp4netns:allow_host_loopback=true'],
    url: 'http://10.0.2.2:11434',
  },
  'slirp-shut': {
    engine: 'rootless podman',
    options: ['--network', 'slirp4netns'],
    url: 'http://10.0.2.2:11434',
    onLoopback: 'route-missing',
    onAll: 'route-missing',
  },
  'rootless-own': {
    engine: 'rootless podman',
    options: ['--network', 'rown'],
    url: toHostInPodman,
    onLoopback: 'bind-loopback',
  },
  'rootless-own-gateway': {
    engine: 'rootless podman',
    options: ['--network', 'rown'],
    url: 'http://10.99.0.1:11434',
    onLoopback: 'route-wrong',
    onAll: 'route-wrong',
  },
  'rootless-docker': {
    engine: 'rootless docker',
    options: withName,
    url: toHost,
    onLoopback: 'dns-wrong-address',
    onAll: 'dns-wrong-address',
  },
  'rootless-docker-lan': { engine: 'rootless docker', options: [], url: lan, onLoopback: 'bind-loopback' },
  'rootless-docker-host': {
    engine: 'rootless docker',
    options: ['--network', 'host'],
    url: localhost,
    onLoopback: 'bind-loopback url-localhost',
    onAll: 'url-localhost',
  },
};

describe('every runtime and network mode side by side', () => {
  let lab: RuntimesHost;
  beforeAll(async () => {
    await prepareLab(['rootless']);
    lab = await runtimesHost('runtimes');
    const { engine, run } = lab;
    await Promise.all([
      engine('docker', 'network', 'create', 'own'),
      engine('docker', 'network', 'create', '--internal', '--subnet', '172.30.0.0/24', 'inner'),
      engine(
        'docker',
        ...'network create -d macvlan --subnet 192.0.2.0/24 --gateway 192.0.2.1'.split(' '),
        ...'--ip-range 192.0.2.128/25 -o parent=eth0 lan'.split(' '),
      ),
      engine('podman', 'network', 'create', 'pown'),
      // Its name server wants a session of the user's systemd, which nobody is logged in for.
      engine('rootless podman', 'network', 'create', '--disable-dns', '--subnet', '10.99.0.0/24', 'rown'),
    ]);
    const ofEngine = async (name: EngineName): Promise<void> => {
      for (const [container, plan] of Object.entries(plans))
        if (plan.engine === name) await run(name, container, '-e', `OLLAMA_URL=${plan.url}`, ...plan.options);
    };
    await Promise.all(
      (['docker', 'podman', 'rootless podman', 'rootless docker'] as const).map((name) => ofEngine(name)),
    );
  });
  afterAll(() => lab?.host.stop());

  /** The doctor as dora runs it with sudo, given time for thirty containers on two busy cores. */
  async function report(...args: string[]): Promise<Report & { exitCode: number }> {
    const doctor = ['node', '/opt/ollama-doctor/bin/ollama-doctor.js', '--json', '--timeout', '100000'];
    const argv = ['sudo', '-n', ...doctor, ...args];
    const { stdout, stderr, exitCode } = await lab.host.exec(argv, { user: 'dora', timeoutMs: 200_000 });
    if (stdout === '') throw new Error(stderr);
    return { ...(JSON.parse(stdout) as Report), exitCode };
  }

  /** What is wrong for each container: the causes that are said to affect it. */
  const causesByContainer = (of: Report): Record<string, string> =>
    Object.fromEntries(
      Object.keys(plans).map((name) => [
        name,
        of.causes
          .filter((cause) => cause.affects.includes(`container:${name}`))
          .map((cause) => cause.code)
          .join(' '),
      ]),
    );
  const expected = (key: 'onLoopback' | 'onAll'): Record<string, string> =>
    Object.fromEntries(Object.entries(plans).map(([name, plan]) => [name, plan[key] ?? '']));
  const row = (of: Report, id: string, name: string) =>
    of.checks.find((one) => one.id === id && one.subject === `container:${name}`);

  test('all four engines are found under sudo, and told apart by what they answer', async () => {
    const seen = await report('--only', 'container-runtime');
    const [runtimes] = seen.checks.filter((one) => one.id === 'container-runtime');
    expect(runtimes?.status).toBe('pass');
    for (const words of ['docker-engine 26', 'docker-engine (rootless)', 'podman 5', 'podman (rootless)'])
      expect(runtimes?.summary).toContain(words);
  });

  test('with Ollama on loopback: each is right or wrong for its own reason', async () => {
    const seen = await report();
    expect(causesByContainer(seen)).toEqual(expected('onLoopback'));
    for (const [name, plan] of Object.entries(plans))
      expect([name, row(seen, 'container-reach', name)?.status === 'pass']).toEqual([
        name,
        plan.onLoopback === undefined,
      ]);
    const instructions = (id: string, name: string): string =>
      row(seen, id, name)?.instructions.join('\n') ?? '';
    expect(instructions('gateway-route', 'docker-internal')).toContain('ask for 172.30.0.1');
    expect(instructions('gateway-route', 'docker-macvlan')).toContain(
      'docker network connect bridge docker-macvlan',
    );
    expect(instructions('gateway-route', 'slirp-shut')).toContain('allow_host_loopback=true');
    expect(instructions('container-dns', 'rootless-docker')).toContain('DISABLE_HOST_LOOPBACK=false');
    expect(instructions('container-dns', 'docker-compose')).toContain('/srv/ai/compose.yml');
    const bind = seen.checks.find((one) => one.code === 'bind-loopback')?.instructions.join('\n');
    expect(bind).toContain('--network pasta:--map-host-loopback,169.254.1.2');
    expect(row(seen, 'gateway-route', 'pasta')?.summary).toBe("169.254.1.2 is this host's 192.0.2.10 there");
  });

  test('rootless Docker that was told to allow it reaches loopback, by the very name', async () => {
    await lab.restartRootlessDocker(true, '--host-gateway-ip', '10.0.2.2');
    await lab.engine('rootless docker', 'start', 'rootless-docker');
    const seen = await report('--container', 'rootless-docker');
    expect(seen).toMatchObject({ exitCode: 0, status: 'healthy' });
    expect(row(seen, 'container-dns', 'rootless-docker')?.summary).toBe('host.docker.internal is 10.0.2.2');
    await lab.restartRootlessDocker(false);
    for (const [name, plan] of Object.entries(plans))
      if (plan.engine === 'rootless docker') await lab.engine('rootless docker', 'start', name);
  });

  test('all ways are laid side by side, with the hop at which each ends', async () => {
    const seen = await report('--container', 'pasta');
    const ways = seen.paths.find((path) => path.from === 'container:pasta')?.ways ?? [];
    const at = (name: string) => ways.find((way) => way.name === name);
    expect(at('localhost')).toMatchObject({ works: false, outcome: 'refused', diesAt: 'client' });
    expect(at('host.docker.internal')).toMatchObject({ address: '169.254.1.2', diesAt: 'listener' });
    expect(at('gateway.docker.internal')).toMatchObject({ outcome: 'name-not-found', diesAt: 'name' });
    expect(at('docker0')).toMatchObject({ url: 'http://172.17.0.1:11434', diesAt: 'listener' });
    const copy = ways.find((way) => way.url === 'http://192.0.2.10:11434');
    expect(copy).toMatchObject({ name: 'this host', diesAt: 'client' });
    const screen = await lab.host.doctor([
      '--container',
      'docker-internal',
      '--verbose',
      '--timeout',
      '60000',
    ]);
    expect(screen.stdout).toContain('All ways from docker-internal');
    expect(screen.stdout).toMatch(/gateway of inner, 172\.30\.0\.1:11434\s+ends at the listener: refused/u);
  });

  test('the fix of the bind mends all that it was for, rootful and rootless, and nobody else gets in', async () => {
    const fixed = await report(
      '--fix',
      '--yes',
      '--container',
      'docker-own,podman-own,pasta,slirp,rootless-own',
    );
    expect(fixed.fixes.map((fix) => [fix.recipe, fix.status])).toEqual([['bind-all-interfaces', 'verified']]);
    expect(fixed.status).toBe('healthy');
    expect(await lab.host.public.connectAll(11_434)).toEqual(['timeout', 'timeout', 'timeout']);
  });

  test('a rule that drops what comes over bridges does not concern rootless containers', async () => {
    await lab.host.must('iptables -I INPUT 1 ! -i lo -p tcp --dport 11434 -j DROP'.split(' '));
    const seen = await report('--container', 'podman-own,pasta,slirp,rootless-own');
    const causes = causesByContainer(seen);
    expect([causes['podman-own'], causes['pasta'], causes['slirp'], causes['rootless-own']]).toEqual([
      'firewall-drop',
      '',
      '',
      '',
    ]);
    const fixed = await report('--fix', '--yes', '--container', 'podman-own');
    expect(fixed.fixes.map((fix) => [fix.recipe, fix.status])).toEqual([
      ['allow-container-subnet', 'verified'],
    ]);
    expect(row(fixed, 'container-reach', 'podman-own')?.status).toBe('pass');
  });

  const url = async (...args: string[]) =>
    lab.host.exec(
      ['sudo', '-n', 'node', '/opt/ollama-doctor/bin/ollama-doctor.js', 'url', '--timeout', '60000', ...args],
      { user: 'dora', timeoutMs: 90_000 },
    );

  test('url finds a way that works from each', async () => {
    for (const [name, works] of Object.entries({
      'podman-own': toHost,
      pasta: toHostInPodman,
      slirp: toHostInPodman,
      'rootless-own-gateway': toHostInPodman,
      'rootless-docker': lan,
      'docker-host': localhost,
    }))
      expect([name, (await url('--from', name)).stdout]).toEqual([name, `${works}\n`]);
  });

  test('two containers of one name: url wants to know which, and each is told what became of it alone', async () => {
    await lab.run('docker', 'twin', '-e', `OLLAMA_URL=${toHost}`, ...withName);
    await lab.run('podman', 'twin', '-e', `OLLAMA_URL=${toHost}`, '--network', 'pown');
    const both = await url('--from', 'twin');
    expect([both.exitCode, both.stdout]).toEqual([2, '']);
    expect(both.stderr).toContain(
      'docker (unix:///var/run/docker.sock) and podman (unix:///run/podman/podman.sock)',
    );
    expect((await url('--from', 'twin', '--runtime', 'podman')).stdout).toBe(`${toHost}\n`);
    // The rule lets podman's network in, and not Docker's default one: each is told what became of it alone.
    const seen = await report('--container', 'twin');
    const reach = seen.checks.filter((one) => one.id === 'container-reach');
    expect(reach.map((one) => [one.subjectId?.runtime, one.status])).toEqual([
      ['docker', 'fail'],
      ['podman', 'pass'],
    ]);
  });

  test('undo takes it all back', async () => {
    for (let more = 0; more < 2; more += 1) expect((await lab.host.doctor(['undo'])).exitCode).toBe(0);
    await lab.host.must([
      'sh',
      '-c',
      'for i in $(seq 150); do curl -sf localhost:11434/ && exit; sleep 0.2; done; exit 1',
    ]);
    expect(await lab.host.must(['ss', '-Hltn', 'sport = 11434'])).toContain('127.0.0.1:11434');
  });
});
