import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simulate } from '../../src/machine/simulated.ts';
import type { SimulationScript } from '../../src/machine/simulated.ts';
import { parseEndpoint } from '../../src/runtimes/docker/address.ts';
import { activationOf, listenersOf, parseUnitStates } from '../../src/runtimes/endpoints/activation.ts';
import { readInfo, readVersion } from '../../src/runtimes/endpoints/classify.ts';
import { contextEndpoint, contextFile, currentContext } from '../../src/runtimes/endpoints/contexts.ts';
import { findRuntimes } from '../../src/runtimes/index.ts';
import { engineAnswer } from './fixtures.ts';

const here = { local: true };

describe('telling engines apart by their own answers', () => {
  test.each([
    ['20.10', 'docker', '20.10.24+dfsg1', '1.41'],
    ['26.1', 'docker', '26.1.5+dfsg1', '1.45'],
    ['podman-5.4', 'podman', '5.4.2', '1.41'],
  ])('%s is %s %s', (engine, runtime, version, apiVersion) => {
    expect(readVersion(engineAnswer(engine, 'version'))).toEqual({ runtime, version, apiVersion });
  });

  test('what answers and is no engine is none', () => {
    expect(readVersion({ version: '0.9.0' })).toBeUndefined();
    expect(readVersion('<html>')).toBeUndefined();
  });

  test('Debian’s engine is a plain, rootful engine; Podman’s is Podman', () => {
    expect(readInfo('docker', engineAnswer('26.1', 'info'), here)).toMatchObject({
      product: 'docker-engine',
      rootless: false,
      daemonId: expect.stringMatching(/.+/u) as unknown,
    });
    expect(readInfo('podman', engineAnswer('podman-5.4', 'info'), here)).toMatchObject({ product: 'podman' });
  });

  test.each([
    [{ OperatingSystem: 'Docker Desktop', Name: 'docker-desktop' }, 'docker-desktop'],
    [{ OperatingSystem: 'Alpine', Labels: ['com.docker.desktop.address=unix:///x'] }, 'docker-desktop'],
    [{ OperatingSystem: 'Docker Desktop', Labels: ['cloud.docker.run.version=1'] }, 'remote'],
    [{ OperatingSystem: 'OrbStack', Name: 'orbstack' }, 'orbstack'],
    [{ OperatingSystem: 'Alpine Linux', Name: 'lima-rancher-desktop' }, 'rancher-desktop'],
    [{ OperatingSystem: 'Rancher Desktop WSL Distribution', Name: 'pc' }, 'rancher-desktop'],
    [{ OperatingSystem: 'Ubuntu', Name: 'colima-work' }, 'colima'],
    [{ OperatingSystem: 'Ubuntu', Name: 'lima-default' }, 'lima'],
    [{ OperatingSystem: 'Ubuntu 24.04', Name: 'web1' }, 'docker-engine'],
    [{}, 'unknown'],
  ])('%j is %s', (info, product) => {
    expect(readInfo('docker', info, here).product).toBe(product);
  });

  test('an engine elsewhere is remote, and a rootless one says so', () => {
    expect(readInfo('docker', { OperatingSystem: 'Debian', Name: 'x' }, { local: false }).product).toBe(
      'remote',
    );
    const rootless = { Name: 'x', SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'] };
    expect(readInfo('docker', rootless, here).rootless).toBe(true);
  });

  test('no answer of any shape makes it throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(['docker', 'podman', undefined]).toContain(readVersion(value)?.runtime);
        expect(readInfo('docker', value, here).product).toMatch(/./u);
      }),
    );
  });
});

describe('endpoint addresses', () => {
  test.each([
    ['unix:///var/run/docker.sock', { kind: 'socket', socketPath: '/var/run/docker.sock' }],
    ['npipe:////./pipe/docker_engine', { kind: 'socket', socketPath: '//./pipe/docker_engine' }],
    ['tcp://10.0.0.1:2375', { kind: 'tcp', host: '10.0.0.1', port: 2375 }],
    ['tcp://[::1]:99', { kind: 'tcp', host: '::1', port: 99 }],
    ['tcp://10.0.0.1', { kind: 'tcp', host: '10.0.0.1', port: 2375 }],
  ])('%s', (endpoint, address) => {
    expect(parseEndpoint(endpoint)).toEqual(address);
  });

  test.each(['ssh://me:pw@far', 'tcp://10.0.0.1:2376', 'docker.sock', '', 'unix://', 'tcp://:::'])(
    '%j cannot be asked, with a reason and a help that hold no password',
    (endpoint) => {
      const address = parseEndpoint(endpoint);
      expect(address).toMatchObject({ kind: 'unsupported', reason: expect.any(String) as unknown });
      expect(JSON.stringify(address)).not.toContain('pw');
    },
  );
});

describe('the context of Docker’s CLI', () => {
  test('its file is named by the SHA-256 of its name', () => {
    expect(contextFile('/home/dora/.docker', 'foo')).toBe(
      '/home/dora/.docker/contexts/meta/2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae/meta.json',
    );
  });

  test('reads what the CLI writes, and nothing out of garbage', () => {
    expect(currentContext('{"auths":{},"currentContext":"desktop-linux"}')).toBe('desktop-linux');
    const meta =
      '{"Name":"x","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///d.sock","SkipTLSVerify":false}}}';
    expect(contextEndpoint(meta)).toBe('unix:///d.sock');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect([undefined, 'string']).toContain(currentContext(text) && 'string');
        expect([undefined, 'string']).toContain(contextEndpoint(text) && 'string');
      }),
    );
  });
});

describe('whether connecting would start a service', () => {
  const units = (docker: string, socket: string, podmanSocket = 'inactive', load = 'loaded') =>
    parseUnitStates(
      [
        `Id=docker.service\nLoadState=${load}\nActiveState=${docker}`,
        `Id=docker.socket\nLoadState=${load}\nActiveState=${socket}`,
        'Id=podman.service\nLoadState=loaded\nActiveState=inactive',
        `Id=podman.socket\nLoadState=loaded\nActiveState=${podmanSocket}`,
      ].join('\n\n'),
    );

  test.each([
    ['active', 'active', { state: 'safe' }],
    ['activating', 'active', { state: 'safe' }],
    ['inactive', 'active', { state: 'would-start', unit: 'docker.service' }],
    ['failed', 'active', { state: 'would-start', unit: 'docker.service' }],
    ['inactive', 'inactive', { state: 'stopped', unit: 'docker.service' }],
  ])('docker.service %s, docker.socket %s', (service, socket, outcome) => {
    expect(activationOf('docker', units(service, socket))).toEqual(outcome);
  });

  test('Docker’s socket may be a link to Podman’s', () => {
    expect(activationOf('docker', units('inactive', 'inactive', 'active', 'not-found'))).toEqual({
      state: 'would-start',
      unit: 'podman.service',
    });
  });

  test('who holds a user’s socket, from ss', () => {
    const line = (users: string): string =>
      `u_str LISTEN 0 4096 /run/user/1000/podman/podman.sock 27 * 0 users:(${users})`;
    const path = '/run/user/1000/podman/podman.sock';
    expect(listenersOf(line('("systemd",pid=900,fd=20)'), path)).toEqual(['systemd']);
    expect(listenersOf(line('("podman",pid=7,fd=3),("systemd",pid=900,fd=20)'), path)).toEqual([
      'podman',
      'systemd',
    ]);
    expect(listenersOf('u_str LISTEN 0 1 /other 1 * 0', path)).toBeUndefined();
  });

  test('no text makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(activationOf('docker', parseUnitStates(text)).state).toMatch(/./u);
        expect(listenersOf(text, '/x') ?? []).toBeInstanceOf(Array);
      }),
    );
  });
});

describe('finding engines', () => {
  const dockerAt = (socket: string, engine = '26.1'): NonNullable<SimulationScript['request']> => ({
    [`${socket} /version`]: { status: 200, body: engineAnswer(engine, 'version') },
    [`${socket} /info`]: { status: 200, body: engineAnswer(engine, 'info') },
  });
  const unitsCommand =
    'systemctl show docker.service docker.socket podman.service podman.socket --property=Id,LoadState,ActiveState';
  const unitsOutput = (
    docker: string,
    dockerSocket: string,
    podman = 'inactive',
    podmanSocket = 'inactive',
  ): string =>
    [
      `Id=docker.service\nLoadState=loaded\nActiveState=${docker}`,
      `Id=docker.socket\nLoadState=loaded\nActiveState=${dockerSocket}`,
      `Id=podman.service\nLoadState=loaded\nActiveState=${podman}`,
      `Id=podman.socket\nLoadState=loaded\nActiveState=${podmanSocket}`,
    ].join('\n\n');
  const noSocket = { outcome: 'failed', detail: 'there is no socket (ENOENT)', elapsedMs: 0 } as const;
  const find = (script: SimulationScript, options = {}) => {
    const machine = simulate(script);
    return findRuntimes(machine, options).then((found) => ({ found, asked: machine.asked }));
  };

  test('Docker at its default socket', async () => {
    const { found } = await find({
      run: { [unitsCommand]: unitsOutput('active', 'active') },
      request: { ...dockerAt('/var/run/docker.sock'), '/run/podman/podman.sock /version': noSocket },
    });
    expect(found[0]).toEqual({
      runtime: 'docker',
      endpoint: 'unix:///var/run/docker.sock',
      foundBy: 'default socket',
      state: {
        state: 'answers',
        version: '26.1.5+dfsg1',
        apiVersion: '1.45',
        product: 'docker-engine',
        rootless: false,
      },
    });
  });

  test('a socket that systemd holds for a stopped service is not touched', async () => {
    const { found, asked } = await find({
      run: { [unitsCommand]: unitsOutput('inactive', 'active', 'inactive', 'active') },
      request: dockerAt('/var/run/docker.sock'),
      files: { '/run/podman/podman.sock': '' },
    });
    expect(found.map((one) => one.state)).toEqual([
      { state: 'unreachable', detail: 'docker.service is not running, and connecting would start it' },
      { state: 'unreachable', detail: 'podman.service is not running, and connecting would start it' },
    ]);
    expect(asked.filter((question) => question.includes('/version'))).toEqual([]);
  });

  test('systemd is not asked about a daemon whose own pid file says that it runs', async () => {
    const running = { '/run/docker.pid': '812\n', '/proc/812/comm': 'dockerd\n' };
    const { found, asked } = await find({ request: dockerAt('/var/run/docker.sock'), files: running });
    expect(found[0]?.state).toMatchObject({ state: 'answers' });
    expect(asked.filter((question) => question.includes('systemctl'))).toEqual([]);
    const stale = { ...running, '/proc/812/comm': 'bash\n' };
    const again = await find({
      run: { [unitsCommand]: unitsOutput('inactive', 'active', 'inactive', 'inactive') },
      request: dockerAt('/var/run/docker.sock'),
      files: stale,
    });
    expect(again.found[0]?.state).toMatchObject({ state: 'unreachable' });
  });

  test('a running dockerd is asked without asking systemd, and sockets that are not there not at all', async () => {
    const { found, asked } = await find({
      identity: { uid: 1000 },
      files: { '/run/docker.pid': '77\n', '/proc/77/comm': 'dockerd\n' },
      request: dockerAt('/var/run/docker.sock'),
    });
    expect(found.map((one) => one.state.state)).toEqual(['answers']);
    expect(asked.filter((question) => /^run |podman\.sock|user\/1000\/docker\.sock/u.test(question))).toEqual(
      [],
    );
  });

  test('permission denied says what would let it look', async () => {
    const denied = {
      outcome: 'unavailable',
      detail: 'permission denied on /var/run/docker.sock (EACCES)',
      elapsedMs: 0,
    } as const;
    const { found } = await find({
      identity: { user: 'nora', uid: 1001 },
      request: { '/var/run/docker.sock /version': denied, '/var/run/docker.sock /info': denied },
    });
    expect(found[0]?.state).toMatchObject({
      state: 'denied',
      help: expect.stringMatching(/sudo.*docker group/u) as unknown,
    });
  });

  test('DOCKER_HOST goes before everything, and no other Docker is looked for', async () => {
    const { found, asked } = await find({
      identity: { env: { DOCKER_HOST: 'unix:///nowhere.sock', DOCKER_CONTEXT: 'x' } },
      request: { '/nowhere.sock /version': noSocket, ...dockerAt('/var/run/docker.sock') },
    });
    const docker = found.filter((one) => one.runtime === 'docker');
    expect(docker).toEqual([
      {
        runtime: 'docker',
        endpoint: 'unix:///nowhere.sock',
        foundBy: 'DOCKER_HOST',
        state: { state: 'unreachable', detail: 'there is no socket at /nowhere.sock' },
      },
    ]);
    expect(asked.filter((question) => question.includes('/var/run/docker.sock'))).toEqual([]);
  });

  test('the CLI’s chosen context, also of the user behind sudo, whose comes first', async () => {
    const file = (home: string): string => contextFile(`${home}/.docker`, 'work');
    const meta = (path: string): string =>
      JSON.stringify({ Endpoints: { docker: { Host: `unix://${path}` } } });
    const { found } = await find({
      identity: { home: '/root', uid: 0, invokedBy: { user: 'dora', uid: 1000, home: '/home/dora' } },
      files: {
        '/root/.docker/config.json': '{"currentContext":"work"}',
        [file('/root')]: meta('/root.sock'),
        '/home/dora/.docker/config.json': '{"currentContext":"work"}',
        [file('/home/dora')]: meta('/dora.sock'),
      },
      request: { ...dockerAt('/dora.sock', '20.10'), ...dockerAt('/root.sock') },
    });
    expect(found.slice(0, 2).map((one) => [one.endpoint, one.foundBy])).toEqual([
      ['unix:///dora.sock', 'context work'],
      ['unix:///root.sock', 'context work'],
    ]);
  });

  test('a context whose file is missing is said, and one daemon behind two sockets is one engine', async () => {
    const { found } = await find({
      identity: { env: { DOCKER_CONTEXT: 'gone', CONTAINER_HOST: 'unix:///two.sock' } },
      request: { ...dockerAt('/var/run/docker.sock'), ...dockerAt('/two.sock') },
    });
    expect(found[0]?.state).toMatchObject({
      state: 'inconclusive',
      detail: expect.stringContaining('missing') as unknown,
    });
    expect(found.filter((one) => one.state.state === 'answers')).toHaveLength(1);
  });

  test('Podman’s Docker-compatible socket is Podman, wherever it was found', async () => {
    const { found } = await find({ request: dockerAt('/var/run/docker.sock', 'podman-5.4') });
    expect(found[0]).toMatchObject({ runtime: 'podman', state: { product: 'podman', version: '5.4.2' } });
    const only = await find(
      { request: dockerAt('/var/run/docker.sock', 'podman-5.4') },
      { runtime: 'docker' },
    );
    expect(only.found.filter((one) => one.state.state === 'answers')).toEqual([]);
  });

  test('an ssh endpoint is not asked and says why; garbage in place of an engine is no engine', async () => {
    const ssh = await find({ identity: { env: { DOCKER_HOST: 'ssh://me@far' } } });
    expect(ssh.found[0]?.state).toMatchObject({
      state: 'inconclusive',
      help: expect.stringMatching(/that machine/u) as unknown,
    });
    const web = await find({
      identity: { env: { DOCKER_HOST: 'tcp://127.0.0.1:8080' } },
      request: { 'http://127.0.0.1:8080/version': { status: 200, body: '<html>' } },
    });
    expect(web.found[0]?.state.state).toBe('inconclusive');
  });
});
